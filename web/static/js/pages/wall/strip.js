/** The last 24 hours of a camera as a strip: what no stretch covers is drawn as unknown, never left out. */

import { exact } from "lib/ages.js";
import { make } from "lib/dom.js";
import { label, t } from "lib/words.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 960;
const HEIGHT = 26;

/**
 * Fill the silence between stretches.
 * @param {{health: string, from: number, to: number}[]} stretches in shares of the strip
 * @returns {{health: string, from: number, to: number}[]} from 0 to 1 without a hole
 */
export function withSilence(stretches) {
  const whole = [];
  let at = 0;
  for (const one of stretches) {
    if (one.from > at + 1e-6) whole.push({ health: "unknown", from: at, to: one.from });
    whole.push(one);
    at = Math.max(at, one.to);
  }
  if (at < 1 - 1e-6) whole.push({ health: "unknown", from: at, to: 1 });
  return whole;
}

/** Return the strip as an element. */
export function strip(stretches) {
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": t("Health of the last 24 hours") });
  svg.append(hatching(), ...withSilence(stretches).map(bar));
  const hours = ["-24 h", "-18 h", "-12 h", "-6 h", t("now")].map((text) => make("span", { text }));
  return make("div", { class: "strip" }, svg, make("div", { class: "hours" }, ...hours));
}

function bar({ health, from, to, why, since }) {
  const shape = element("rect", { class: health, x: from * WIDTH, width: Math.max(1.5, (to - from) * WIDTH), y: 0, height: HEIGHT });
  const words = element("title", {});
  words.textContent = [label("Health", health), why, since && exact(since)].filter(Boolean).join(" · ");
  shape.append(words);
  return shape;
}

function hatching() {
  const pattern = element("pattern", { id: "silence", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(element("rect", { width: 8, height: 8, fill: "#201f2d" }), element("rect", { width: 2.5, height: 8, fill: "#5f5784" }));
  const holder = element("defs", {});
  holder.append(pattern);
  return holder;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
