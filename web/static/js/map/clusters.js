/** Groups of cameras that stand too close to draw one by one: exact counts per health, in a grid fixed to the ground. */

import { HEALTH, RANK, visitBox } from "./points.js";

/** Pixels of a group's square. */
export const GROUP_PX = 76;

/**
 * Group the points of a box.
 * @param {Object} points as readPoints returns
 * @param {Object} index as buildIndex returns
 * @param {number[]} box west, north, east, south on the unit square
 * @param {number} worldPx pixels of the whole world at this zoom
 * @param {(i: number) => boolean} [wanted]
 * @returns {{x: number, y: number, count: number, counts: Uint32Array, worst: number, only: number}[]}
 *   x, y the middle of the members on the unit square; only = its one member, -1 if there are more
 */
export function group(points, index, box, worldPx, wanted = () => true) {
  const groups = new Map();
  const across = Math.ceil(worldPx / GROUP_PX);
  // Whole squares, or a group at the edge of the picture would count only what is in sight.
  visitBox(index, points, wholeSquares(box, worldPx), (i) => {
    if (!wanted(i)) return;
    const square = Math.floor((points.y[i] * worldPx) / GROUP_PX) * across + Math.floor((points.x[i] * worldPx) / GROUP_PX);
    let one = groups.get(square);
    if (!one) groups.set(square, (one = { x: 0, y: 0, count: 0, counts: new Uint32Array(HEALTH.length), worst: 0, only: i }));
    add(one, points, i);
  });
  return [...groups.values()].map(finish);
}

/** Return the members of a group's square, for zooming to them. */
export function wholeSquares([west, north, east, south], worldPx) {
  const size = GROUP_PX / worldPx;
  return [
    Math.floor(west / size) * size,
    Math.floor(north / size) * size,
    Math.ceil(east / size) * size,
    Math.ceil(south / size) * size,
  ];
}

function add(one, points, i) {
  one.x += points.x[i];
  one.y += points.y[i];
  one.counts[points.health[i]]++;
  if (one.count === 0 || RANK[points.health[i]] < RANK[one.worst]) one.worst = points.health[i];
  one.count++;
}

function finish(one) {
  one.x /= one.count;
  one.y /= one.count;
  if (one.count > 1) one.only = -1;
  return one;
}
