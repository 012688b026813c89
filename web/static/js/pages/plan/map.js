/** The map of the planner: what is seen in one of five colourings, cells to choose, planned cameras on top. */

import { GeoJSON } from "leaflet";

import { one } from "lib/dom.js";
import { createGapsLayer } from "map/coverage.js";
import { show as showBox } from "map/map.js";
import { createSightLayer } from "map/sight.js";
import { createAround } from "./around.js";
import { LOOK, showLegend } from "./legend.js";
import { createPlanned } from "./planned.js";

/**
 * Make the map.
 * @param {{desk: Object, mayEdit: boolean, densityOf: () => number, store: Object, onProblem: Function, onCell: (code: string) => void,
 *   onClick: (at: {lng: number, lat: number}) => boolean, onTry: Function, onChange: (id: number, values: Object) => void}} options
 */
export function createPlanMap({ desk: { map, style, crs }, mayEdit, densityOf, store, onProblem, onCell, onClick, onTry, onChange }) {
  const look = { mode: "seen", gaps: true, isFar: false, isWaiting: false };
  const sight = createSightLayer({ look: LOOK, pane: "coverage" }).addTo(map);
  const far = createGapsLayer({ style, crs, pane: "coverage" });
  let cells = [];
  let marked = null;
  let outline = null;
  let density = densityOf();
  let isPlacing = false;

  const around = createAround({
    map, sight, crs, densityOf, onProblem, onFar,
    planned: () => (store.scenario?.cameras_list ?? []).map((camera) => poseOf(camera)),
    onKnown: (known) => {
      look.isWaiting = !known;
      legend();
      if (!known) return;
      cells = known.cells;
      mark(marked);
    },
  });
  const planned = createPlanned({ map, mayEdit, densityOf, groundAt: around.groundAt, onSelect: (id) => store.select(id), onTry, onChange });
  const legend = () => showLegend(one("#legend"), { ...look, density });

  function onFar(isFar) {
    if (isFar) far.addTo(map);
    else far.remove();
    look.isFar = isFar;
    legend();
  }

  /** Outline the cell with this code, where its boundary is known. */
  function mark(code) {
    marked = code;
    outline?.remove();
    const cell = cells.find((one) => one.code === code);
    if (!cell) return;
    const geometry = { type: "MultiLineString", coordinates: cell.rings };
    outline = new GeoJSON(geometry, { pane: "outlines", interactive: false, style: { className: "chosen-cell", weight: 2.5 } }).addTo(map);
  }

  function press(mode) {
    look.mode = mode;
    around.setMode(mode);
    for (const button of document.querySelectorAll("#modes [data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    legend();
  }

  function pressGaps(gaps = !look.gaps) {
    look.gaps = gaps;
    sight.setGaps(gaps);
    one("#gaps").setAttribute("aria-pressed", String(gaps));
    legend();
  }

  map.on("click", ({ latlng }) => {
    if (onClick(latlng)) return;
    const cell = cells.find(({ rings }) => isInside(rings, latlng));
    if (cell) onCell(cell.code);
  });
  one("#modes").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.mode) press(button.dataset.mode);
    else if (button) pressGaps();
  });
  legend();
  around.look();

  return {
    map,
    mark,
    press,
    pressGaps,
    show(cameras, selected) {
      planned.show(cameras, selected);
      if (density !== densityOf()) {
        density = densityOf();
        around.forget();
        legend();
      }
      around.draw();
    },
    showViews: planned.showViews,
    tryPose: planned.tryPose,
    setWorking: around.setWorking,
    setPlacing(wanted) {
      isPlacing = wanted;
      map.getContainer().classList.toggle("placing", wanted);
      // Enter then places the camera, instead of pressing the button that had the focus.
      if (wanted) map.getContainer().focus({ preventScroll: true });
    },
    isPlacing: () => isPlacing,
    /** Show all cameras of a scenario, where it has any. */
    showAll(scenario) {
      const list = scenario?.cameras_list ?? [];
      if (!list.length) return;
      const [lngs, lats] = ["lng", "lat"].map((name) => list.map((camera) => camera[name]));
      showBox(map, [Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)]);
    },
  };
}

const poseOf = ({ lng, lat, bearing_deg, bearing_doubt_deg, hfov_deg, vfov_deg, tilt_deg, height_m, reach_m, width_px }) => (
  { lng, lat, bearing_deg, bearing_doubt_deg, hfov_deg, vfov_deg, tilt_deg, height_m, reach_m, width_px });

/** Say whether a place lies inside rings, those of holes included. */
export function isInside(rings, { lng, lat }) {
  let inside = false;
  for (const ring of rings) {
    ring.slice(1).forEach(([x1, y1], n) => {
      const [x0, y0] = ring[n];
      if (y0 > lat !== y1 > lat && lng < x0 + ((lat - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
    });
  }
  return inside;
}
