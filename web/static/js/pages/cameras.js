/** The table of cameras: rows by keyboard, choosing many, and changing them after a look at what changes. */

import { keepAges } from "lib/ages.js";
import { post } from "lib/api.js";
import { make, one } from "lib/dom.js";
import { t } from "lib/words.js";

const table = one("#cameras");
const rows = [...table.querySelectorAll("tbody tr[data-code]")];
const bulk = document.querySelector("#bulk");
let here = -1;
let everything = false;

keepAges(document);

function go(to) {
  if (!rows.length) return;
  rows[here]?.classList.remove("here");
  here = Math.min(rows.length - 1, Math.max(0, to));
  rows[here].classList.add("here");
  rows[here].querySelector("a").focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => go(here + 1),
  ArrowDown: () => go(here + 1),
  k: () => go(here - 1),
  ArrowUp: () => go(here - 1),
  x: () => rows[here]?.querySelector("[name=code]")?.click(),
  "/": () => one("[name=q]").focus(),
  n: () => document.querySelector("[rel=next]")?.click(),
  p: () => document.querySelector("[rel=prev]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const boxes = () => [...table.querySelectorAll("[name=code]")];
const chosen = () => boxes().filter((box) => box.checked).map((box) => box.value);

function count() {
  const all = one("#choose-all");
  one("#chosen-count").textContent = everything ? all.dataset.total : chosen().length;
  bulk.hidden = chosen().length === 0;
  all.hidden = everything || Number(all.dataset.total) <= rows.length;
}

function showValueField() {
  const name = one("#bulk-field").value;
  const choices = [...bulk.querySelectorAll("select[data-field]")];
  for (const select of choices) select.hidden = select.dataset.field !== name;
  one("#bulk-text").hidden = choices.some((select) => !select.hidden);
}

const order = (apply) => ({
  ...(everything ? { filter: JSON.parse(table.dataset.filter) } : { codes: chosen() }),
  field: one("#bulk-field").value,
  value: (bulk.querySelector("select[data-field]:not([hidden])") ?? one("#bulk-text")).value,
  apply,
});

async function preview() {
  const report = one("#bulk-report");
  try {
    const answer = await post("/api/v1/cameras/bulk", order(false));
    const lines = answer.shown.map((row) => make("tr", {}, make("td", { class: "code", text: row.code }), make("td", { text: row.name }),
      make("td", { text: `${row.value || "—"} → ${answer.value || "—"}` })));
    const more = answer.changes - answer.shown.length;
    report.replaceChildren(
      make("h2", { text: t("%(n)s of %(m)s cameras change", { n: answer.changes, m: answer.chosen }) }),
      make("table", {}, make("tbody", {}, ...lines)),
      ...(more > 0 ? [make("p", { class: "muted", text: t("and %(n)s more", { n: more }) })] : []),
      make("div", { class: "row" }, make("button", { class: "main", text: t("Change them"), disabled: answer.changes === 0, on: { click: apply } }), closer()),
    );
  } catch (problem) {
    report.replaceChildren(make("p", { class: "message bad", role: "alert", text: problem.message }), closer());
  }
  one("#bulk-preview").showModal();
}

const closer = () => make("button", { class: "quiet", text: t("Cancel"), on: { click: () => one("#bulk-preview").close() } });

async function apply() {
  try {
    await post("/api/v1/cameras/bulk", order(true));
    location.reload();
  } catch (problem) {
    one("#bulk-report").replaceChildren(make("p", { class: "message bad", role: "alert", text: problem.message }), closer());
  }
}

// Labels are for what is chosen, and for the whole filter when nothing is.
for (const link of document.querySelectorAll("a.labels")) {
  const all = link.href;
  link.addEventListener("click", () => {
    const codes = everything ? [] : chosen();
    const address = new URL(all);
    for (const code of codes) address.searchParams.append("code", code);
    link.href = address.href;
  });
}

if (bulk) {
  table.addEventListener("change", () => { everything = false; count(); });
  one("#choose-page").addEventListener("change", (event) => {
    for (const box of boxes()) box.checked = event.target.checked;
  });
  one("#choose-all").addEventListener("click", () => { everything = true; count(); });
  one("#bulk-field").addEventListener("change", showValueField);
  bulk.addEventListener("submit", (event) => { event.preventDefault(); preview(); });
  showValueField();
}
