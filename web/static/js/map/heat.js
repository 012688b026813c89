/** The heat of incidents as pictures from the server, for a kind and a period chosen in a form. */

import { TileLayer } from "leaflet";

import { get } from "lib/api.js";
import { make } from "lib/dom.js";

const DAY_MS = 86_400_000;

/**
 * Make the layer of heat.
 * @param {{form: HTMLElement, pane: string}} options form: holds the selects `kind` and `days`
 */
export function createHeat({ form, pane }) {
  const [kind, days] = ["kind", "days"].map((name) => form.querySelector(`[name=${name}]`));
  const layer = new TileLayer(address(kind.value, days.value), { pane, maxZoom: 20, maxNativeZoom: 17, opacity: 0.8 });
  const show = () => layer.setUrl(address(kind.value, days.value));
  kind.addEventListener("change", show);
  days.addEventListener("change", show);
  layer.once("add", async () => {
    const answer = await get("/api/v1/incidents/kinds").catch(() => ({ kinds: [] }));
    kind.append(...answer.kinds.map((one) => make("option", { value: one.kind ?? one, text: one.kind ?? one })));
  });
  return layer;
}

/** Return the address of the tiles; whole days, so that a tile asked for again is the same. */
export function address(kind, days, now = Date.now()) {
  const day = (at) => new Date(at).toISOString().slice(0, 10);
  const query = new URLSearchParams({ kind, from: day(now - days * DAY_MS), to: day(now + DAY_MS) });
  return `/tiles/heat/{z}/{x}/{y}.png?${query}`;
}
