/** What is wanted of the next cameras: how many, where they could stand, what they should see, for how long to look. */

import { get } from "lib/api.js";
import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";
import { count } from "./format.js";
import { isCrossing, isPole, kindName } from "./kinds.js";
import { anglesOf, lensChoice, number, widthChoice } from "./lenses.js";

const DEMAND = [
  ["crossings", 5, () => t("Road crossings")],
  ["roads", 0, () => t("Roads, per 100 m")],
  ["gaps", 0, () => t("Open ground, per 1,000 m²")],
  ["places", 0, () => t("Key places")],
  ["incidents", 0, () => t("Incidents of a year")],
];

/**
 * Make the form.
 * @param {{form: HTMLFormElement, fields: HTMLElement, empty: HTMLElement}} places
 * @param {{store: Object, mayEdit: boolean, onAsk: (wanted: Object) => void, onArea: (box: number[]) => void}} options
 */
export function createSiting({ form, fields, empty }, { store, mayEdit, onAsk, onArea }) {
  let of = null;

  async function show() {
    const scenario = store.scenario;
    const isReady = Boolean(scenario?.area) && mayEdit;
    fields.hidden = !isReady;
    empty.hidden = isReady;
    empty.textContent = !mayEdit ? t("Only editors may compute where cameras go.") : scenario ? t("Say in the settings of the scenario which area it is about.") : t("Choose or make a scenario first; what is computed goes into it.");
    if (!isReady || of === scenario.area) return;
    of = scenario.area;
    const kinds = await get("/api/v1/plan/kinds", { query: { area: of } }).catch(() => ({ places: [] }));
    fillWith(fields, ...formOf(kinds.places));
    if (kinds.box) onArea(kinds.box);
  }

  const tick = (name, value, text, isOn) => make("label", { class: "tick" }, make("input", { type: "checkbox", name, value, checked: isOn }), make("span", { text }));

  function formOf(places) {
    const offered = places.filter(({ kind }) => kind).slice(0, 12);
    const candidates = offered.map(({ kind, places: many }) => tick("place_kinds", kind, `${kindName(kind)} ${count(many)}`, isPole(kind)));
    const crossingKinds = offered.filter(({ kind }) => isCrossing(kind));
    return [
      number(t("Cameras to add"), "count", 20, { min: 1, max: 1000, step: 1, required: true }),
      make("fieldset", {}, make("legend", { text: t("They could stand at") }), ...candidates,
        tick("crossings", "1", t("crossings of roads"), !candidates.length), tick("corners", "1", t("corners of buildings"), false)),
      make("fieldset", {}, make("legend", { text: t("They should see, by weight") }),
        ...DEMAND.map(([name, weight, words]) => number(words(), `weight_${name}`, weight, { min: 0, max: 1000 })),
        ...crossingKinds.map(({ kind, places: many }) => tick("crossing_kinds", kind, t("%(kind)s count as crossings (%(n)s)", { kind: kindName(kind), n: count(many) }), true))),
      make("details", {}, make("summary", { text: t("Lens, money, time") }),
        lensChoice("4 mm"), widthChoice(2560), number(t("Height"), "height_m", 5, { unit: "m", min: 0, max: 100 }),
        number(t("Cost of one"), "cost", 0, { min: 0 }), number(t("Budget in money instead"), "money", "", { min: 0 }),
        number(t("Directions tried"), "headings", 8, { min: 1, max: 72, step: 1 }), number(t("Most on one pole"), "per_pole", 1, { min: 1, max: 4, step: 1 }),
        number(t("Time limit"), "time_limit_s", 10, { unit: "s", min: 1, max: 120 }),
        tick("backup", "1", t("Count twice what a second camera sees too"), false)),
      make("button", { class: "main", id: "siting-go", text: t("Compute") }),
    ];
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) onAsk(wantedOf(new FormData(form)));
  });
  return { show };
}

/** Return what the API wants to know, from the form. */
export function wantedOf(data) {
  const value = (name) => (data.get(name) === "" || data.get(name) === null ? null : Number(data.get(name)));
  const lens = { ...anglesOf(data.get("lens")), kind: "fixed", width_px: value("width_px"), height_m: value("height_m"), cost: value("cost") ?? 0 };
  return {
    ...(value("money") ? { money: value("money") } : { count: value("count") }),
    headings: value("headings"),
    per_pole: value("per_pole"),
    time_limit_s: value("time_limit_s"),
    backup: data.has("backup"),
    candidates: { place_kinds: data.getAll("place_kinds"), crossings: data.has("crossings"), corners: data.has("corners") },
    lenses: [lens],
    demand: { ...Object.fromEntries(DEMAND.map(([name]) => [name, value(`weight_${name}`) ?? 0])), crossing_kinds: data.getAll("crossing_kinds") },
  };
}
