/** Lenses and pictures to choose from; angles of a 1/2.7" chip, the commonest in such cameras. */

import { make } from "lib/dom.js";
import { t } from "lib/words.js";

/** Horizontal and vertical angle in degrees by focal length. */
export const LENSES = [
  ["2.8 mm", 107, 56],
  ["4 mm", 84, 45],
  ["6 mm", 54, 30],
  ["8 mm", 40, 22],
  ["12 mm", 24, 14],
];
export const WIDTHS = [[1920, "2 MP"], [2560, "4 MP"], [3840, "8 MP"]];
export const CLASSES = [
  [25, () => t("detect, 25 px/m")],
  [62.5, () => t("observe, 62.5 px/m")],
  [125, () => t("recognise, 125 px/m")],
  [250, () => t("identify, 250 px/m")],
];
/** What a camera is that nobody has said more of. */
export const USUAL = { kind: "fixed", lens: "4 mm", hfov_deg: 84, vfov_deg: 45, width_px: 2560, height_m: 5, tilt_deg: 15, bearing_deg: 0, cost: 0 };

/** Return the angles that go with a lens. */
export function anglesOf(lens) {
  const [, hfov, vfov] = LENSES.find(([name]) => name === lens);
  return { lens, hfov_deg: hfov, vfov_deg: vfov };
}

/** Return a labelled field; options as [value, text]. */
export function choice(title, name, options, value, attributes = {}) {
  const known = options.some(([one]) => one === value);
  const all = known || value === null || value === undefined || value === "" ? options : [[value, String(value)], ...options];
  const select = make("select", { name, ...attributes }, ...all.map(([one, text]) => make("option", { value: one, text, selected: one === value })));
  return make("label", { class: "line" }, make("span", { text: title }), select);
}

/** Return a labelled number with its unit. */
export function number(title, name, value, { unit = "", ...attributes } = {}) {
  const input = make("input", { type: "number", name, value: value ?? "", step: "any", inputmode: "decimal", ...attributes });
  return make("label", { class: "line" }, make("span", { text: title }), make("span", { class: "unit" }, input, make("small", { text: unit })));
}

export const lensChoice = (value) => choice(t("Lens"), "lens", LENSES.map(([name, hfov]) => [name, `${name} · ${hfov}°`]), value);
export const widthChoice = (value) => choice(t("Picture size"), "width_px", WIDTHS.map(([width, text]) => [width, `${text} · ${width} px`]), value);
