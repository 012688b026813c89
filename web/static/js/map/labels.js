/** Names of areas, roads and places on one canvas over the map, the more important first and none over another. */

import { setOptions } from "leaflet";

import { CanvasLayer } from "map/canvas.js";
import { eachFeature } from "map/vectortiles.js";

const LOOK = {
  county: { rank: 0, size: 24, weight: 500, spacing: 8, from: 0, to: 10 },
  town: { rank: 1, size: 21, weight: 500, spacing: 4, from: 9, to: 15 },
  village: { rank: 2, size: 14, weight: 400, spacing: 1, from: 13, to: 17, quiet: true },
  cell: { rank: 4, size: 12, weight: 400, spacing: 0, from: 15, to: 21, quiet: true },
  place: { rank: 3, size: 12, weight: 400, spacing: 0, from: 16, to: 21, below: 17 },
};

const LabelsLayer = CanvasLayer.extend({
  initialize({ style, noteOf = () => null, isQuiet = () => false, ...options }) {
    setOptions(this, { margin: 0, className: "leaflet-zoom-hide labels", ...options });
    Object.assign(this, { style, noteOf, isQuiet, names: new Map() });
  },

  getEvents() {
    const { moveend, viewreset, resize } = CanvasLayer.prototype.getEvents.call(this);
    return { moveend, viewreset, resize };
  },

  /** Learn the names of a tile; kept for good, since a name is small and comes again. */
  learn({ tile, z, x, y }) {
    const world = 2 ** z;
    const keep = (kind, feature) => {
      const [[at]] = feature.loadGeometry();
      const key = `${kind}${feature.id}`;
      if (this.names.get(key)?.z >= z) return;
      const place = { x: (x + at.x / feature.extent) / world, y: (y + at.y / feature.extent) / world, z };
      this.names.set(key, { ...place, id: feature.id, kind, name: feature.properties.name });
    };
    eachFeature(tile, "labels", (feature) => keep(feature.properties.level, feature));
    eachFeature(tile, "places", (feature) => this.isQuiet(feature.properties) || keep("place", feature));
    this.ask();
  },

  /** Names of another zoom stand in the wrong place: hide them until they are drawn. */
  settle() {
    this.canvas.style.visibility = this.view.zoom === this._map.getZoom() ? "" : "hidden";
    this.ask();
  },

  paint(pen, view) {
    this.canvas.style.visibility = "";
    this.write(pen, view);
  },

  write(pen, view) {
    const taken = [];
    for (const one of this.inSight(view)) {
      const look = LOOK[one.kind];
      pen.font = `${look.weight} ${look.size}px ${this.style.font ?? "sans-serif"}`;
      pen.letterSpacing = `${look.spacing}px`;
      const note = this.noteOf(one);
      const width = Math.max(pen.measureText(one.name).width, note ? 60 : 0);
      const box = [one.left - width / 2 - 6, one.top - look.size * 0.7, one.left + width / 2 + 6, one.top + look.size * (note ? 1.7 : 0.7)];
      if (taken.some((other) => overlaps(box, other))) continue;
      taken.push(box);
      this.writeOne(pen, one, look, note);
    }
  },

  inSight({ zoom, size }) {
    const found = [];
    for (const one of this.names.values()) {
      const look = LOOK[one.kind];
      if (!look || zoom < look.from || zoom >= look.to) continue;
      const [left, above] = this.place(one.x, one.y);
      const top = above + (look.below ?? 0);
      if (left > -100 && top > -40 && left < size.x + 100 && top < size.y + 40) found.push({ ...one, left, top });
    }
    return found.sort((a, b) => LOOK[a.kind].rank - LOOK[b.kind].rank || a.id - b.id);
  },

  writeOne(pen, one, look, note) {
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    stroke(pen, one.name, one.left, one.top, look.quiet ? this.style.quietText : this.style.text, this.style.halo);
    if (!note) return;
    pen.letterSpacing = "0px";
    pen.font = `500 13px ${this.style.font ?? "sans-serif"}`;
    stroke(pen, note, one.left, one.top + look.size * 1.05, this.style.quietText, this.style.halo);
  },
});

/**
 * Make the layer of names.
 * @param {{style: Object, pane: string, noteOf?: (one: {kind: string, id: number}) => ?string}} options
 */
export const createLabels = (options) => new LabelsLayer(options);

function stroke(pen, text, x, y, colour, halo) {
  pen.lineWidth = 4;
  pen.strokeStyle = halo;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

const overlaps = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
