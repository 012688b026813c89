/** The table of shares and the map of gaps and views beside it; new figures are fetched when they are told. */

import { get } from "lib/api.js";
import { make, one } from "lib/dom.js";
import { listen } from "lib/push.js";
import { t } from "lib/words.js";
import { createCameraTiles } from "map/cameratiles.js";
import { createGapsLayer, createViewsLayer } from "map/coverage.js";
import { createDeskMap, followRows } from "map/desk.js";
import { addWhoSees } from "map/who.js";

const AGAIN_MS = 1_000;

const { map, style, crs, mark } = createDeskMap(JSON.parse(one("#start").textContent));
const layers = {
  gaps: createGapsLayer({ style, crs, pane: "coverage" }),
  views: createViewsLayer({ style, crs, pane: "coverage", isWorking: () => true }),
  cameras: createCameraTiles({ style, crs, pane: "cameras" }),
};
const readHealth = async () => layers.cameras.setAllHealth(await get("/api/v1/cameras/health"));
layers.cameras.once("add", readHealth);

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
addWhoSees(map);

/** Put the figures of a page fetched anew into this one; what is chosen stays chosen. */
async function readAgain() {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const chosen = document.querySelector("#rows [aria-selected=true]")?.dataset.code;
  for (const part of ["#rows", ".facts"]) {
    const [now, then] = [fresh.querySelector(part), document.querySelector(part)];
    if (now && then) then.replaceChildren(...now.children);
  }
  if (chosen) document.querySelector(`#rows [data-code="${CSS.escape(chosen)}"]`)?.setAttribute("aria-selected", "true");
  for (const layer of Object.values(layers)) if (layer._map) layer.refresh();
}

let waiting;
function soon() {
  waiting ??= setTimeout(() => readAgain().finally(() => (waiting = undefined)), AGAIN_MS);
}

let counting;
/** Groups far out are counted by the server; single signs near are turned at once. */
function hearHealth({ id, health }) {
  layers.cameras.setHealth(id, health);
  counting ??= setTimeout(() => {
    counting = undefined;
    if (layers.cameras._map && map.getZoom() < 15) layers.cameras.refresh();
  }, AGAIN_MS);
}

listen({ coverage: soon, reload: soon, health: hearHealth }, { onFound: soon });

const places = one("#places");
places.addEventListener("toggle", async () => {
  if (!places.open) return;
  const found = (await get(places.dataset.url)).places.filter((place) => !place.seen || place.seen_now === false);
  places.querySelector("tbody").replaceChildren(...found.map(line));
});

function line(place) {
  const show = () => mark([place.lng - 0.001, place.lat - 0.001, place.lng + 0.001, place.lat + 0.001]);
  const state = place.seen ? t("not right now") : t("by no camera");
  return make("tr", {}, make("td", {}, make("button", { type: "button", class: "link", text: place.name, on: { click: show } })), make("td", { text: place.kind }), make("td", { text: place.cell }), make("td", { text: state }));
}
