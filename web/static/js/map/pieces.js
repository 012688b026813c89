/** From pieces of sight between lines to rings that can be drawn: their outer sides, linked. */

import { FULL } from "./edges.js";
import { arc, point } from "./outline.js";
import { ARC, NEAR, distanceOf } from "./roofs.js";

// Ends this close together are one corner.
const SAME_M = 1e-6;

/**
 * Return the rings around pieces as one shape of rings of [x, y] around the eye, to be filled even-odd; none for none.
 * @param {{events: Float64Array, pieces: {low: Object, high: Object}[][]}} seen as overRoofs of map/roofs.js returns
 * @param {import("./edges.js").Fan} fan
 * @param {number} tolerance metres an arc may be off
 */
export function outlineOf(seen, fan, tolerance) {
  const rings = linked(sidesOf(seen, fan)).map((ring) => drawn(ring, fan, tolerance)).filter((ring) => ring.length > 2);
  return rings.length ? [rings] : [];
}

/** Return the sides of all pieces together, what is seen on the left: from corner to corner, along a line or a ray. */
function sidesOf({ events, pieces }, fan) {
  const [isRound, last] = [fan.width >= FULL, events.length - 1];
  const sides = [];
  const cornersAt = [];
  for (let n = 0; n < (isRound ? last : last + 1); n++) {
    const before = n > 0 ? n : last;
    const ending = n > 0 || isRound ? spansAt(pieces[before - 1], events[before], fan) : [];
    const beginning = n < last ? spansAt(pieces[n], events[n], fan) : [];
    cornersAt.push(cornersOf([...ending, ...beginning].flat(), events[n]));
    sides.push(...rays(cornersAt[n], ending, beginning));
  }
  if (isRound) cornersAt.push(cornersAt[0]);
  return [...sides, ...alongLines({ events, pieces }, cornersAt, fan)];
}

const spansAt = (pieces, angle, fan) => pieces.map(({ low, high }) => [distanceOf(low, angle, fan), distanceOf(high, angle, fan)]);

/** Return the corners in a direction from the distances there, nearest first. */
function cornersOf(distances, angle) {
  const corners = [];
  for (const distance of Float64Array.from(distances).sort()) {
    if (!corners.length || distance - corners.at(-1).distance > SAME_M) corners.push({ distance, angle });
  }
  return corners;
}

const cornerAt = (corners, distance) => corners.findLast((one) => one.distance <= distance);

/** Return the sides along a ray: where pieces end that do not go on, and begin that were not there. */
function rays(corners, ending, beginning) {
  const more = new Int32Array(corners.length);
  const count = (spans, by) => spans.flat().forEach((distance, n) => (more[corners.indexOf(cornerAt(corners, distance))] += n % 2 ? -by : by));
  count(ending, 1);
  count(beginning, -1);
  let open = 0;
  return corners.slice(1).flatMap((outer, k) => {
    open += more[k];
    const side = open > 0 ? { from: outer, to: corners[k], line: null } : { from: corners[k], to: outer, line: null };
    return Array.from({ length: Math.abs(open) }, () => ({ ...side }));
  });
}

function alongLines({ events, pieces }, cornersAt, fan) {
  return pieces.flatMap((here, n) => here.flatMap(({ low, high }) => {
    const corner = (line, at) => cornerAt(cornersAt[at], distanceOf(line, events[at], fan));
    return [
      { from: corner(high, n), to: corner(high, n + 1), line: high, since: events[n], until: events[n + 1] },
      { from: corner(low, n + 1), to: corner(low, n), line: low, since: events[n + 1], until: events[n] },
    ];
  }));
}

/** Return closed runs of sides. */
function linked(sides) {
  const leaving = new Map();
  for (const side of sides) if (side.from !== side.to) leaving.set(side.from, [...(leaving.get(side.from) ?? []), side]);
  const rings = [];
  for (const [corner, waiting] of leaving) {
    while (waiting.length) {
      const ring = [waiting.pop()];
      while (ring.at(-1).to !== corner) ring.push(leaving.get(ring.at(-1).to).pop());
      rings.push(ring);
    }
  }
  return rings;
}

/** Return the points of a ring: a corner for each line, and arcs drawn as one however many sides they came in. */
function drawn(ring, fan, tolerance) {
  const turned = ring.findIndex(({ line }, n) => line === null || line !== ring.at(n - 1).line);
  const runs = [];
  for (const side of [...ring.slice(Math.max(0, turned)), ...ring.slice(0, Math.max(0, turned))]) {
    const last = runs.at(-1);
    if (last && side.line && last.line === side.line) last.until = side.until;
    else runs.push({ ...side });
  }
  return runs.flatMap(({ line, from, since, until }) => {
    if (line !== ARC && line !== NEAR) return [point(fan, from.angle, from.distance)];
    const radius = distanceOf(line, 0, fan);
    if (!(radius > 0)) return [[0, 0]];
    // Along the reach counter-clockwise, along the near blind zone back.
    const [low, high] = line === ARC ? [since, until] : [until, since];
    const points = arc(fan, low, high > low ? high : high + FULL, radius, tolerance);
    return line === ARC ? points : points.reverse();
  });
}
