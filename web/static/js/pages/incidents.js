/** The table of counts and the heat beside it, for the kind and the days of one form; or all incidents, whatever the form says. */

import { TileLayer } from "leaflet";

import { one } from "lib/dom.js";
import { createDeskMap, followRows } from "map/desk.js";
import { createIncidentsLayer } from "map/incidents.js";

const choice = one("#choice");
const { map, mark, style, crs } = createDeskMap(JSON.parse(one("#start").textContent));
const asked = new URLSearchParams(new FormData(choice));
const layers = {
  heat: new TileLayer(`/tiles/heat/{z}/{x}/{y}.png?${asked}`, { pane: "heat", maxZoom: 20, maxNativeZoom: 17 }),
  all: createIncidentsLayer({ style, crs, pane: "cameras", onTruncated: () => (one("#cut").hidden = false) }),
};

function show(wanted) {
  for (const [name, layer] of Object.entries(layers)) {
    if (name === wanted) layer.addTo(map);
    else layer.remove();
  }
  for (const button of one("#layers").children) button.setAttribute("aria-pressed", String(button.dataset.layer === wanted));
  for (const legend of document.querySelectorAll(".legend [data-of]")) legend.hidden = legend.dataset.of !== wanted;
}

one("#layers").addEventListener("click", ({ target }) => target.dataset.layer && show(target.dataset.layer));
show("heat");
choice.elements.kind.addEventListener("change", () => choice.requestSubmit());
followRows(one("#rows"), mark);
