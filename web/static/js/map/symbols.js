/** The signs of health, each with its own shape, drawn once and stamped from then on; also as SVG for lists. */

import { HEALTH } from "./points.js";

/** Half the width of a sign on the map, in CSS pixels. */
export const REACH = { online: 5, degraded: 9, offline: 9, unknown: 8, maintenance: 8 };

const SHAPES = {
  online: { path: "M11 7a4 4 0 1 1 0 8a4 4 0 1 1 0-8Z", width: 1.8 },
  degraded: { path: "M11 2 20 11 11 20 2 11Z", filled: true },
  offline: { path: "M11 3 20 18.5H2Z", filled: true },
  unknown: { path: "M16.2 6.6A6.8 6.8 0 1 0 17.7 12.4", width: 2.8 },
  maintenance: { path: "M5 5H17V17H5Z", width: 2.2 },
};

/**
 * Return the stamp of every health at this pixel density: canvases of 22 × 22 CSS pixels.
 * @param {Object<string, string>} colours by health
 * @param {number} density
 */
export function makeStamps(colours, density) {
  return HEALTH.map((health) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(22 * density);
    const pen = canvas.getContext("2d");
    pen.scale(density, density);
    drawShape(pen, SHAPES[health], colours[health], colours.halo);
    return canvas;
  });
}

/**
 * Return the sign of a health as an SVG element of the colour of its class.
 * @param {string} health
 * @param {number} [size]
 */
export function signOf(health, size = 22) {
  const { path, filled, width } = SHAPES[health] ?? SHAPES.unknown;
  return svgSign(path, { filled, width, name: health, size });
}

/** Return the sign of an alarm that waits, or is in hand. */
export function signOfAlarm(size = 22) {
  return svgSign("M11 2a9 9 0 1 1 0 18a9 9 0 1 1 0-18ZM11 8.5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5Z", { width: 2.8, name: "alarm", size });
}

/** Return the sign of many devices lost at once. */
export function signOfMany(size = 22) {
  return svgSign("M4 11H18M11 4V18", { width: 3, name: "many", size });
}

function svgSign(path, { filled, width = 2, name, size }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 22 22");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("class", `sign ${name}`);
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", path);
  if (filled) shape.setAttribute("fill", "currentColor");
  else {
    shape.setAttribute("fill", "none");
    shape.setAttribute("stroke", "currentColor");
    shape.setAttribute("stroke-width", width);
  }
  svg.append(shape);
  return svg;
}

function drawShape(pen, { path, filled, width = 2 }, colour, halo) {
  const shape = new Path2D(path);
  // A rim of the ground keeps a sign readable where roads and other signs lie under it.
  pen.strokeStyle = halo;
  pen.lineJoin = "round";
  pen.lineWidth = filled ? 2 : width + 2;
  pen.stroke(shape);
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = width;
  if (filled) pen.fill(shape);
  else pen.stroke(shape);
}
