/** Incidents from vector tiles: groups with their exact count far out, single ones near; or counts of cells, as the account may see. */

import { createPointTiles } from "map/pointtiles.js";

const FULL = 2 * Math.PI;

/** Make the layer of incidents, of every kind and day. */
export function createIncidentsLayer({ style, crs, pane, onTruncated }) {
  const draw = (pen, points, place) => {
    for (const { layer, x, y, properties } of points) {
      if (layer === "incidents") drawOne(pen, ...place(x, y), style.gaps.line);
      else drawCount(pen, ...place(x, y), properties.count, style);
    }
  };
  return createPointTiles({ url: (key) => `/tiles/incidents/${key}.mvt`, draw, crs, pane, onTruncated });
}

function drawOne(pen, x, y, colour) {
  pen.beginPath();
  pen.arc(x, y, 3, 0, FULL);
  pen.fillStyle = colour;
  pen.globalAlpha = 0.7;
  pen.fill();
  pen.globalAlpha = 1;
}

function drawCount(pen, x, y, count, { cameras, gaps }) {
  pen.beginPath();
  pen.arc(x, y, 9 + 3.4 * Math.log10(count), 0, FULL);
  pen.fillStyle = cameras.group;
  pen.fill();
  pen.lineWidth = 1 + Math.log10(count) / 2;
  pen.strokeStyle = gaps.line;
  pen.stroke();
  pen.font = '500 11px "DejaVu Sans Mono", ui-monospace, monospace';
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = cameras.groupText;
  pen.fillText(short(count), x, y + 0.5);
}

/** Return a count in at most four characters: 950, 12k, 1.2M. */
export function short(count) {
  if (count < 1000) return String(count);
  if (count < 999_500) return `${count < 9950 ? (count / 1000).toFixed(1) : Math.round(count / 1000)}k`;
  return `${(count / 1e6).toFixed(1)}M`;
}
