/** The one map of all pages: Leaflet with our own look, panes in a fixed order, and the CRS of its background. */

import { CRS, GridLayer, Map as LeafletMap, Projection, extend, latLng } from "leaflet";

import { fromWgs84, toWgs84 } from "map/crs.js";

const PANES = ["ground", "heat", "coverage", "outlines", "cameras", "names", "alarms"];

/**
 * Return Web Mercator as drawn in `crs`: places go in and come out as WGS-84.
 * @param {string} crs
 */
export function mercatorIn(crs) {
  if (crs !== "gcj02" && crs !== "bd09") return CRS.EPSG3857;
  const projection = extend({}, Projection.SphericalMercator, {
    project: ({ lng, lat }) => {
      const [x, y] = fromWgs84(crs, lng, lat);
      return Projection.SphericalMercator.project(latLng(y, x));
    },
    unproject: (point) => {
      const drawn = Projection.SphericalMercator.unproject(point);
      const [lng, lat] = toWgs84(crs, drawn.lng, drawn.lat);
      return latLng(lat, lng);
    },
  });
  return extend({}, CRS.EPSG3857, { projection });
}

// On a map between two zooms, redraw() of Leaflet 1.9 asks for tiles between them, which nobody has.
const { _clampZoom: clampZoom } = GridLayer.prototype;
GridLayer.include({
  _clampZoom(zoom) {
    return Math.round(clampZoom.call(this, zoom));
  },
});

/**
 * Make a map in `element`.
 * @param {HTMLElement} element
 * @param {{crs: string, extent: ?number[]}} options extent: west, south, east, north
 */
export function createMap(element, { crs, extent }) {
  const map = new LeafletMap(element, {
    crs: mercatorIn(crs),
    zoomControl: false,
    attributionControl: false,
    minZoom: 4,
    maxZoom: 20,
    zoomSnap: 0.5,
    wheelPxPerZoomLevel: 110,
    fadeAnimation: false,
    zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    keyboard: false,
  });
  PANES.forEach((name, n) => (map.createPane(name).style.zIndex = String(200 + 20 * n)));
  show(map, extent);
  return map;
}

/** Show an extent, or all of China when there is none. */
export function show(map, extent) {
  const [west, south, east, north] = extent ?? [73.5, 18.2, 134.8, 53.6];
  map.fitBounds([[south, west], [north, east]], { animate: false, padding: [24, 24], maxZoom: 17 });
}

/** Show a place near; the zoom only grows. */
export function goTo(map, lng, lat, zoom = 16) {
  map.setView([lat, lng], Math.max(map.getZoom(), zoom), { animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
}
