/** One camera on a map that can be dragged and turned; angles in degrees clockwise from north. */

import { DivIcon, LayerGroup, Marker, Polygon, Polyline } from "leaflet";

const HANDLE_PX = 70;
const METRES_PER_DEGREE = 111_320;

/** Return the bearing from one point of the screen to another. */
export function bearingOf(from, to) {
  return (Math.atan2(to.x - from.x, from.y - to.y) * 180 / Math.PI + 360) % 360;
}

/** Return the corners of a plain sector in lat, lng; it shows the pose, not what walls leave of the view. */
export function sector({ lng, lat, bearing_deg, hfov_deg, reach_m }) {
  const reach = reach_m ?? 40;
  const width = Math.min(hfov_deg ?? 60, 359);
  const at = (angle) => [
    lat + (reach * Math.cos(angle * Math.PI / 180)) / METRES_PER_DEGREE,
    lng + (reach * Math.sin(angle * Math.PI / 180)) / (METRES_PER_DEGREE * Math.cos(lat * Math.PI / 180)),
  ];
  const steps = Array.from({ length: 25 }, (_, i) => at(bearing_deg - width / 2 + (width * i) / 24));
  return [[lat, lng], ...steps];
}

/**
 * Make the layer of one camera.
 * @param {{pose: Object, mayEdit: boolean, onChange: (pose: Object) => void}} options
 */
export function createPoseLayer({ pose, mayEdit, onChange }) {
  const layer = new LayerGroup();
  let now = { ...pose };
  const dot = (name, size) => new DivIcon({ className: name, iconSize: [size, size] });
  const body = new Marker([now.lat, now.lng], { icon: dot("camera-body", 20), draggable: mayEdit, keyboard: false, zIndexOffset: 10 });
  const handle = new Marker([now.lat, now.lng], { icon: dot("camera-handle", 16), draggable: mayEdit, keyboard: false });
  const shape = new Polygon([], { className: "camera-sector", interactive: false });
  const line = new Polyline([], { className: "camera-line", interactive: false });

  const draw = ({ handleToo = true } = {}) => {
    const map = layer._map;
    if (!map) return;
    body.setLatLng([now.lat, now.lng]);
    shape.setLatLngs(now.bearing_deg === null ? [] : sector(now));
    const angle = (now.bearing_deg ?? 0) * Math.PI / 180;
    const from = map.latLngToLayerPoint([now.lat, now.lng]);
    const tip = map.layerPointToLatLng(from.add([HANDLE_PX * Math.sin(angle), -HANDLE_PX * Math.cos(angle)]));
    if (handleToo) handle.setLatLng(tip);
    line.setLatLngs(mayEdit || now.bearing_deg !== null ? [[now.lat, now.lng], handleToo ? tip : handle.getLatLng()] : []);
  };

  body.on("drag", () => {
    const { lat, lng } = body.getLatLng();
    now = { ...now, lat, lng };
    draw();
  });
  handle.on("drag", () => {
    const map = layer._map;
    const bearing = bearingOf(map.latLngToLayerPoint(body.getLatLng()), map.latLngToLayerPoint(handle.getLatLng()));
    now = { ...now, bearing_deg: Math.round(bearing * 10) / 10 % 360 };
    draw({ handleToo: false });
  });
  for (const marker of [body, handle]) marker.on("dragend", () => { draw(); onChange({ ...now }); });

  for (const part of mayEdit ? [shape, line, handle, body] : [shape, body]) layer.addLayer(part);
  layer.on("add", () => {
    draw();
    layer._map.on("zoomend", () => draw());
  });
  /** Show another pose. */
  layer.show = (other) => { now = { ...now, ...other }; draw(); };
  return layer;
}
