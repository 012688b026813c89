/** Discovery: how far a search is, and what is chosen to be added. */

import { keepAges } from "lib/ages.js";
import { get } from "lib/api.js";
import { one } from "lib/dom.js";
import { t } from "lib/words.js";

const EVERY_MS = 1500;
const boxes = [...document.querySelectorAll("input[name=found]")];

function choose() {
  const count = boxes.filter((box) => box.checked).length;
  one("#adding").hidden = count === 0;
  one("#chosen").textContent = count;
}

function sum({ kind, done, total, found }) {
  return kind === "sweep"
    ? t("%(done)s of %(total)s addresses, %(found)s devices", { done, total, found })
    : t("%(done)s of %(total)s devices, %(found)s added", { done, total, found });
}

/** Write how far each open run is; return whether one is still open. */
function show({ runs, counts }) {
  for (const run of runs) {
    const row = document.querySelector(`[data-run="${run.id}"]`);
    if (!row) continue;
    one("[data-part=state]", row).textContent = run.state_label;
    one("[data-part=sum]", row).textContent = sum(run);
    const bar = row.querySelector("progress");
    if (bar) [bar.max, bar.value] = [run.total || 1, run.done];
  }
  for (const place of counts ? document.querySelectorAll("[data-standing]") : []) {
    const count = String(counts[place.dataset.standing] ?? 0);
    if (place.textContent !== count) one("#stale").hidden = false;
    place.textContent = count;
  }
  return runs.some((run) => run.is_open);
}

async function follow() {
  while (show(await get("/api/v1/discovery").catch(() => ({ runs: [{ is_open: true }], counts: null })))) {
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
  // What somebody has begun to choose is not thrown away.
  if (!boxes.some((box) => box.checked)) location.reload();
}

for (const box of boxes) box.addEventListener("change", choose);
document.querySelector("#choose-page")?.addEventListener("change", ({ target }) => {
  for (const box of boxes) box.checked = target.checked;
  choose();
});
choose();
keepAges(document);
if (document.querySelector("#runs progress")) await follow();
