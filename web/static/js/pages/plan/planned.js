/** The cameras of a scenario on the map: placed, dragged and turned by mouse, each with what it sees. */

import { DivIcon, LayerGroup, Marker, Polygon, Polyline } from "leaflet";

import { t } from "lib/words.js";
import { ringsAround } from "map/ground.js";
import { bearingOf, sector } from "map/pose.js";
import { reachOf, view } from "map/view.js";

const HANDLE_PX = 64;
const icon = (name, size) => new DivIcon({ className: name, iconSize: [size, size] });
const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;
const flipped = (polygons) => polygons.map((rings) => rings.map((ring) => ring.map(([lng, lat]) => [lat, lng])));

/**
 * Make the layer.
 * @param {{map: Object, mayEdit: boolean, densityOf: () => number, groundAt: (lng: number, lat: number, reach: number) => Promise<Object>,
 *   onSelect: (id: number) => void, onTry: (camera: Object, seen: ?Object) => void, onChange: (id: number, values: Object) => void}} options
 */
export function createPlanned({ map, mayEdit, densityOf, groundAt, onSelect, onTry, onChange }) {
  const layer = new LayerGroup().addTo(map);
  const shapes = new Map();
  let cameras = [];
  let selected = null;
  let views = new Map();
  let hand = null;

  function show(list, chosen) {
    [cameras, selected] = [list, chosen];
    // Drawing anew would take it out of the hand that drags it.
    if (hand) return;
    const focused = document.activeElement?.dataset?.camera;
    layer.clearLayers();
    shapes.clear();
    for (const camera of cameras) add(camera, camera.id === selected);
    if (focused) document.querySelector(`.planned-camera[data-camera="${focused}"]`)?.focus({ preventScroll: true });
  }

  function add(camera, isSelected) {
    const shape = new Polygon(views.get(camera.id) ?? plain(camera), { pane: "outlines", className: `planned-view ${isSelected ? "selected" : ""}`, weight: 1.2 });
    shape.on("click", () => onSelect(camera.id));
    shapes.set(camera.id, shape.addTo(layer));
    const title = camera.name || t("Planned camera %(n)s", { n: cameras.indexOf(camera) + 1 });
    const body = new Marker([camera.lat, camera.lng], { pane: "cameras", icon: icon(`planned-camera ${isSelected ? "selected" : ""}`, 18), draggable: mayEdit, title, alt: title });
    body.on("click keypress", () => onSelect(camera.id));
    body.addTo(layer);
    Object.assign(body.getElement().dataset, { camera: camera.id });
    const handle = isSelected && mayEdit ? addHandle(camera) : null;
    body.on("dragstart", () => take(camera));
    body.on("drag", () => {
      const { lat, lng } = body.getLatLng();
      step({ ...hand.camera, lng: round(lng, 7), lat: round(lat, 7) });
      handle?.follow(hand.camera);
    });
    body.on("dragend", () => letGo(["lng", "lat"]));
  }

  function addHandle(camera) {
    const handle = new Marker([camera.lat, camera.lng], { pane: "cameras", icon: icon("planned-handle", 16), draggable: true, keyboard: false, title: t("Turn the camera") });
    const line = new Polyline([], { pane: "outlines", className: "planned-line", interactive: false });
    const tip = ({ lng, lat, bearing_deg: bearing }) => {
      const from = map.latLngToLayerPoint([lat, lng]);
      const angle = ((bearing ?? 0) * Math.PI) / 180;
      return map.layerPointToLatLng(from.add([HANDLE_PX * Math.sin(angle), -HANDLE_PX * Math.cos(angle)]));
    };
    const follow = (pose) => {
      handle.setLatLng(tip(pose));
      line.setLatLngs([[pose.lat, pose.lng], tip(pose)]);
    };
    handle.on("dragstart", () => take(camera));
    handle.on("drag", () => {
      const bearing = bearingOf(map.latLngToLayerPoint([camera.lat, camera.lng]), map.latLngToLayerPoint(handle.getLatLng()));
      step({ ...hand.camera, bearing_deg: round(bearing, 1) % 360 });
      line.setLatLngs([[camera.lat, camera.lng], handle.getLatLng()]);
    });
    handle.on("dragend", () => letGo(["bearing_deg"]));
    line.addTo(layer);
    handle.addTo(layer);
    follow(camera);
    return { follow };
  }

  /** Take a camera in hand; its ground comes as soon as it can, until then it is drawn as a plain sector. */
  function take(camera) {
    const mine = { camera: { ...camera }, ground: null };
    hand = mine;
    performance.clearMeasures("drag-step");
    const reach = Math.min(1_000, reachOf(camera, densityOf()));
    groundAt(camera.lng, camera.lat, reach + 250).then((ground) => (mine.ground = ground), () => {});
  }

  /** One step of a drag: what it sees there, at once. */
  function step(camera) {
    const start = performance.now();
    hand.camera = camera;
    const seen = hand.ground && see(camera, hand.ground);
    const drawn = seen ? flipped(ringsAround(hand.ground, seen.x, seen.y, seen.polygons)) : plain(camera);
    // Stays until the server has its own word, so that nothing flickers when it is let go.
    views.set(camera.id, drawn);
    shapes.get(camera.id)?.setLatLngs(drawn);
    performance.measure("drag-step", { start });
    onTry(camera, seen);
  }

  function letGo(names) {
    const { camera } = hand;
    hand = null;
    show(cameras.map((one) => (one.id === camera.id ? camera : one)), camera.id);
    onChange(camera.id, Object.fromEntries(names.map((name) => [name, camera[name]])));
  }

  const see = (camera, ground) => view(camera, ground.place(camera.lng, camera.lat), ground.buildings, { pxPerM: densityOf() });
  const plain = (camera) => sector({ ...camera, bearing_deg: camera.bearing_deg ?? 0, hfov_deg: camera.bearing_deg === null ? 359 : camera.hfov_deg ?? 90, reach_m: reachOf(camera, densityOf()) });

  map.on("zoomend", () => show(cameras, selected));
  return {
    show,
    /** Show what the server computed: GeoJSON features by the numbers of their cameras. */
    showViews(features) {
      views = new Map(features.map(({ id, geometry }) => [id, flipped(geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates)]));
      show(cameras, selected);
    },
    /** Show another pose of a camera at once, before the server knows it. */
    async tryPose(camera) {
      if (hand?.camera.id !== camera.id) take(camera);
      const mine = hand;
      mine.camera = camera;
      if (!mine.ground) onTry(camera, null);
      mine.ground ??= await groundAt(camera.lng, camera.lat, 600).catch(() => null);
      if (hand === mine) step(mine.camera);
      if (hand === mine) hand = null;
    },
  };
}
