/** What many cameras see together, counted dot by dot on a canvas: by class, by how many, by doubt, and right now. */

import { setOptions } from "leaflet";

import { CanvasLayer } from "map/canvas.js";

// How strongly each shape is laid on, and from which strength on a dot has which colour. "lighten" keeps the strongest,
// "lighter" adds, so that dots seen by more cameras grow stronger.
const STEPS = [60, 120, 180, 240];
const SURE = 200;
const MAYBE = 80;

/** @type {Object<string, {needs: string[], blend: string, shapes: (seen: Object) => [Object, number][], colours: (look: Object) => [number, string][]}>} */
export const MODES = {
  seen: { needs: ["base"], blend: "lighten", shapes: (seen) => [[seen.shapes.base, SURE]], colours: (look) => [[40, look.seen]] },
  classes: {
    needs: ["detect", "observe", "recognise", "identify"],
    blend: "lighten",
    shapes: ({ shapes }) => ["detect", "observe", "recognise", "identify"].map((name, n) => [shapes[name], STEPS[n]]),
    colours: (look) => STEPS.map((step, n) => [step - 30, look.classes[n]]),
  },
  twice: {
    needs: ["base"],
    blend: "lighter",
    shapes: (seen) => [[seen.shapes.base, MAYBE]],
    colours: (look) => [[40, look.once], [120, look.twice], [200, look.thrice]],
  },
  doubt: {
    needs: ["maybe", "surely"],
    blend: "lighten",
    shapes: ({ shapes }) => [[shapes.maybe, MAYBE], [shapes.surely, SURE]],
    colours: (look) => [[40, look.maybe], [140, look.seen]],
  },
  now: {
    needs: ["base"],
    blend: "lighten",
    shapes: (seen) => [[seen.shapes.base, seen.works ? SURE : MAYBE]],
    colours: (look) => [[40, look.lost], [140, look.seen]],
  },
};

const SightLayer = CanvasLayer.extend({
  initialize({ look, ...options }) {
    setOptions(this, { className: "leaflet-zoom-animated sight-canvas", ...options });
    Object.assign(this, { look, mode: "seen", gaps: true, seen: [], solid: [], known: null });
  },

  /**
   * Show these views; a shape is a list of polygons of rings of [x, y] in shares of the world.
   * @param {{works: boolean, shapes: Object<string, number[][][][]>}[]} seen
   * @param {{solid: number[][][][], known: ?number[]}} ground buildings, and the box within which all this is known
   */
  show(seen, { solid, known }) {
    Object.assign(this, { seen, solid, known });
    this.ask();
  },

  setMode(mode) {
    this.mode = mode;
    this.ask();
  },

  setGaps(gaps) {
    this.gaps = gaps;
    this.ask();
  },

  paint(pen, { size }) {
    if (!this.known) return;
    const [west, north] = this.place(this.known[0], this.known[1]);
    const [east, south] = this.place(this.known[2], this.known[3]);
    const sheet = new OffscreenCanvas(size.x, size.y);
    const counting = sheet.getContext("2d", { willReadFrequently: true });
    counting.fillStyle = "#000";
    counting.fillRect(west, north, east - west, south - north);
    this.count(counting);
    colour(counting, size, this.colours());
    pen.drawImage(sheet, 0, 0);
  },

  count(pen) {
    const { blend, shapes } = MODES[this.mode];
    pen.globalCompositeOperation = blend;
    for (const one of this.seen) {
      for (const [shape, strength] of shapes(one)) {
        pen.fillStyle = `rgb(${strength} 0 0)`;
        if (shape?.length) this.fill(pen, shape);
      }
    }
    pen.globalCompositeOperation = "destination-out";
    for (const one of this.solid) this.fill(pen, [one]);
  },

  fill(pen, polygons) {
    pen.beginPath();
    for (const ring of polygons.flat()) {
      ring.forEach((point, n) => (n ? pen.lineTo(...this.place(...point)) : pen.moveTo(...this.place(...point))));
      pen.closePath();
    }
    pen.fill("evenodd");
  },

  colours() {
    const table = new Uint32Array(256).fill(this.gaps ? pixel(this.look.gap) : 0);
    for (const [from, colour] of MODES[this.mode].colours(this.look)) table.fill(pixel(colour), from);
    return table;
  },
});

/** Give every dot that was counted its colour; what is solid stays free. */
function colour(pen, { x, y }, table) {
  const picture = pen.getImageData(0, 0, x, y);
  const dots = new Uint32Array(picture.data.buffer);
  for (let n = 0; n < dots.length; n++) dots[n] = dots[n] >>> 31 ? table[dots[n] & 255] : 0;
  pen.putImageData(picture, 0, 0);
}

/** Return #rrggbbaa as a pixel of a picture. */
function pixel(colour) {
  const [red, green, blue, alpha] = [1, 3, 5, 7].map((at) => parseInt(colour.slice(at, at + 2) || "ff", 16));
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * Make the layer.
 * @param {{look: Object<string, string|string[]>, pane: string}} options look: colours as #rrggbbaa
 */
export const createSightLayer = (options) => new SightLayer(options);
