/** From the stretches of a sweep to rings that can be drawn; the rule for arcs is that of gis/outline.py. */

import { FULL } from "./edges.js";

const ARC_TOLERANCE_M = 0.001;
// Stretches this close together touch: hairs between them were left out.
const TOUCH_RAD = 1e-9;

/**
 * Return what is seen as polygons of rings of [x, y] in metres around the eye.
 * @param {{since: number, until: number, rSince: number, rUntil: number, onArc: boolean}[]} stretches
 * @param {{start: number, width: number, reach: number, near: number}} fan
 * @param {number} [tolerance] metres an arc may be off; coarser is drawn faster
 */
export function outline(stretches, fan, tolerance = ARC_TOLERANCE_M) {
  return runs(stretches, fan).map((run) => part(run, fan, tolerance));
}

/** Return the ring of the fan on open ground. */
export function sectorOf(fan, tolerance = ARC_TOLERANCE_M) {
  const whole = { since: 0, until: fan.width, rSince: fan.reach, rUntil: fan.reach, onArc: true };
  return part([whole], fan, tolerance);
}

/** Split into runs without a gap, joining the run that passes the start. */
function runs(stretches, fan) {
  const found = [];
  for (const one of stretches) {
    const last = found.at(-1)?.at(-1);
    if (last && one.since - last.until <= TOUCH_RAD) found.at(-1).push(one);
    else found.push([one]);
  }
  const passes = fan.width >= FULL && found.length > 1 && stretches[0].since <= TOUCH_RAD && stretches.at(-1).until >= fan.width - TOUCH_RAD;
  if (!passes) return found;
  const turned = found.shift().map((one) => ({ ...one, since: one.since + FULL, until: one.until + FULL }));
  found.at(-1).push(...turned);
  return found;
}

/** Return the rings of one run: out along its ends, back along the near blind zone or through the eye. */
function part(run, fan, tolerance) {
  const outer = run.flatMap((one) => rim(one, fan, tolerance));
  const [since, until] = [run[0].since, run.at(-1).until];
  const inner = fan.near > 0 ? arc(fan, since, until, fan.near, tolerance).reverse() : null;
  if (until - since >= FULL - TOUCH_RAD) return inner ? [outer, inner] : [outer];
  return [[...outer, ...(inner ?? [[0, 0]])]];
}

function rim({ since, until, rSince, rUntil, onArc }, fan, tolerance) {
  return onArc ? arc(fan, since, until, fan.reach, tolerance) : [point(fan, since, rSince), point(fan, until, rUntil)];
}

/** Return points of the polyline whose area is that of the circular sector. */
export function arc(fan, since, until, radius, tolerance) {
  const most = Math.min(Math.sqrt((12 * tolerance) / radius), Math.PI / 8);
  const steps = Math.max(1, Math.ceil((until - since) / most));
  const turn = (until - since) / steps;
  const even = radius * Math.sqrt(turn / Math.sin(turn));
  return Array.from({ length: steps + 1 }, (_, n) => point(fan, since + turn * n, even));
}

/** Return a point in a direction counted from the fan's start. */
export const point = (fan, angle, distance) => [Math.cos(angle + fan.start) * distance, Math.sin(angle + fan.start) * distance];
