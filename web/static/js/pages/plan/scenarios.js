/** The list of scenarios: what is recorded first, then each with its cameras and cost; made, named, shared, compared. */

import { age } from "lib/ages.js";
import { get } from "lib/api.js";
import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";
import { ask, field } from "./dialogs.js";
import { count, gain, money, percent, withDoubt } from "./format.js";
import { CLASSES, choice } from "./lenses.js";

const densityChoice = (value) => choice(t("Seen means"), "px_per_m", CLASSES.map(([density, words]) => [density, words()]), value);

/**
 * Make the list.
 * @param {{list: HTMLElement, compare: HTMLButtonElement}} places
 * @param {{store: Object, mayEdit: boolean}} options
 */
export function createScenarios({ list, compare }, { store, mayEdit }) {
  const chosen = new Set();

  function show() {
    const known = new Set(store.scenarios.map((one) => one.id));
    for (const id of chosen) if (!known.has(id)) chosen.delete(id);
    compare.disabled = chosen.size < 2;
    const empty = mayEdit
      ? t("No scenario yet. Make one, then place cameras on the map or let them be computed.")
      : t("No scenario is shared with you yet.");
    fillWith(list, ...(store.scenarios.length ? store.scenarios.map(card) : [make("li", { class: "muted", text: empty })]));
  }

  function card(one) {
    const isOpen = store.scenario?.id === one.id;
    const box = make("input", { type: "checkbox", checked: chosen.has(one.id), "aria-label": t("Compare %(name)s", { name: one.name }), on: { change: ({ target }) => pick(one.id, target.checked) } });
    const open = make("button", { type: "button", class: "open", "aria-pressed": String(isOpen), on: { click: () => store.open(one.id) } },
      make("b", { text: one.name }), make("span", { text: t("%(n)s cameras", { n: one.cameras }) }));
    const about = [one.area_name, one.cost ? t("cost %(cost)s", { cost: money(one.cost) }) : "", one.shared ? t("shared") : t("only you see it"),
      one.mine ? "" : one.author, one.adopted_at ? t("adopted") : "", t("changed %(ago)s ago", { ago: age(one.changed_at) })];
    return make("li", { class: `scenario ${isOpen ? "on" : ""}` }, make("div", { class: "row" }, box, open),
      make("small", { text: about.filter(Boolean).join(" · ") }), ...(isOpen && mayEdit ? [keys(one)] : []));
  }

  function keys(one) {
    const key = (text, click, kind = "") => make("button", { type: "button", class: `small ${kind}`, text, on: { click } });
    return make("div", { class: "row keys" }, key(t("Settings"), () => rename(one)), key(t("Copy"), () => copy(one)),
      key(one.shared ? t("Take back") : t("Share"), () => store.about({ shared: !one.shared })), key(t("Put away"), () => store.putAway(one.id), "danger"));
  }

  function pick(id, isChosen) {
    if (isChosen) chosen.add(id);
    else chosen.delete(id);
    show();
  }

  async function begin() {
    const { areas } = await get("/api/v1/areas").catch(() => ({ areas: [] }));
    const places = areas.flatMap((area) => [[area.code, area.name]]);
    ask({
      title: t("New scenario"), verb: t("Make it"), act: ({ name, area, px_per_m }) => store.asked.make({ name, area: area || null, px_per_m: Number(px_per_m) }),
      body: [field(t("Name"), make("input", { name: "name", required: true, maxlength: 80, value: t("Scenario %(n)s", { n: store.scenarios.length + 1 }) })),
        field(t("Area it is about"), areaInput(places[0]?.[0] ?? "", places)), densityChoice(25)],
    });
  }

  function rename(one) {
    ask({
      title: t("Settings of the scenario"), verb: t("Save"),
      act: ({ name, note, area, px_per_m }) => store.asked.about({ name, note, area: area || null, px_per_m: Number(px_per_m) }),
      body: [field(t("Name"), make("input", { name: "name", required: true, maxlength: 80, value: one.name })),
        field(t("Note"), make("input", { name: "note", maxlength: 500, value: one.note ?? "" })),
        field(t("Area it is about"), areaInput(one.area ?? "", one.area ? [[one.area, one.area_name]] : [])), densityChoice(one.px_per_m)],
    });
  }

  function copy(one) {
    ask({ title: t("Copy the scenario"), verb: t("Copy"), act: ({ name }) => store.asked.make({ name, copy_of: one.id }),
      body: [field(t("Name of the copy"), make("input", { name: "name", required: true, maxlength: 80, value: t("%(name)s, copy", { name: one.name }) }))] });
  }

  async function showCompared() {
    const query = [...chosen].map((id) => `scenario=${id}`).join("&");
    ask({ title: t("Scenarios side by side"), body: [make("p", { class: "muted", text: t("Computing …") })], wide: true });
    const answer = await get(`/api/v1/plan/compare?${query}`).catch((problem) => ({ problem }));
    const body = answer.problem ? [make("p", { class: "message bad", role: "alert", text: answer.problem.message })] : [compared(answer)];
    ask({ title: t("Scenarios side by side"), body, wide: true });
  }

  compare.addEventListener("click", showCompared);
  return { show, begin };
}

/** An area by its code; names are offered while one types. */
function areaInput(value, places) {
  const offered = make("datalist", { id: "areas-offered" }, ...places.map(([code, name]) => make("option", { value: code, text: name })));
  const input = make("input", { name: "area", value, list: "areas-offered", autocomplete: "off", placeholder: t("Code; type a name to look for it"), on: { input: look } });
  async function look() {
    if (input.value.length < 2) return;
    const { areas } = await get("/api/v1/areas", { query: { q: input.value } }).catch(() => ({ areas: [] }));
    fillWith(offered, ...areas.slice(0, 20).map((area) => make("option", { value: area.code, text: area.name })));
  }
  return make("span", {}, input, offered);
}

function compared({ scenarios, px_per_m: density }) {
  const row = (title, words) => make("tr", {}, make("th", { scope: "row", text: title }), ...scenarios.map((one) => make("td", { class: "number", text: words(one) })));
  const matter = (name) => ({ after }) => (after.matters?.[name] ? `${count(after.matters[name].seen)} / ${count(after.matters[name].of)}` : "—");
  return make("div", { class: "table-box" }, make("table", {},
    make("thead", {}, make("tr", {}, make("th", { scope: "col", text: t("at %(n)s px/m", { n: density }) }), ...scenarios.map((one) => make("th", { class: "number", scope: "col", text: one.name })))),
    make("tbody", {}, row(t("Cameras"), (one) => count(one.cameras)), row(t("Cost"), (one) => (one.cost ? money(one.cost) : "—")),
      row(t("Seen"), ({ after }) => withDoubt(after.share, after.low, after.high)), row(t("Gain"), (one) => gain(one.gain_share)),
      row(t("m² more for 1 of cost"), (one) => (one.gain_m2_per_cost ? count(one.gain_m2_per_cost) : "—")),
      row(t("Seen by two or more"), ({ after }) => percent(after.by_two_share)), row(t("Crossings seen"), matter("crossings")), row(t("Key places seen"), matter("places")),
      row(t("Plain sectors would say"), ({ after }) => percent(after.sectors_share)))));
}
