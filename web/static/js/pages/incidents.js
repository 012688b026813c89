/** The table of counts and the heat beside it, for the kind and the days of one form. */

import { TileLayer } from "leaflet";

import { one } from "lib/dom.js";
import { createDeskMap, followRows } from "map/desk.js";

const choice = one("#choice");
const { map, mark } = createDeskMap(JSON.parse(one("#start").textContent));
const asked = new URLSearchParams(new FormData(choice));

new TileLayer(`/tiles/heat/{z}/{x}/{y}.png?${asked}`, { pane: "heat", maxZoom: 20, maxNativeZoom: 17 }).addTo(map);
choice.elements.kind.addEventListener("change", () => choice.requestSubmit());
followRows(one("#rows"), mark);
