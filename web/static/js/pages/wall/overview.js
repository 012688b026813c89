/** What stands at the right when nothing is in hand, and many devices lost together. */

import { age } from "lib/ages.js";
import { make } from "lib/dom.js";
import { label, language, t } from "lib/words.js";
import { signOf, signOfMany } from "map/symbols.js";

import { key } from "./parts.js";

const STATES = ["offline", "degraded", "unknown"];

/** Return the cameras of every town, the worst first. */
export function townsFocus(towns) {
  const hint = make("p", { class: "sub", text: t("Choose a line or a camera. ↑ ↓ walk through the list, / searches, 1 to 5 switch layers.") });
  if (!towns) return { title: t("Towns"), parts: [make("p", { class: "sub", text: t("Loading …") })], acts: {} };
  if (!towns.length) return { title: t("Towns"), parts: [make("p", { class: "sub", text: t("No towns yet: import the areas on the page “Import”.") }), hint], acts: {} };
  const wrong = (town) => town.offline * 1e6 + town.degraded * 1e3 + town.unknown;
  const rows = [...towns].sort((a, b) => wrong(b) - wrong(a)).map(row);
  const head = make("tr", {}, make("th", { text: t("Town") }), make("th", { text: t("In use") }), ...STATES.map((health) => make("th", {}, signOf(health, 16), make("span", { class: "sr-only", text: label("Health", health) }))));
  const room = Math.max(6, Math.floor((innerHeight - 320) / 35));
  const rest = rows.length > room ? [make("p", { class: "sub", text: t("%(n)s more", { n: rows.length - room }) })] : [];
  return { title: t("Towns"), note: String(towns.length), parts: [make("table", { class: "towns" }, make("thead", {}, head), make("tbody", {}, ...rows.slice(0, room))), ...rest, hint], acts: {} };
}

function row(town) {
  const number = (n, look) => make("td", { class: n ? look : "", text: n ? n.toLocaleString(language) : "·" });
  return make("tr", {}, make("td", { text: town.name }), number(town.in_use, ""), ...STATES.map((health) => number(town[health], health)));
}

/** Return devices lost together: one cause to look for, not many. */
export function manyFocus({ row: line, lng, lat }, { onShow }) {
  const enter = () => onShow(lng, lat);
  const parts = [
    make("div", {}, make("div", { class: "place", text: line.area ?? t("Lies in no area") }), make("div", { class: "sub", text: t("%(n)s devices at once", { n: line.devices }) })),
    make("div", { class: "state" }, signOfMany(), make("b", { text: line.why }), make("time", { text: age(line.since) }), make("small", { text: line.advice })),
    make("p", { class: "sub", text: t("Many devices of one place lost in the same minutes have one cause: look at the link, the switch and the power there first.") }),
    make("div", { class: "keys" }, key(t("Show on the map"), "Enter", enter, "wide")),
  ];
  return { title: t("Lost together"), note: String(line.devices), parts, acts: { enter } };
}
