/** Cameras as typed arrays: places on a unit square (Web Mercator in the CRS of the background), health, bearing. */

import { fromWgs84 } from "./crs.js";

/** Health as it is numbered in the columns, worst first for whoever compares. */
export const HEALTH = ["online", "degraded", "offline", "unknown", "maintenance"];
/** What a group shows when its members differ: the smaller, the worse. */
export const RANK = [4, 1, 0, 2, 3];

/**
 * Read the columns of /api/v1/cameras/points.
 * @param {{id: number[], lng: number[], lat: number[], bearing: number[], kind: number[], town: number[]}} columns
 * @param {string} [crs] of the background
 */
export function readPoints(columns, crs = "wgs84") {
  const count = columns.id.length;
  const points = {
    count,
    id: Float64Array.from(columns.id),
    x: new Float64Array(count),
    y: new Float64Array(count),
    lng: new Float64Array(count),
    lat: new Float64Array(count),
    bearing: Int16Array.from(columns.bearing),
    // Until it was asked for, nobody knows.
    health: new Uint8Array(count).fill(HEALTH.indexOf("unknown")),
    indexOf: new Map(),
  };
  for (let i = 0; i < count; i++) {
    points.lng[i] = columns.lng[i] / 1e6;
    points.lat[i] = columns.lat[i] / 1e6;
    [points.x[i], points.y[i]] = unit(...fromWgs84(crs, points.lng[i], points.lat[i]));
    points.indexOf.set(columns.id[i], i);
  }
  return points;
}

/**
 * Return where a place lies on the unit square of Web Mercator, 0, 0 in the north-west.
 * @returns {[number, number]}
 */
export function unit(lng, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [lng / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/**
 * Put the points into a grid of buckets, so that a box finds its points without reading all.
 * @returns {{start: Uint32Array, order: Uint32Array, columns: number, rows: number, box: number[]}}
 */
export function buildIndex({ count, x, y }) {
  const side = Math.max(1, Math.ceil(Math.sqrt(count / 4)));
  const box = extent(count, x, y);
  const cell = new Uint32Array(count);
  const start = new Uint32Array(side * side + 1);
  for (let i = 0; i < count; i++) {
    cell[i] = bucket(y[i], box[1], box[3], side) * side + bucket(x[i], box[0], box[2], side);
    start[cell[i] + 1]++;
  }
  for (let i = 0; i < side * side; i++) start[i + 1] += start[i];
  const order = new Uint32Array(count);
  const next = start.slice();
  for (let i = 0; i < count; i++) order[next[cell[i]]++] = i;
  return { start, order, side, box };
}

/** Call `visit(i)` for every point in the box; exact at its edges. */
export function visitBox({ start, order, side, box }, { x, y }, [west, north, east, south], visit) {
  if (east < box[0] || west > box[2] || south < box[1] || north > box[3]) return;
  const [left, right] = [bucket(west, box[0], box[2], side), bucket(east, box[0], box[2], side)];
  const [top, bottom] = [bucket(north, box[1], box[3], side), bucket(south, box[1], box[3], side)];
  for (let row = top; row <= bottom; row++) {
    for (let at = start[row * side + left]; at < start[row * side + right + 1]; at++) {
      const i = order[at];
      if (x[i] >= west && x[i] <= east && y[i] >= north && y[i] <= south) visit(i);
    }
  }
}

function extent(count, x, y) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    box[0] = Math.min(box[0], x[i]);
    box[1] = Math.min(box[1], y[i]);
    box[2] = Math.max(box[2], x[i]);
    box[3] = Math.max(box[3], y[i]);
  }
  return box;
}

function bucket(value, low, high, side) {
  if (high <= low) return 0;
  return Math.min(side - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * side)));
}
