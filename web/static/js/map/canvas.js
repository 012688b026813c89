/** A layer that is one canvas over the map and a little beyond: it moves and grows with the map and is drawn anew in its turn. */

import { DomUtil, Layer } from "leaflet";

import { densityOf } from "map/drawing.js";
import { onceInTurn } from "map/turns.js";

/**
 * To be extended with `paint(pen, view)`.
 *
 * Options: `margin`, the share of the map's size drawn beyond each edge; `first`, whether it is drawn before what asked earlier;
 * `className`. A view has `zoom`, `world` (its width in pixels), `origin` and `size` in pixels, and `box` in shares of the world.
 */
export const CanvasLayer = Layer.extend({
  options: { margin: 0.1, first: false, className: "leaflet-zoom-animated" },

  onAdd(map) {
    this.drawing = onceInTurn(() => this.draw(), { first: this.options.first });
    this.canvas = DomUtil.create("canvas", this.options.className, this.getPane());
    this.canvas.setAttribute("aria-hidden", "true");
    this.resize();
    return map;
  },

  onRemove() {
    this.drawing.cancel();
    this.canvas.remove();
  },

  getEvents() {
    return { moveend: this.settle, viewreset: this.draw, resize: this.resize, zoomanim: this.follow, move: this.keepUp };
  },

  /** Draw again in the next turn, however often this is called before it. */
  ask() {
    if (this._map) this.drawing.ask();
  },

  /** Ask how fine the screen is only when it changes: the answer costs a layout. */
  resize() {
    this.density = densityOf(this.canvas);
    this.draw();
  },

  follow({ center, zoom }) {
    const scale = this._map.getZoomScale(zoom, this.view.zoom);
    const size = this._map.getSize();
    const from = this._map.project(this.center, zoom).subtract(this._map._getNewPixelOrigin(center, zoom));
    DomUtil.setTransform(this.canvas, from.subtract(size.multiplyBy(0.5 + this.options.margin).multiplyBy(scale)), scale);
  },

  /** Lie where the map now is, and be drawn anew in a turn rather than inside Leaflet's own work. */
  settle() {
    this.follow({ center: this._map.getCenter(), zoom: this._map.getZoom() });
    this.ask();
  },

  keepUp() {
    if (this._map._animatingZoom || this._map.getZoom() !== this.view.zoom) return;
    const size = this._map.getSize();
    const moved = this._map.latLngToContainerPoint(this.center).subtract(size.divideBy(2));
    const far = this.options.margin * 0.9;
    if (Math.abs(moved.x) > size.x * far || Math.abs(moved.y) > size.y * far) this.ask();
  },

  draw() {
    const map = this._map;
    const { margin } = this.options;
    const size = map.getSize().multiplyBy(1 + 2 * margin)._ceil();
    const corner = map.containerPointToLayerPoint(map.getSize().multiplyBy(-margin)).round();
    this.center = map.getCenter();
    this.view = viewOf(map.getZoom(), map.getPixelOrigin().add(corner), size);
    DomUtil.setTransform(this.canvas, corner, 1);
    this.paint(this.pen(size), this.view);
  },

  pen({ x, y }) {
    const [width, height] = [Math.round(x * this.density), Math.round(y * this.density)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      Object.assign(this.canvas.style, { width: `${x}px`, height: `${y}px` });
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(this.density, 0, 0, this.density, 0, 0);
    pen.clearRect(0, 0, x, y);
    return pen;
  },

  /** Return the pixels on the canvas of a place in shares of the world. */
  place(x, y) {
    const { world, origin } = this.view;
    return [x * world - origin.x, y * world - origin.y];
  },
});

function viewOf(zoom, origin, size) {
  const world = 256 * 2 ** zoom;
  const box = [origin.x / world, origin.y / world, (origin.x + size.x) / world, (origin.y + size.y) / world];
  return { zoom, world, origin, size, box };
}
