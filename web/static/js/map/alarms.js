/** Alarms on the map: the one thing that moves, until somebody answers; and lines to the cameras that see the place. */

import { DivIcon, LayerGroup, Marker, Polyline } from "leaflet";

/**
 * Make the layer of alarms.
 * @param {{pane: string, onSelect: (id: number) => void}} options
 */
export function createAlarmsLayer({ pane, onSelect }) {
  const layer = new LayerGroup();

  /** Show these alarms; the selected one with the cameras that see it. */
  layer.show = (alarms, selected = null) => {
    layer.clearLayers();
    for (const alarm of alarms) {
      if (alarm.lng === null) continue;
      if (alarm.id === selected) for (const camera of alarm.cameras ?? []) sight(alarm, camera);
      mark(alarm);
    }
  };

  const sight = (alarm, { lng, lat, sees }) => {
    if (lng === undefined || lng === null) return;
    const line = [[lat, lng], [alarm.lat, alarm.lng]];
    layer.addLayer(new Polyline(line, { pane, className: `sight ${sees ? "" : "near"}`, interactive: false }));
  };

  const mark = (alarm) => {
    const icon = new DivIcon({ className: `alarm-mark ${alarm.state}`, iconSize: [56, 56], html: document.createElement("i") });
    const title = alarm.button.place || alarm.button.name;
    const marker = new Marker([alarm.lat, alarm.lng], { pane, icon, title, alt: title, keyboard: false });
    marker.on("click", () => onSelect(alarm.id));
    layer.addLayer(marker);
  };

  return layer;
}
