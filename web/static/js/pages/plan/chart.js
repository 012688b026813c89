/** How much more is seen with each further camera, under what no choice could exceed. */

import { t } from "lib/words.js";
import { percent } from "./format.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [372, 190, 46, 12, 22, 26];
const SVG = "http://www.w3.org/2000/svg";

function part(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/**
 * Return the chart.
 * @param {{share_before: number, bound_share: number, marginal: {cameras: number, share: number}[]}} result marginal begins with 0 cameras
 */
export function chart({ share_before: before, bound_share: bound, marginal }) {
  const last = Math.max(1, marginal.at(-1)?.cameras ?? 0);
  const top = Math.max(bound, before + 1e-9, ...marginal.map((one) => one.share));
  const x = (cameras) => LEFT + (cameras / last) * (WIDTH - LEFT - RIGHT);
  const y = (share) => HEIGHT - BOTTOM - ((share - before) / (top - before)) * (HEIGHT - TOP - BOTTOM);
  const steps = marginal.length ? marginal.map((one) => [one.cameras, one.share]) : [[0, before]];
  const reached = steps.at(-1)[1];
  const title = t("From %(before)s to %(reached)s with %(n)s cameras; at most %(bound)s is possible", {
    before: percent(before), reached: percent(reached), n: last, bound: percent(bound) });
  const drawing = part("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img", "aria-label": title });
  drawing.append(
    part("path", { class: "axis", d: `M${LEFT} ${TOP - 8}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` }),
    part("path", { class: "gain", d: `M${steps.map(([n, share]) => `${x(n).toFixed(1)} ${y(share).toFixed(1)}`).join("L")}` }),
    part("path", { class: "bound", d: `M${LEFT} ${y(bound).toFixed(1)}H${WIDTH - RIGHT}` }),
    part("text", { class: "bound-text", x: WIDTH - RIGHT, y: y(bound) - 6, "text-anchor": "end" }, t("upper bound %(share)s", { share: percent(bound) })),
    part("circle", { class: "end", cx: x(last), cy: y(reached), r: 3.5 }),
    part("text", { x: LEFT - 6, y: HEIGHT - BOTTOM + 4, "text-anchor": "end" }, percent(before)),
    part("text", { x: LEFT - 6, y: y(reached) + (reached - before < (top - before) * 0.12 ? -10 : 4), "text-anchor": "end" }, percent(reached)),
    part("text", { x: LEFT, y: HEIGHT - 8, "text-anchor": "middle" }, "0"),
    part("text", { x: WIDTH - RIGHT, y: HEIGHT - 8, "text-anchor": "end" }, t("%(n)s cameras", { n: last })),
  );
  drawing.append(...marginal.slice(1).map((one) => {
    const dot = part("rect", { class: "hit", x: x(one.cameras - 0.5), y: TOP, width: Math.max(2, (WIDTH - LEFT - RIGHT) / last), height: HEIGHT - TOP - BOTTOM });
    dot.append(part("title", {}, `${one.cameras}: ${percent(one.share)}`));
    return dot;
  }));
  return drawing;
}
