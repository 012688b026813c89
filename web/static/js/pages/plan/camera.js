/** The form of the planned camera in hand, and what it alone sees while it is moved. */

import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";
import { nearOf, reachOf } from "map/view.js";
import { count, percent } from "./format.js";
import { anglesOf, choice, lensChoice, number, widthChoice } from "./lenses.js";

const KINDS = [["fixed", () => t("fixed")], ["dome", () => t("dome, all round")], ["ptz", () => t("turning (PTZ)")], ["panorama", () => t("panorama, all round")]];
const ALL_ROUND = ["dome", "panorama"];

/**
 * Make the panel.
 * @param {HTMLElement} box
 * @param {{mayEdit: boolean, densityOf: () => number, onChange: (values: Object) => void, onRemove: () => void, onClose: () => void}} options
 */
export function createCameraPanel(box, { mayEdit, densityOf, onChange, onRemove, onClose }) {
  // What each camera sees, as computed in the page or told by the server, whichever came last.
  let known = new Map();
  let inHand = null;

  function show(camera, place) {
    box.hidden = !camera;
    inHand = camera;
    if (!camera) return box.replaceChildren();
    const title = camera.name || t("Planned camera %(n)s", { n: place });
    const form = make("form", { class: "fields", on: { change: ({ target }) => change(camera, target), submit: (event) => event.preventDefault() } },
      make("fieldset", { disabled: !mayEdit, class: "plain" },
        make("label", { class: "line" }, make("span", { text: t("Name") }), make("input", { name: "name", value: camera.name, maxlength: 80, placeholder: title })),
        choice(t("Kind of camera"), "kind", KINDS.map(([value, words]) => [value, words()]), camera.kind),
        lensChoice(camera.lens), widthChoice(camera.width_px),
        number(t("Height"), "height_m", camera.height_m, { unit: "m", min: 0, max: 500 }),
        number(t("Tilt"), "tilt_deg", camera.tilt_deg, { unit: "°", min: -90, max: 90 }),
        number(t("Direction"), "bearing_deg", camera.bearing_deg, { unit: "°", min: 0, max: 359.9, placeholder: t("all round") }),
        number(t("Cost"), "cost", camera.cost, { min: 0 })));
    fillWith(box,
      make("div", { class: "row" }, make("h2", { text: title }),
        make("span", { class: "row end" }, ...(mayEdit ? [make("button", { type: "button", class: "danger", id: "camera-remove", text: t("Remove"), on: { click: onRemove } })] : []),
          make("button", { type: "button", class: "quiet", text: t("Close"), on: { click: onClose } }))),
      make("p", { class: "sees", id: "camera-sees", role: "status" }), form,
      ...(mayEdit ? [make("p", { class: "muted small", text: t("Drag it, or turn it by its handle; ← → turn by 5°, with Shift by 1°, with Alt the arrows move it by 1 m.") })] : []));
    say(camera);
  }

  /** Say what the camera sees that is moved; `seen` as computed in the page, null while it is not known. */
  function tell(camera, seen) {
    known.set(camera.id, seen);
    if (inHand?.id === camera.id) inHand = camera;
    say(camera);
  }

  /** Take what the server says that the cameras see: GeoJSON features by the numbers of their cameras. */
  function know(features) {
    known = new Map(features.map(({ id, properties: { area_m2, sector_m2, share, flags } }) => (
      [id, { area: area_m2, sectorArea: sector_m2, share, isInside: "inside_building" in flags, isOnWall: "on_wall" in flags }])));
    if (inHand) say(inHand);
  }

  function say(camera) {
    const seen = known.get(camera.id);
    const place = box.querySelector("#camera-sees");
    if (!place) return;
    const reach = reachOf(camera, densityOf());
    const near = nearOf(camera);
    const far = t("reaches %(far)s m", { far: reach.toFixed(0) }) + (near > 0 ? t(", blind to %(near)s m", { near: near.toFixed(1) }) : "");
    const sees = seen ? t("Sees %(seen)s of %(all)s m² (%(share)s), the rest is hidden by buildings", { seen: count(seen.area), all: count(seen.sectorArea), share: percent(seen.share) }) : "";
    const odd = seen?.isInside ? t("It stands inside a building, which was left out.") : seen?.isOnWall ? t("It hangs on a wall.") : "";
    place.textContent = [sees, far, odd].filter(Boolean).join(" · ");
    const bearing = box.querySelector("[name=bearing_deg]");
    if (bearing && document.activeElement !== bearing) bearing.value = camera.bearing_deg ?? "";
  }

  function change(camera, field) {
    if (!field.checkValidity()) return field.reportValidity();
    known.delete(camera.id);
    onChange(valuesOf(camera, field));
  }

  return { show, tell, know };
}

function valuesOf(camera, { name, value, type }) {
  if (name === "lens") return anglesOf(value);
  if (name === "kind") return { kind: value, bearing_deg: ALL_ROUND.includes(value) ? null : camera.bearing_deg ?? 0 };
  if (name === "width_px") return { width_px: Number(value) };
  if (name === "cost") return { cost: Number(value || 0) };
  return { [name]: type === "number" ? (value === "" ? null : Number(value)) : value };
}
