/**
 * What one eye at the origin sees between opaque edges, by the exact angular sweep of gis/sweep.py; a test compares them.
 *
 * Between two neighbouring events the same edges span the whole stretch, and the one nearest in its middle is nearest
 * throughout unless another is nearer at an end; then their crossing becomes an event. Nothing is sampled.
 */

import { HAIR, crossings, distanceAt, inFan, inOrder, meeting, rankOf, spansIn, turnFrom, withoutHidden, FULL } from "./edges.js";

const ARC = -1;
const HIDDEN = -2;

/** Return the area of a fan on open ground, in m². */
export const fanArea = ({ width, reach, near }) => Math.max(0, (width * (reach ** 2 - near ** 2)) / 2);

/**
 * Return the stretches of directions in which something is seen, in order, and the area seen in m².
 * @param {number[][]} edges [x0, y0, x1, y1] in metres from the eye, solid on the left
 * @param {{start: number, width: number, reach: number, near: number}} fan
 * @param {number[][]} [blocked] pairs of directions: counter-clockwise from one to the other nothing is seen
 * @returns {{stretches: {since: number, until: number, rSince: number, rUntil: number, onArc: boolean}[], area: number}}
 */
export function sweep(edges, fan, blocked = []) {
  const spans = withoutHidden(spansIn(edges, fan), fan);
  const shut = blocked.flatMap((pair) => shutIn(pair, fan));
  const ends = spans.flatMap(({ low, high }) => [low, high]);
  let events = inOrder([0, fan.width, ...ends, ...shut.flat(), ...crossings(spans, fan, fan.near)], fan);
  for (;;) {
    const { nearest, fresh } = envelope(spans, events, fan);
    if (!fresh.length) return seen(spans, events, nearest, shut, fan);
    events = inOrder([...events, ...fresh], fan);
  }
}

function shutIn([from, to], fan) {
  const [low, high] = [turnFrom(fan.start, from), turnFrom(fan.start, to)];
  return inFan(low, high <= low ? high + FULL : high, fan.width);
}

/** Return the nearest edge of each stretch between events, and crossings that must become events. */
function envelope(spans, events, fan) {
  const nearest = new Int32Array(events.length - 1).fill(ARC);
  const least = new Float64Array(nearest.length).fill(Infinity);
  const angles = events.map((angle) => angle + fan.start);
  eachStretch(spans, events, (k, n) => {
    const middle = distanceAt(spans[k].edge, (angles[n] + angles[n + 1]) / 2);
    if (middle < least[n]) [least[n], nearest[n]] = [middle, k];
  });
  const fresh = [];
  eachStretch(spans, events, (k, n) => {
    if (k === nearest[n] || nearest[n] < 0) return;
    const [mine, other] = [spans[nearest[n]].edge, spans[k].edge];
    for (const end of [angles[n], angles[n + 1]]) {
      if (distanceAt(other, end) >= distanceAt(mine, end) * (1 - HAIR)) continue;
      const angle = turnFrom(fan.start, meeting(mine, other));
      if (angle > events[n] + HAIR && angle < events[n + 1] - HAIR) fresh.push(angle);
    }
  });
  return { nearest, fresh };
}

function eachStretch(spans, events, act) {
  spans.forEach(({ low, high }, k) => {
    for (let n = rankOf(events, low); n < events.length - 1 && events[n] < high; n++) act(k, n);
  });
}

/** Leave out what is shut or too near, and join neighbouring stretches that end on the same edge. */
function seen(spans, events, nearest, shut, fan) {
  const reached = (k, angle) => (k === ARC ? fan.reach : Math.min(fan.reach, Math.max(0, distanceAt(spans[k].edge, angle + fan.start))));
  const joined = [];
  for (let n = 0; n < nearest.length; n++) {
    const [since, until] = [events[n], events[n + 1]];
    if (until - since <= HAIR) continue;
    const middle = (since + until) / 2;
    const isShut = shut.some(([low, high]) => middle > low && middle < high);
    const end = !isShut && reached(nearest[n], middle) > fan.near ? nearest[n] : HIDDEN;
    const last = joined.at(-1);
    if (last?.end === end) last.until = until;
    else joined.push({ end, since, until });
  }
  const stretches = joined.filter(({ end }) => end !== HIDDEN).map(({ end, since, until }) => (
    { since, until, rSince: reached(end, since), rUntil: reached(end, until), onArc: end === ARC }));
  return { stretches, area: stretches.reduce((sum, one) => sum + areaOf(one, fan), 0) };
}

function areaOf({ since, until, rSince, rUntil, onArc }, { reach, near }) {
  const turn = until - since;
  return ((onArc ? reach ** 2 * turn : rSince * rUntil * Math.sin(turn)) - near ** 2 * turn) / 2;
}
