/** The layer of cameras: one canvas, drawn from typed arrays; groups far out, single signs near. */

import { DomUtil, setOptions } from "leaflet";

import { CanvasLayer } from "map/canvas.js";
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

const CamerasLayer = CanvasLayer.extend({
  initialize({ colours, onSelect, ...options }) {
    setOptions(this, { first: true, className: "leaflet-zoom-animated cameras", ...options });
    Object.assign(this, { colours, onSelect, points: NO_POINTS, drawn: [], groups: [], problemsOnly: false, selected: null });
    this.index = buildIndex(NO_POINTS);
  },

  getEvents() {
    return { ...CanvasLayer.prototype.getEvents.call(this), click: this.click };
  },

  resize() {
    this.stamps = makeStamps(this.colours, densityOf(this.canvas));
    CanvasLayer.prototype.resize.call(this);
  },

  /** Show other points. */
  setPoints(points) {
    this.points = points;
    this.index = buildIndex(points);
    this.ask();
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

  paint(pen, { box, world, zoom }) {
    const { points, index } = this;
    const found = this.inBox(box);
    this.drawn = this.groups = [];
    if (found.length <= (this.problemsOnly ? SINGLE_PROBLEMS : SINGLES) || zoom >= this._map.getMaxZoom()) this.paintSingles(pen, found, zoom);
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

  paintSingles(pen, found, zoom) {
    const { points, stamps } = this;
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
    if (one) this._map.setView(this._map.options.crs.pointToLatLng({ x: one.x * 256, y: one.y * 256 }, 0), this.view.zoom + 2);
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
export const createCamerasLayer = (options) => new CamerasLayer(options);

/** Return the number of a health in the columns. */
export const numberOf = (health) => Math.max(0, HEALTH.indexOf(health));
