/** Vector tiles on canvas: fetched once, decoded, drawn by a painter; moved where the background has another CRS. */

import { VectorTile } from "@mapbox/vector-tile";
import { GridLayer } from "leaflet";
import Pbf from "pbf";

import { unit } from "map/points.js";
import { toWgs84 } from "map/crs.js";
import { turn } from "map/turns.js";

/** Pixels of a tile on the screen; twice the usual, so a tile is one zoom farther than the map. */
export const TILE_PX = 512;
const KEPT = 150;
const EDGE = 1e-6;

/**
 * Return the tiles of the WGS-84 grid that a tile of the background's grid needs, each with its shift in tiles.
 * One tile and no shift on a WGS-84 background; up to four elsewhere.
 * @returns {{x: number, y: number, dx: number, dy: number}[]}
 */
export function sourcesOf({ x, y, z }, crs) {
  const [east, south] = shiftAt(x + 0.5, y + 0.5, z, crs);
  const needed = [];
  for (let row = Math.floor(y - south + EDGE); row <= Math.ceil(y - south + 1 - EDGE) - 1; row++) {
    for (let column = Math.floor(x - east + EDGE); column <= Math.ceil(x - east + 1 - EDGE) - 1; column++) {
      needed.push({ x: column, y: row, dx: column + east - x, dy: row + south - y });
    }
  }
  return needed;
}

function shiftAt(x, y, z, crs) {
  if (crs !== "gcj02" && crs !== "bd09") return [0, 0];
  const tiles = 2 ** z;
  const lng = (x / tiles - 0.5) * 360;
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / tiles))) * 180) / Math.PI;
  const [trueX, trueY] = unit(...toWgs84(crs, lng, lat));
  return [x - trueX * tiles, y - trueY * tiles];
}

const VectorLayer = GridLayer.extend({
  initialize({ url, paint, crs = "wgs84", onTile = () => {}, onTruncated = () => {}, ...options }) {
    // Few large tiles: every request and every canvas costs more than what is on it.
    GridLayer.prototype.initialize.call(this, { tileSize: TILE_PX, zoomOffset: -1, keepBuffer: 1, updateWhenZooming: false, ...options });
    Object.assign(this, { url, paint, crs, onTile, onTruncated, tiles: new Map() });
    this.on("tileunload", ({ tile }) => tile.leave?.());
  },

  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    // Takes its memory when it is its turn to be drawn.
    canvas.width = canvas.height = 0;
    const give = new AbortController();
    canvas.leave = () => give.abort();
    this.drawOn(canvas, { x: coords.x, y: coords.y, z: coords.z - 1 }, give.signal).then(() => done(null, canvas), (error) => done(error, canvas));
    return canvas;
  },

  async drawOn(canvas, coords, signal) {
    const sources = sourcesOf(coords, this.crs);
    await turn(signal);
    const tiles = await Promise.all(sources.map(({ x, y }) => this.load(coords.z, x, y, signal)));
    await turn(signal);
    canvas.width = canvas.height = TILE_PX * densityOfTiles();
    canvas.getContext("bitmaprenderer").transferFromImageBitmap(this.picture(tiles, sources, coords.z));
    tiles.forEach((tile, n) => tile && this.onTile({ tile, z: coords.z, x: sources[n].x, y: sources[n].y }));
  },

  /** Paint a tile; done with when this returns, while a canvas on the page would be painted at the end of the frame, all at once. */
  picture(tiles, sources, z) {
    const density = densityOfTiles();
    const sheet = new OffscreenCanvas(TILE_PX * density, TILE_PX * density);
    const pen = sheet.getContext("2d");
    tiles.forEach((tile, n) => {
      if (!tile) return;
      pen.setTransform(density, 0, 0, density, sources[n].dx * TILE_PX * density, sources[n].dy * TILE_PX * density);
      this.paint(pen, tile, z + 1);
    });
    return sheet.transferToImageBitmap();
  },

  load(z, x, y, signal) {
    const key = `${z}/${x}/${y}`;
    const known = this.tiles.get(key);
    if (known) return known;
    const coming = this.fetchTile(key, signal).catch((error) => {
      this.tiles.delete(key);
      throw error;
    });
    this.tiles.set(key, coming);
    if (this.tiles.size > KEPT) this.tiles.delete(this.tiles.keys().next().value);
    return coming;
  },

  async fetchTile(key, signal) {
    const response = await fetch(this.url(key), { signal, credentials: "same-origin" });
    if (!response.ok) throw new Error(`tile ${key}: ${response.status}`);
    if (response.headers.has("Tile-Truncated")) this.onTruncated();
    const bytes = await response.arrayBuffer();
    return bytes.byteLength ? new VectorTile(new Pbf(bytes)) : null;
  },

  /** Fetch and draw everything again; what did not change is answered from the browser's copy. */
  refresh() {
    this.tiles.clear();
    this.redraw();
  },
});

// Between two zooms a tile is shown up to 1.42 times as large as it is drawn for.
const densityOfTiles = () => Math.min(2, devicePixelRatio) * 1.25;

/**
 * Make a layer of vector tiles.
 * @param {{url: (key: string) => string, paint: (pen: CanvasRenderingContext2D, tile: Object, z: number) => void,
 *   crs?: string, onTile?: Function, onTruncated?: Function, pane?: string}} options
 */
export function createVectorLayer(options) {
  return new VectorLayer(options);
}

/** Call `draw(feature)` for each feature of a layer of a tile that bears it. */
export function eachFeature(tile, name, draw) {
  const layer = tile.layers[name];
  for (let i = 0; i < (layer?.length ?? 0); i++) draw(layer.feature(i));
}

/** Trace a feature's rings or lines in pixels of a tile. */
export function trace(pen, feature, closed = false) {
  const scale = TILE_PX / feature.extent;
  pen.beginPath();
  for (const line of feature.loadGeometry()) {
    line.forEach(({ x, y }, n) => (n ? pen.lineTo(x * scale, y * scale) : pen.moveTo(x * scale, y * scale)));
    if (closed) pen.closePath();
  }
}

