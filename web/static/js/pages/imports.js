/** One import: what its columns are, the dry run, and applying it; a worker does the work. */

import { get, post } from "lib/api.js";
import { make, one } from "lib/dom.js";
import { label, t } from "lib/words.js";

const POLL_MS = 700;
const PATIENCE_MS = 5000;
const start = JSON.parse(one("#start").textContent);
const path = `/api/v1/imports/${start.id}`;
const form = one("#choices");
const said = one("#said");
const BUSY = { checking: t("Checking the file …"), applying: t("Writing …") };
let checkedAs = null;

function say(words, kind = "") {
  said.textContent = words;
  said.className = `message ${kind}`;
  said.hidden = !words;
}

/** Return the chosen columns by field; a field that was recognised and is chosen no more is left out by name. */
function columns() {
  const chosen = {};
  for (const select of form.querySelectorAll("[data-header]")) {
    if (select.value) chosen[select.value] = select.dataset.header;
  }
  for (const name of Object.keys(start.recognised)) chosen[name] ??= "";
  return chosen;
}

function choices() {
  const { parents, skip_errors: _, kind_of_all: kind, ...given } = Object.fromEntries(new FormData(form));
  const fixed = kind ? { kind } : {};
  return { ...given, columns: columns(), fixed, parent_by_geometry: parents === "geometry", skip_errors: form.elements.skip_errors.checked };
}

async function step(name) {
  const order = choices();
  try {
    await post(`${path}/${name}`, order);
    checkedAs = name === "check" ? JSON.stringify(order) : null;
    await follow();
  } catch (problem) {
    say(problem.message, "bad");
    ready();
  }
}

async function follow() {
  for (const button of [one("#check"), one("#apply")]) button.disabled = true;
  const begun = Date.now();
  for (;;) {
    const run = await get(path);
    if (!BUSY[run.state]) return show(run);
    if (run.waits && Date.now() - begun > PATIENCE_MS) {
      say(t("No worker has taken this up yet. Check that the worker runs; the import goes on by itself when it does."), "warn");
    } else say(BUSY[run.state]);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

function ready() {
  one("#check").disabled = one("#apply").disabled = false;
}

const VERDICTS = {
  applied: ["good", t("Done. What you see is written.")],
  refused: ["bad", t("Nothing was written. Correct the rows below, or leave them out, and check again.")],
  checked: ["", ""],
};

function show({ state, report }) {
  ready();
  const [kind, words] = VERDICTS[state] ?? ["", ""];
  say(words, kind);
  if (!report) {
    if (state === "refused") say(t("Something went wrong on the server. Nothing was written. The log has the details."), "bad");
    return;
  }
  one("#report").hidden = false;
  one("#report-title").textContent = state === "applied" ? t("What was changed") : t("4. What would change");
  for (const place of document.querySelectorAll("[data-sum]")) place.textContent = report[place.dataset.sum].toLocaleString();
  showProblems(report);
  const errors = report.problems.some(({ severity }) => severity === "error") && !form.elements.skip_errors.checked;
  const nothing = report.added + report.updated === 0;
  one("#apply").hidden = state !== "checked";
  one("#apply").disabled = errors || nothing;
  one("#verdict").textContent = state !== "checked" ? "" : errors ? t("Rows are refused, so nothing can be applied: correct them, or leave them out.")
    : nothing ? t("Nothing would change.") : "";
}

function showProblems({ problems, problem_count: count }) {
  one("#downloads").hidden = one("#problem-box").hidden = count === 0;
  one("#problems").replaceChildren(...problems.map(({ row, severity, field, reason }) =>
    make("tr", {}, make("td", { class: "number", text: row || t("file") }),
      make("td", {}, make("span", { class: `chip ${severity === "error" ? "bad" : "warn"}`, text: label("Severity", severity) })),
      make("td", { class: "code", text: field }), make("td", { text: reason }))));
  one("#more").hidden = count <= problems.length;
  one("#more").textContent = t("and %(n)s more; the download has them all", { n: count - problems.length });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  step("check");
});
form.addEventListener("change", () => {
  // What was checked is no longer what is chosen.
  if (checkedAs !== null && checkedAs !== JSON.stringify(choices())) one("#apply").disabled = true;
  for (const select of form.querySelectorAll("[data-header]")) select.parentElement.classList.toggle("taken", select.value !== "");
});
one("#apply").addEventListener("click", () => step("apply"));
if (start.state !== "waiting") await follow();
