/** Who sees this place: asked with a right click or the key W, answered beside it on the map. */

import { Popup } from "leaflet";

import { get } from "lib/api.js";
import { make } from "lib/dom.js";
import { t } from "lib/words.js";

const CLASSES = { detect: () => t("Detect"), observe: () => t("Observe"), recognise: () => t("Recognise"), identify: () => t("Identify") };

/**
 * Let a map be asked who sees a place; the key W asks for its middle.
 * @param {Object} map
 * @param {{onCamera?: (camera: Object) => void}} [options] what to do when a camera is chosen
 */
export function addWhoSees(map, { onCamera } = {}) {
  let giveUp = new AbortController();

  async function ask({ lat, lng }) {
    giveUp.abort();
    giveUp = new AbortController();
    const box = make("div", { class: "who", tabindex: "-1" }, make("p", { text: t("Asking …") }));
    const popup = new Popup({ className: "who-box", maxWidth: 320, autoPanPadding: [16, 16] }).setLatLng([lat, lng]).setContent(box).openOn(map);
    try {
      const { cameras } = await get("/api/v1/coverage/who-sees", { query: { lng: lng.toFixed(7), lat: lat.toFixed(7), all: 1 }, signal: giveUp.signal });
      fill(box, cameras, onCamera);
    } catch (error) {
      if (error.name !== "AbortError") box.replaceChildren(make("p", { text: error.message }));
    }
    popup.update();
    box.focus();
  }

  const pressed = (event) => {
    if (event.key.toLowerCase() === "w" && !event.ctrlKey && !event.metaKey && !event.altKey) ask(map.getCenter());
  };
  map.on("contextmenu", ({ latlng }) => ask(latlng));
  map.getContainer().addEventListener("keydown", pressed);
}

function fill(box, cameras, onCamera) {
  const working = cameras.filter((camera) => camera.works_now);
  box.replaceChildren(
    make("b", { text: t("Seen by %(n)s working cameras", { n: working.length }) }),
    make("ul", {}, ...working.map((camera) => row(camera, onCamera))),
  );
  const idle = cameras.filter((camera) => !camera.works_now);
  if (idle.length) box.append(make("p", { class: "muted", text: t("%(n)s more would see it if they worked", { n: idle.length }) }), make("ul", {}, ...idle.slice(0, 5).map((camera) => row(camera, onCamera))));
}

function row(camera, onCamera) {
  const density = camera.px_per_m === null ? t("density not known") : `${Math.round(camera.px_per_m)} px/m`;
  const words = [density, camera.px_per_m === null ? null : camera.class ? CLASSES[camera.class]() : t("too coarse to notice anybody"), `${Math.round(camera.distance_m)} m`].filter(Boolean).join(" · ");
  const name = onCamera ? make("button", { type: "button", class: "link", text: camera.name, on: { click: () => onCamera(camera) } }) : make("a", { href: `/cameras/${encodeURIComponent(camera.code)}`, text: camera.name });
  const turns = camera.flags.includes("all_round") ? make("small", { text: t("if it looks this way") }) : "";
  return make("li", {}, name, make("small", { text: words }), turns);
}
