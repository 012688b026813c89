/** The legend of the wall: what each sign means, how many there are, and what the layer shown fills. */

import { fillWith, make } from "lib/dom.js";
import { label, language, t } from "lib/words.js";
import { HEALTH } from "map/points.js";
import { STYLES } from "map/style.js";
import { signOf } from "map/symbols.js";

/**
 * Fill the legend.
 * @param {HTMLElement} element
 * @param {?{health: Uint8Array}} points the cameras, or null before they came
 * @param {string} theme the layer shown
 */
export function fillLegend(element, points, theme) {
  const counts = new Uint32Array(HEALTH.length);
  points?.health.forEach((health) => counts[health]++);
  const lines = HEALTH.flatMap((health, n) => [signOf(health, 18), make("span", { text: nameOf(health) }), make("b", { text: counts[n].toLocaleString(language) })]);
  fillWith(element, ...lines, ...legendOf(theme));
}

const nameOf = (health) => (health === "maintenance" ? t("In maintenance") : label("Health", health));

function legendOf(theme) {
  if (theme === "views") return [swatch("views"), make("span", { text: t("Seen by a working camera") }), make("b")];
  if (theme === "gaps") return [swatch("gaps"), make("span", { text: t("Not seen by any working camera") }), make("b")];
  return [];
}

function swatch(name) {
  const box = make("i");
  box.style.background = STYLES.dark[name].fill;
  return box;
}
