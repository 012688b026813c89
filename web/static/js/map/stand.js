/**
 * How an eye stands among buildings, by the rules of gis/obstacles.py: at most 5 cm inside a wall it hangs on that wall,
 * which shuts the directions behind it; deeper inside it is reported and its building is left out.
 */

import { footOf } from "./edges.js";

const WALL_M = 0.05;
const CORNER_M = 0.01;
const TOUCH_M = 1e-6;
// Nearer than this two points are the same corner: footprints come to the page rounded to 0.1 mm.
const SAME_M = 2e-4;

/**
 * Return buildings laid out to be found fast. Rings are lists of [x, y] in metres, closed, solid on the left.
 * @param {number[][][][]} footprints polygons of rings
 * @param {?number[]} [heights] metres, null where unknown
 * @returns {{edges: number[][], box: number[], height: ?number}[]}
 */
export function layOut(footprints, heights = []) {
  return footprints.map((rings, n) => {
    const edges = rings.flatMap((ring) => ring.slice(1).map((end, n) => [...ring[n], ...end]));
    const [xs, ys] = [0, 1].map((axis) => rings[0].map((point) => point[axis]));
    return { edges, box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], height: heights[n] ?? null };
  });
}

/**
 * Return where exactly an eye stands, the edges around it, and the directions into which it is shut.
 * @param {number} x
 * @param {number} y
 * @param {{edges: number[][], box: number[]}[]} buildings as layOut returns
 * @param {number} reach metres
 * @returns {{x: number, y: number, edges: number[][], blocked: number[][], isOnWall: boolean, isInside: boolean}}
 */
export function stand(x, y, buildings, reach) {
  const near = around(buildings, x, y, reach).map(({ edges }) => moved(edges, x, y));
  const touching = around(buildings, x, y, WALL_M).map(({ edges }) => moved(edges, x, y)).filter((edges) => isWithin(edges, WALL_M));
  const free = { x, y, edges: near.flat(), blocked: [], isOnWall: false, isInside: false };
  if (!touching.length) return free;
  const foot = nearestWall(touching);
  if (!foot || foot.distance > WALL_M) return { ...free, edges: near.filter((edges) => !isWithin(edges, TOUCH_M)).flat(), isInside: true };
  if (foot.distance > TOUCH_M && !touching.some((edges) => holds(edges, 0, 0))) return free;
  return onWall(free, near, foot);
}

/** Return the buildings whose boxes come within reach of a place. */
export function around(buildings, x, y, reach) {
  return buildings.filter(({ box }) => box[0] <= x + reach && box[2] >= x - reach && box[1] <= y + reach && box[3] >= y - reach);
}

/** Return edges as seen from a place. */
export const moved = (edges, x, y) => edges.map(([x0, y0, x1, y1]) => [x0 - x, y0 - y, x1 - x, y1 - y]);

const isWithin = (edges, distance) => holds(edges, 0, 0) || edges.some((edge) => footOf(edge).distance <= distance);

/** Say whether a point lies inside the rings of these edges. */
function holds(edges, x, y) {
  let inside = false;
  for (const [x0, y0, x1, y1] of edges) {
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
  }
  return inside;
}

/** Return the nearest point of the walls that stand free, or the corner at it: walls inside another building are none. */
function nearestWall(touching) {
  const pieces = touching.flatMap((edges) => edges.filter((edge) => footOf(edge).distance <= WALL_M).flatMap((edge) => free(edge, touching)));
  if (!pieces.length) return null;
  const feet = pieces.map(({ edge, from, to }) => pointOn(edge, Math.min(to, Math.max(from, footOf(edge).share))));
  const [x, y] = closest(feet, [0, 0]);
  const corner = closest(pieces.flatMap(({ edge, from, to }) => [pointOn(edge, from), pointOn(edge, to)]), [x, y]);
  const [footX, footY] = apart(corner, [x, y]) <= CORNER_M ? corner : [x, y];
  return { x: footX, y: footY, distance: Math.hypot(x, y) };
}

const apart = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]);
const closest = (points, to) => points.reduce((best, one) => (apart(best, to) <= apart(one, to) ? best : one));

const pointOn = ([x0, y0, x1, y1], share) =>
  share === 0 ? [x0, y0] : share === 1 ? [x1, y1] : [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];

/** Return the pieces of a wall that have no other building of `touching` outside them. */
function free(edge, touching) {
  if (touching.length === 1) return [{ edge, from: 0, to: 1 }];
  const cuts = [0, 1, ...touching.flat().flatMap((other) => cutsOf(edge, other))].sort((a, b) => a - b);
  const length = Math.hypot(edge[2] - edge[0], edge[3] - edge[1]);
  const [right, down] = [((edge[3] - edge[1]) / length) * SAME_M, ((edge[0] - edge[2]) / length) * SAME_M];
  const pieces = cuts.slice(1).map((to, n) => ({ edge, from: cuts[n], to }));
  return pieces.filter(({ from, to }) => (to - from) * length > SAME_M).filter(({ from, to }) => {
    const [x, y] = pointOn(edge, (from + to) / 2);
    return !touching.some((edges) => holds(edges, x + right, y + down));
  });
}

/** Return where an edge is crossed or touched by another, as shares of it. */
function cutsOf([x0, y0, x1, y1], [u0, v0, u1, v1]) {
  const [dx, dy, du, dv] = [x1 - x0, y1 - y0, u1 - u0, v1 - v0];
  const square = dx * dx + dy * dy;
  const ends = [[u0, v0], [u1, v1]].filter(([u, v]) => Math.abs(dx * (v - y0) - dy * (u - x0)) <= SAME_M * Math.sqrt(square))
    .map(([u, v]) => ((u - x0) * dx + (v - y0) * dy) / square);
  const turn = dx * dv - dy * du;
  const across = turn === 0 ? -1 : ((u0 - x0) * dy - (v0 - y0) * dx) / turn;
  if (across > 0 && across < 1) ends.push(((u0 - x0) * dv - (v0 - y0) * du) / turn);
  return ends.filter((share) => share > 0 && share < 1);
}

/** Put the eye on the wall or corner, and shut the directions into each building that stands there. */
function onWall(from, near, foot) {
  const blocked = [];
  const edges = near.flatMap((own) => {
    const walls = moved(own, foot.x, foot.y);
    const here = walls.filter((edge) => footOf(edge).distance <= SAME_M);
    blocked.push(...shutBy(here));
    return walls.filter((edge) => !here.includes(edge));
  });
  return { x: from.x + foot.x, y: from.y + foot.y, edges, blocked, isOnWall: true, isInside: false };
}

/** Return the inner angles at the origin of one building, whose walls there are `here`. */
function shutBy(here) {
  const isAt = (x, y) => Math.hypot(x, y) <= SAME_M;
  const arriving = here.filter((edge) => isAt(edge[2], edge[3])).map((edge) => Math.atan2(edge[1], edge[0]));
  const turn = (from, to) => (to - from + 4 * Math.PI) % (2 * Math.PI);
  return here.filter((edge) => !isAt(edge[2], edge[3])).map((edge) => {
    const low = Math.atan2(edge[3], edge[2]);
    if (!isAt(edge[0], edge[1])) return [low, Math.atan2(edge[1], edge[0])];
    // Where two rings touch in the corner, the inner angle of a wall ends at the next wall counter-clockwise.
    return [low, arriving.reduce((best, one) => (turn(low, one) < turn(low, best) ? one : best))];
  });
}
