/** The map beside a table: our own light background, names, scale and keys of its own; rows that lead to places. */

import { Rectangle } from "leaflet";

import { one } from "lib/dom.js";
import { createBasemap, createOutlines } from "map/basemap.js";
import { createLabels } from "map/labels.js";
import { createMap, show } from "map/map.js";
import { addScale } from "map/scale.js";
import { STYLES } from "map/style.js";

/**
 * Make the map in #map of a page that has the corner of templates/mapcorner.html.
 * @param {{extent: ?number[], basemaps: Object[], isQuiet?: (place: Object) => boolean}} start isQuiet: places without a name on the map
 * @returns {{map: Object, style: Object, crs: string, mark: (box: number[]) => void}}
 */
export function createDeskMap({ extent, basemaps, isQuiet }) {
  const [basemap] = basemaps;
  const style = { ...STYLES.light, font: getComputedStyle(document.body).fontFamily };
  const map = createMap(one("#map"), { crs: basemap.crs, extent });
  const labels = createLabels({ style, pane: "names", isQuiet });
  const onTile = (tile) => labels.learn(tile);
  createBasemap({ basemap, style, pane: "ground", onTile }).addTo(map);
  if (basemap.url) createOutlines({ basemap, style, pane: "outlines", onTile }).addTo(map);
  labels.addTo(map);
  addScale(map, one("#scale"));
  one("#attribution").textContent = basemap.attribution;
  one("#home").addEventListener("click", () => show(map, extent));
  one("#nearer").addEventListener("click", () => map.zoomIn());
  one("#farther").addEventListener("click", () => map.zoomOut());
  return { map, style, crs: basemap.crs, mark: marker(map) };
}

function marker(map) {
  let marked;
  return ([west, south, east, north]) => {
    marked?.remove();
    marked = new Rectangle([[south, west], [north, east]], { pane: "outlines", className: "chosen", weight: 2, interactive: false }).addTo(map);
    show(map, [west, south, east, north]);
  };
}

/**
 * Let the rows of a table with data-box="west,south,east,north" be chosen by click, Enter or Space.
 * @param {HTMLElement} rows
 * @param {(box: number[]) => void} onChoose
 */
export function followRows(rows, onChoose) {
  const choose = (row) => {
    for (const other of rows.querySelectorAll("[aria-selected=true]")) other.removeAttribute("aria-selected");
    row.setAttribute("aria-selected", "true");
    onChoose(row.dataset.box.split(",").map(Number));
  };
  rows.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-box]");
    if (row && !event.target.closest("a, button")) choose(row);
  });
  rows.addEventListener("keydown", (event) => {
    if (!event.target.dataset.box || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    choose(event.target);
  });
}
