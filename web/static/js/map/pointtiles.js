/** Points of vector tiles on one canvas, so that a group at the edge of a tile is drawn whole: a layer draws what it is given. */

import { VectorTile } from "@mapbox/vector-tile";
import { setOptions } from "leaflet";
import Pbf from "pbf";

import { CanvasLayer } from "map/canvas.js";
import { fromWgs84, toWgs84 } from "map/crs.js";
import { unit } from "map/points.js";

const KEPT = 200;
const DEEPEST = 20;

/** Return the place on the globe of one on the unit square. */
function globe(x, y) {
  return [(x - 0.5) * 360, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

/**
 * Return the tiles of the WGS-84 grid that show a box of the background; tiles are 512 pixels wide, one zoom farther than the map.
 * @param {number[]} box west, north, east, south on the unit square of the background
 * @returns {{z: number, x: number, y: number}[]}
 */
export function tilesIn(box, zoom, crs) {
  const z = Math.min(DEEPEST, Math.max(0, Math.floor(zoom + 0.25) - 1));
  const across = 2 ** z;
  const clip = (value) => Math.min(across - 1, Math.max(0, Math.floor(value * across)));
  const [[west, north], [east, south]] = [[box[0], box[1]], [box[2], box[3]]].map(([x, y]) => unit(...toWgs84(crs, ...globe(x, y))));
  const found = [];
  for (let x = clip(west); x <= clip(east); x++) for (let y = clip(north); y <= clip(south); y++) found.push({ z, x, y });
  return found;
}

/**
 * Read the points of a tile.
 * @returns {{layer: string, id: ?number, x: number, y: number, properties: Object}[]} x, y on the unit square of the background
 */
export function readTile(bytes, { z, x, y }, crs) {
  if (!bytes.byteLength) return [];
  const across = 2 ** z;
  const points = [];
  for (const [layer, features] of Object.entries(new VectorTile(new Pbf(bytes)).layers)) {
    for (let i = 0; i < features.length; i++) {
      const feature = features.feature(i);
      const [[at]] = feature.loadGeometry();
      const place = [(x + (at.x + 0.5) / feature.extent) / across, (y + (at.y + 0.5) / feature.extent) / across];
      const [drawnX, drawnY] = unit(...fromWgs84(crs, ...globe(...place)));
      points.push({ layer, id: feature.id ?? null, x: drawnX, y: drawnY, properties: feature.properties });
    }
  }
  return points;
}

const PointTiles = CanvasLayer.extend({
  initialize({ url, draw, crs = "wgs84", onTruncated = () => {}, ...options }) {
    setOptions(this, options);
    Object.assign(this, { url, drawPoints: draw, crs, onTruncated, tiles: new Map() });
  },

  onRemove() {
    this.leave?.abort();
    CanvasLayer.prototype.onRemove.call(this);
  },

  paint(pen, view) {
    const wanted = tilesIn(view.box, view.zoom, this.crs).map((at) => ({ at, key: `${at.z}/${at.x}/${at.y}` }));
    for (const { at, key } of wanted) if (!this.tiles.get(key)?.isFresh) this.load(key, at);
    this.drawPoints(pen, wanted.flatMap(({ key }) => this.tiles.get(key)?.points ?? []), (x, y) => this.place(x, y), view);
  },

  async load(key, at) {
    const tile = this.tiles.get(key) ?? { points: [] };
    tile.isFresh = true;
    this.tiles.set(key, tile);
    if (this.tiles.size > KEPT) this.tiles.delete(this.tiles.keys().next().value);
    if (!this.leave || this.leave.signal.aborted) this.leave = new AbortController();
    try {
      const response = await fetch(this.url(key), { signal: this.leave.signal, credentials: "same-origin" });
      if (!response.ok) throw new Error(`tile ${key}: ${response.status}`);
      if (response.headers.has("Tile-Truncated")) this.onTruncated();
      tile.points = readTile(await response.arrayBuffer(), at, this.crs);
      this.ask();
    } catch {
      // Asked for again when the map moves.
      tile.isFresh = false;
    }
  },

  /** Fetch everything again, showing what is there until it came; what did not change is answered from the browser's copy. */
  refresh() {
    for (const tile of this.tiles.values()) tile.isFresh = false;
    this.ask();
  },
});

/**
 * Make a layer of points.
 * @param {{url: (key: string) => string, pane: string, crs?: string, onTruncated?: () => void,
 *   draw: (pen: CanvasRenderingContext2D, points: Object[], place: (x: number, y: number) => number[], view: Object) => void}} options
 */
export const createPointTiles = (options) => new PointTiles(options);
