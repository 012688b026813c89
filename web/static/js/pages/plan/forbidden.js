/** Ground where no camera may stand: on the map, in a list, drawn corner by corner or read from a file. */

import { GeoJSON, Polygon, Polyline } from "leaflet";

import { get, post, remove } from "lib/api.js";
import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";
import { count } from "./format.js";

const REASONS = {
  lodging_room: () => t("rooms for lodging"), dormitory_room: () => t("dormitories"), bathing_room: () => t("public baths"), toilet: () => t("toilets"), changing_room: () => t("changing rooms"), nursing_room: () => t("nursing rooms"),
  fitting_room: () => t("fitting rooms"), medical_room: () => t("rooms where people are treated"), privacy: () => t("privacy"), secret_unit: () => t("secret unit"), other: () => t("other reason"),
};
const LISTED = 60;

/**
 * Make the layer with its list.
 * @param {{box: HTMLElement, total: HTMLElement, list: HTMLElement, drawKey: ?HTMLElement, file: ?HTMLElement}} places
 * @param {{map: Object, mayEdit: boolean, onProblem: (problem: Error) => void, remember: (undo: () => Promise<void>) => void, say: (words: string) => void}} options
 */
export function createForbidden({ box, total, list, drawKey, file }, { map, mayEdit, onProblem, remember, say }) {
  let layer = null;
  let drawing = null;

  async function read() {
    const found = await get("/api/v1/plan/forbidden").catch(() => null);
    if (!found) return;
    box.hidden = false;
    layer?.remove();
    layer = new GeoJSON(found, { pane: "outlines", interactive: false, style: { className: "forbidden-ground", weight: 1.5 } }).addTo(map);
    total.textContent = count(found.features.length);
    total.dataset.count = found.features.length;
    const rows = found.features.slice(0, LISTED).map(({ properties }) => make("tr", {}, make("td", { text: properties.name || "—" }), make("td", { class: "muted", text: REASONS[properties.reason]?.() ?? properties.reason }),
      make("td", {}, ...(properties.id && mayEdit ? [make("button", { type: "button", class: "small", text: t("Allow again"), on: { click: () => allow(properties.id) } })] : []))));
    fillWith(list, rows.length ? make("table", {}, make("tbody", {}, ...rows)) : make("p", { class: "muted", text: t("None yet. Draw one, or load polygons from a GeoJSON file.") }),
      ...(found.features.length > LISTED ? [make("p", { class: "muted", text: t("%(n)s more are not listed", { n: found.features.length - LISTED }) })] : []));
  }

  async function add(features) {
    const { added } = await post("/api/v1/plan/forbidden", features);
    remember(async () => {
      for (const id of added) await remove(`/api/v1/plan/forbidden/${id}`);
      await read();
    });
    await read();
    say(t("%(n)s places are forbidden now.", { n: added.length }));
  }

  async function allow(id) {
    await remove(`/api/v1/plan/forbidden/${id}`).catch(onProblem);
    remember(async () => {
      await post("/api/v1/plan/forbidden/undo", { places: [id] });
      await read();
    });
    await read();
  }

  /** Begin or end drawing; a click sets a corner, Enter closes the ground, Escape leaves it. */
  function draw(isWanted = !drawing) {
    drawKey.setAttribute("aria-pressed", String(isWanted));
    map.getContainer().classList.toggle("placing", isWanted);
    if (isWanted) map.getContainer().focus({ preventScroll: true });
    drawing?.line.remove();
    drawing = isWanted ? { corners: [], line: new Polyline([], { pane: "outlines", className: "forbidden-line", interactive: false }).addTo(map) } : null;
    if (isWanted) say(t("Click the corners of the forbidden ground; Enter closes it, Escape leaves it."));
  }

  function corner({ lat, lng }) {
    drawing.corners.push([lng, lat]);
    drawing.line.setLatLngs(drawing.corners.map(([x, y]) => [y, x]));
  }

  async function close() {
    const { corners } = drawing;
    draw(false);
    if (corners.length < 3) return say(t("A ground needs at least three corners."));
    const shown = new Polygon(corners.map(([x, y]) => [y, x]), { pane: "outlines", className: "forbidden-ground", interactive: false }).addTo(map);
    await add({ type: "Feature", properties: { reason: "privacy" }, geometry: { type: "Polygon", coordinates: [[...corners, corners[0]]] } }).catch(onProblem);
    shown.remove();
  }

  drawKey?.addEventListener("click", () => draw());
  file?.addEventListener("change", async () => {
    try {
      await add(JSON.parse(await file.files[0].text()));
    } catch (problem) {
      onProblem(problem instanceof SyntaxError ? new Error(t("This file is no GeoJSON.")) : problem);
    }
    file.value = "";
  });
  return { read, draw, corner, close, isDrawing: () => drawing !== null };
}
