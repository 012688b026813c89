/** The layer of cameras: one canvas, drawn from typed arrays; groups far out, single signs near. */

import { DomUtil, Layer } from "leaflet";
import { GROUP_PX, group, wholeSquares } from "map/clusters.js";
import { densityOf, drawBearing, drawGroup, drawRing } from "map/drawing.js";
import { HEALTH, RANK, buildIndex, visitBox } from "map/points.js";
import { makeStamps } from "map/symbols.js";

/** Up to so many in sight are drawn one by one. */
const SINGLES = 2500;
/** Signs of problems are larger and filled, so fewer of them make a crowd. */
const SINGLE_PROBLEMS = 700;
const STAMP_PX = 22;
const FINGER_PX = 14;
const NO_POINTS = { count: 0, x: [], y: [], id: [], health: [], indexOf: new Map() };

const CamerasLayer = Layer.extend({
  initialize({ colours, onSelect }) {
    Object.assign(this, { colours, onSelect, points: NO_POINTS, drawn: [], groups: [], problemsOnly: false, selected: null });
    this.index = buildIndex(NO_POINTS);
  },

  onAdd(map) {
    this.canvas = DomUtil.create("canvas", "leaflet-zoom-animated cameras", this.getPane());
    this.canvas.setAttribute("aria-hidden", "true");
    this.stamps = makeStamps(this.colours, densityOf(this.canvas));
    this.draw();
    return map;
  },

  onRemove() {
    cancelAnimationFrame(this.asked);
    this.canvas.remove();
  },

  getEvents() {
    return { moveend: this.settle, viewreset: this.draw, resize: this.draw, zoomanim: this.follow, move: this.keepUp, click: this.click };
  },

  /** Show other points. */
  setPoints(points) {
    this.points = points;
    this.index = buildIndex(points);
    this.ask();
  },

  /** Draw again in the next frame, however often this is called before it. */
  ask() {
    cancelAnimationFrame(this.asked);
    this.asked = requestAnimationFrame(() => this._map && this.draw());
  },

  /** Set a health by camera number; returns false for a camera that is not on the map. */
  setHealth(id, health) {
    const i = this.points.indexOf.get(id);
    if (i === undefined) return false;
    if (this.points.health[i] !== health) this.ask();
    this.points.health[i] = health;
    return true;
  },

  setProblemsOnly(problemsOnly) {
    this.problemsOnly = problemsOnly;
    this.ask();
  },

  /** Ring the camera in hand; null for none. */
  select(id) {
    this.selected = id;
    this.ask();
  },

  follow({ center, zoom }) {
    const scale = this._map.getZoomScale(zoom, this.zoom);
    const size = this._map.getSize();
    const from = this._map.project(this.center, zoom).subtract(this._map._getNewPixelOrigin(center, zoom));
    DomUtil.setTransform(this.canvas, from.subtract(size.multiplyBy(0.5 + this.margin).multiplyBy(scale)), scale);
  },

  /** Lie where the map now is, and be drawn anew in the next frame rather than inside Leaflet's own work. */
  settle() {
    this.follow({ center: this._map.getCenter(), zoom: this._map.getZoom() });
    this.ask();
  },

  keepUp() {
    if (this._map._animatingZoom || this._map.getZoom() !== this.zoom) return;
    const moved = this._map.latLngToContainerPoint(this.center).subtract(this._map.getSize().divideBy(2));
    const size = this._map.getSize();
    if (Math.abs(moved.x) > size.x * this.margin * 0.9 || Math.abs(moved.y) > size.y * this.margin * 0.9) this.ask();
  },

  draw() {
    const map = this._map;
    const size = map.getSize();
    this.margin = 0.2;
    this.zoom = map.getZoom();
    this.center = map.getCenter();
    const corner = map.containerPointToLayerPoint(size.multiplyBy(-this.margin)).round();
    const [width, height] = [Math.ceil(size.x * (1 + 2 * this.margin)), Math.ceil(size.y * (1 + 2 * this.margin))];
    DomUtil.setTransform(this.canvas, corner, 1);
    const pen = this.pen(width, height);
    const world = 256 * 2 ** this.zoom;
    const origin = map.getPixelOrigin().add(corner);
    const box = [origin.x / world, origin.y / world, (origin.x + width) / world, (origin.y + height) / world];
    this.place = (x, y) => [x * world - origin.x, y * world - origin.y];
    this.paint(pen, box, world);
  },

  pen(width, height) {
    const density = densityOf(this.canvas);
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      Object.assign(this.canvas, { width: w, height: h });
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, width, height);
    return pen;
  },

  paint(pen, box, world) {
    const { points, index } = this;
    const found = this.inBox(box);
    this.drawn = this.groups = [];
    if (found.length <= (this.problemsOnly ? SINGLE_PROBLEMS : SINGLES) || this.zoom >= this._map.getMaxZoom()) this.paintSingles(pen, found);
    else this.paintGroups(pen, group(points, index, wholeSquares(box, world), world, (i) => this.isWanted(i)));
    this.paintSelected(pen);
  },

  inBox(box) {
    const found = [];
    visitBox(this.index, this.points, box, (i) => this.isWanted(i) && found.push(i));
    return found;
  },

  isWanted(i) {
    return !this.problemsOnly || (this.points.health[i] !== 0 && this.points.health[i] !== 4);
  },

  paintSingles(pen, found) {
    const { points, stamps, zoom } = this;
    // The worst are drawn last, so that nothing quiet lies over them.
    found.sort((a, b) => RANK[points.health[b]] - RANK[points.health[a]]);
    for (const i of found) {
      const [x, y] = this.place(points.x[i], points.y[i]);
      if (zoom >= 16 && points.bearing[i] >= 0) drawBearing(pen, x, y, points.bearing[i], this.colours.online);
      pen.drawImage(stamps[points.health[i]], x - STAMP_PX / 2, y - STAMP_PX / 2, STAMP_PX, STAMP_PX);
    }
    this.drawn = found;
  },

  paintGroups(pen, groups) {
    for (const one of groups) {
      const [x, y] = this.place(one.x, one.y);
      if (one.only < 0) drawGroup(pen, x, y, one, this);
      else pen.drawImage(this.stamps[one.worst], x - STAMP_PX / 2, y - STAMP_PX / 2, STAMP_PX, STAMP_PX);
    }
    this.groups = groups.filter((one) => one.only < 0);
    this.drawn = groups.filter((one) => one.only >= 0).map((one) => one.only);
  },

  paintSelected(pen) {
    const i = this.points.indexOf.get(this.selected);
    if (i !== undefined) drawRing(pen, ...this.place(this.points.x[i], this.points.y[i]), this.colours.accent);
  },

  click({ containerPoint }) {
    const corner = this._map.containerPointToLayerPoint([0, 0]).subtract(DomUtil.getPosition(this.canvas) ?? [0, 0]);
    const [x, y] = [containerPoint.x + corner.x, containerPoint.y + corner.y];
    const single = this.nearest(this.drawn, (i) => this.place(this.points.x[i], this.points.y[i]), x, y, FINGER_PX);
    if (single !== null) this.onSelect(this.points.id[single]);
    else this.enter(this.nearest(this.groups, (one) => this.place(one.x, one.y), x, y, GROUP_PX / 3));
  },

  enter(one) {
    if (one) this._map.setView(this._map.options.crs.pointToLatLng({ x: one.x * 256, y: one.y * 256 }, 0), this.zoom + 2);
  },

  nearest(things, placeOf, x, y, within) {
    let [best, least] = [null, within];
    for (const thing of things) {
      const [left, top] = placeOf(thing);
      const distance = Math.hypot(left - x, top - y);
      if (distance < least) [best, least] = [thing, distance];
    }
    return best;
  },
});

/**
 * Make the layer of cameras.
 * @param {{colours: Object<string, string>, onSelect: (id: number) => void, pane: string}} options
 */
export function createCamerasLayer({ pane, ...options }) {
  const layer = new CamerasLayer(options);
  layer.options = { ...layer.options, pane };
  return layer;
}

/** Return the number of a health in the columns. */
export const numberOf = (health) => Math.max(0, HEALTH.indexOf(health));
