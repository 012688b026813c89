/** The table of shares and the map of gaps and views beside it. */

import { one } from "lib/dom.js";
import { createGapsLayer, createViewsLayer } from "map/coverage.js";
import { createDeskMap, followRows } from "map/desk.js";

const { map, style, crs, mark } = createDeskMap(JSON.parse(one("#start").textContent));
const layers = {
  gaps: createGapsLayer({ style, crs, pane: "coverage" }),
  views: createViewsLayer({ style, crs, pane: "coverage", isWorking: () => true }),
};

function turn(button, wanted) {
  button.setAttribute("aria-pressed", String(wanted));
  const layer = layers[button.dataset.layer];
  if (wanted) layer.addTo(map);
  else layer.remove();
}

for (const button of one("#layers").children) {
  turn(button, button.getAttribute("aria-pressed") === "true");
  button.addEventListener("click", () => turn(button, button.getAttribute("aria-pressed") !== "true"));
}
followRows(one("#rows"), mark);
