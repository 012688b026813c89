/** The background: our own tiles in the greys of the page, or pictures of a file or an intranet service. */

import { TileLayer } from "leaflet";

import { roadWidth } from "map/style.js";
import { createVectorLayer, eachFeature, trace } from "map/vectortiles.js";

const AREA_ORDER = ["cell", "village", "town", "county", "city", "province"];

/**
 * Make the background layer.
 * @param {{basemap: {url: ?string, crs: string}, style: Object, pane: string, onTile?: Function, onTruncated?: Function}} options
 */
export function createBasemap({ basemap, style, pane, onTile, onTruncated }) {
  if (basemap.url) return new TileLayer(`${basemap.url}/{z}/{x}/{y}`, { pane, maxZoom: 20, className: "raster" });
  return createVectorLayer({ url: (key) => `/tiles/base/${key}.mvt`, paint: painter(style), pane, onTile, onTruncated, maxZoom: 20 });
}

/** Make the outlines of areas over a background of pictures. */
export function createOutlines({ basemap, style, pane, onTile }) {
  const paint = (pen, tile, z) => outlines(pen, tile, style, z);
  return createVectorLayer({ url: (key) => `/tiles/areas/${key}.mvt`, paint, pane, onTile, crs: basemap.crs, maxZoom: 20 });
}

function painter(style) {
  return (pen, tile, z) => {
    land(pen, tile, style);
    water(pen, tile, style, z);
    outlines(pen, tile, style, z, ["cell", "village"]);
    buildings(pen, tile, style);
    roads(pen, tile, style, z);
    outlines(pen, tile, style, z, AREA_ORDER.slice(2));
  };
}

function land(pen, tile, style) {
  pen.fillStyle = style.land;
  eachFeature(tile, "areas", (feature) => {
    trace(pen, feature, true);
    pen.fill("evenodd");
  });
}

function outlines(pen, tile, style, z, levels = AREA_ORDER) {
  for (const level of levels) {
    const [colour, width] = style.area[level] ?? style.area.county;
    pen.strokeStyle = colour;
    pen.lineWidth = level === "cell" && z < 12 ? 0.6 : width;
    eachFeature(tile, "areas", (feature) => {
      if (feature.properties.level !== level) return;
      trace(pen, feature, true);
      pen.stroke();
    });
  }
}

function buildings(pen, tile, style) {
  pen.fillStyle = style.building;
  pen.strokeStyle = style.buildingRim;
  pen.lineWidth = 0.8;
  eachFeature(tile, "buildings", (feature) => {
    trace(pen, feature, true);
    pen.fill("evenodd");
    pen.stroke();
  });
}

function water(pen, tile, style, z) {
  pen.strokeStyle = style.river;
  pen.lineWidth = Math.max(3, roadWidth(1, z) * 1.8);
  pen.lineCap = pen.lineJoin = "round";
  eachFeature(tile, "roads", (feature) => {
    if (!feature.properties.water) return;
    trace(pen, feature);
    pen.stroke();
  });
}

function roads(pen, tile, style, z) {
  pen.lineCap = pen.lineJoin = "round";
  if (style.roadRim && z >= 13) eachRoad(tile, (feature, rank) => line(pen, feature, style.roadRim, roadWidth(rank, z) + 1.6));
  eachRoad(tile, (feature, rank) => line(pen, feature, style.road[rank], roadWidth(rank, z)));
}

function eachRoad(tile, draw) {
  const found = [];
  eachFeature(tile, "roads", (feature) => !feature.properties.water && found.push(feature));
  // The widest last, over those that join them.
  found.sort((a, b) => b.properties.rank - a.properties.rank);
  for (const feature of found) draw(feature, feature.properties.rank);
}

function line(pen, feature, colour, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  trace(pen, feature);
  pen.stroke();
}
