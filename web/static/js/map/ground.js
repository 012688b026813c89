/** The buildings around a place in metres, and the way between degrees and metres there: what a view in the page needs. */

import { get } from "lib/api.js";

const METRES_A_DEGREE = 111_320;
const RADIANS = Math.PI / 180;

/** Return the box `metres` around a box of west, south, east, north. */
export function grown([west, south, east, north], metres) {
  const high = metres / METRES_A_DEGREE;
  const wide = high / Math.max(0.05, Math.cos((Math.max(Math.abs(south), Math.abs(north)) + high) * RADIANS));
  return [west - wide, south - high, east + wide, north + high];
}

/** Return how many metres a box is across, the longer way. */
export function across([west, south, east, north]) {
  return Math.max(north - south, (east - west) * Math.cos(((south + north) / 2) * RADIANS)) * METRES_A_DEGREE;
}

/** Say whether one box holds another. */
export const holds = (outer, inner) => outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3];

/** Ask for the ground in a box; see readGround. */
export async function loadGround([west, south, east, north], { signal } = {}) {
  return readGround(await get("/api/v1/plan/ground", { query: { west, south, east, north }, signal }), [west, south, east, north]);
}

/**
 * Return a ground: its box, its buildings as view() of map/view.js wants them, and ways between degrees and metres.
 * @param {Object} answer of /api/v1/plan/ground
 * @param {number[]} box
 */
export function readGround({ origin, scale_deg: scale, powers, x: xs, y: ys, edges, first, heights_m: heights }, box) {
  const terms = (u, v) => powers.map(([i, j]) => u ** i * v ** j);
  const slopes = (u, v) => powers.map(([i, j]) => [i && i * u ** (i - 1) * v ** j, j && j * u ** i * v ** (j - 1)]);
  const sum = (ways, values) => ways.reduce((total, way, n) => total + way * values[n], 0);
  const unitless = (lng, lat) => [(lng - origin.lng) / scale, (lat - origin.lat) / scale];

  /** Return metres for lng, lat. */
  function toMetres(lng, lat) {
    const values = terms(...unitless(lng, lat));
    return [sum(xs, values), sum(ys, values)];
  }

  /** Return metres east and north on the grid for a degree of longitude and of latitude at a place. */
  function turnAt(lng, lat) {
    const found = slopes(...unitless(lng, lat));
    const [byLng, byLat] = [0, 1].map((axis) => found.map((slope) => slope[axis] / scale));
    return { xLng: sum(xs, byLng), xLat: sum(xs, byLat), yLng: sum(ys, byLng), yLat: sum(ys, byLat) };
  }

  /** Return lng, lat for metres, by Newton's way from a place near it. */
  function toLnglat(x, y, near = [origin.lng, origin.lat]) {
    let [lng, lat] = near;
    for (let round = 0; round < 4; round++) {
      const [px, py] = toMetres(lng, lat);
      [lng, lat] = stepped([lng, lat], turnAt(lng, lat), x - px, y - py);
    }
    return [lng, lat];
  }

  /** Return where a camera stands on the grid, as view() wants it. */
  function place(lng, lat) {
    const [x, y] = toMetres(lng, lat);
    const { xLat, yLat } = turnAt(lng, lat);
    return { x, y, convergence: -Math.atan2(xLat, yLat) / RADIANS };
  }

  return { box, buildings: buildingsOf(edges, first, heights), toMetres, toLnglat, turnAt, place };
}

/** Return the place dx, dy metres from a place, true to millimetres over some hundred metres. */
export function stepped([lng, lat], { xLng, xLat, yLng, yLat }, dx, dy) {
  const turn = xLng * yLat - xLat * yLng;
  return [lng + (dx * yLat - dy * xLat) / turn, lat + (dy * xLng - dx * yLng) / turn];
}

/** Return rings of metres around a place as rings of lng, lat. */
export function ringsAround(ground, x, y, polygons) {
  const eye = ground.toLnglat(x, y);
  const turn = ground.turnAt(...eye);
  return polygons.map((rings) => rings.map((ring) => ring.map(([dx, dy]) => stepped(eye, turn, dx, dy))));
}

function buildingsOf(edges, first, heights) {
  return first.slice(0, -1).map((from, k) => {
    const own = [];
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let row = from; row < first[k + 1]; row++) {
      const edge = edges.slice(4 * row, 4 * row + 4);
      own.push(edge);
      box[0] = Math.min(box[0], edge[0]);
      box[1] = Math.min(box[1], edge[1]);
      box[2] = Math.max(box[2], edge[0]);
      box[3] = Math.max(box[3], edge[1]);
    }
    return { edges: own, box, height: heights[k] };
  });
}

/** Return the rings of a building from its edges, in metres. */
export function ringsOf({ edges }) {
  const rings = [];
  edges.forEach(([x0, y0], n) => {
    const before = edges[n - 1];
    if (n && before[2] === x0 && before[3] === y0 && !isClosed(rings.at(-1), before)) rings.at(-1).push([x0, y0]);
    else rings.push([[x0, y0]]);
  });
  return rings;
}

const isClosed = (ring, [, , x, y]) => ring[0][0] === x && ring[0][1] === y;
