/** Strokes of the map's canvases: groups with their shares, the ring of what is in hand, the way a camera looks. */

import { HEALTH, RANK } from "map/points.js";

const FULL = 2 * Math.PI;
// A single faulty camera among a thousand must still be seen on the ring.
const LEAST_ARC = 0.06 * Math.PI;
const STAMP_PX = 15;

/** Return the pixels of the screen for one of CSS where `element` lies; a page may be enlarged as a whole. */
export const densityOf = (element) => devicePixelRatio * (element.currentCSSZoom ?? 1);

/**
 * Draw a group: how many, and round it the share of each state; the worst one as a sign with its number.
 * @param {CanvasRenderingContext2D} pen
 * @param {{count: number, counts: Uint32Array, worst: number}} one
 * @param {{colours: Object<string, string>, stamps: HTMLCanvasElement[]}} look
 */
export function drawGroup(pen, x, y, one, { colours, stamps }) {
  const reach = Math.min(26, 11 + 3.6 * Math.log10(one.count) + (one.count > 999 ? 3 : 0));
  pen.beginPath();
  pen.arc(x, y, reach, 0, FULL);
  pen.fillStyle = colours.group;
  pen.fill();
  drawShares(pen, x, y, reach, one, colours);
  write(pen, x, y, String(one.count), colours.groupText, "500 12px");
  if (RANK[one.worst] < 3) drawWorst(pen, x + reach * 0.78, y - reach * 0.78, one, colours, stamps);
}

/** Ring what is in hand. */
export function drawRing(pen, x, y, colour) {
  pen.beginPath();
  pen.arc(x, y, 15, 0, FULL);
  pen.lineWidth = 2.5;
  pen.strokeStyle = colour;
  pen.stroke();
}

/** Draw the way a camera looks, a short line; bearing clockwise from north. */
export function drawBearing(pen, x, y, bearing, colour) {
  const angle = ((bearing - 90) * Math.PI) / 180;
  pen.beginPath();
  pen.moveTo(x + 6 * Math.cos(angle), y + 6 * Math.sin(angle));
  pen.lineTo(x + 15 * Math.cos(angle), y + 15 * Math.sin(angle));
  pen.lineWidth = 1.6;
  pen.strokeStyle = colour;
  pen.stroke();
}

function drawShares(pen, x, y, reach, { count, counts }, colours) {
  pen.lineWidth = 1.5;
  arc(pen, x, y, reach, 0, FULL, colours.groupRim);
  pen.lineWidth = 3;
  // Begins below the sign of the worst state.
  let from = 0;
  for (const health of [2, 1, 3]) {
    if (!counts[health]) continue;
    const to = from + Math.min(FULL, Math.max(LEAST_ARC, (counts[health] / count) * FULL));
    arc(pen, x, y, reach, from, to, colours[HEALTH[health]]);
    from = to;
  }
}

function drawWorst(pen, x, y, one, colours, stamps) {
  pen.drawImage(stamps[one.worst], x - STAMP_PX / 2, y - STAMP_PX / 2, STAMP_PX, STAMP_PX);
  if (one.counts[one.worst] > 1) write(pen, x + STAMP_PX / 2 + 1, y, String(one.counts[one.worst]), colours[HEALTH[one.worst]], "600 11px", "left", colours.halo);
}

function arc(pen, x, y, reach, from, to, colour) {
  pen.beginPath();
  pen.arc(x, y, reach, from, to);
  pen.strokeStyle = colour;
  pen.stroke();
}

function write(pen, x, y, text, colour, font, align = "center", halo = null) {
  pen.font = `${font} "DejaVu Sans Mono", ui-monospace, monospace`;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  if (halo) {
    pen.lineWidth = 3;
    pen.strokeStyle = halo;
    pen.strokeText(text, x, y + 0.5);
  }
  pen.fillStyle = colour;
  pen.fillText(text, x, y + 0.5);
}
