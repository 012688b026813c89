/** The map of the wall: background, layers to switch between, cameras, names, alarms, legend. */

import { make, one } from "lib/dom.js";
import { t } from "lib/words.js";
import { createAlarmsLayer } from "map/alarms.js";
import { createBasemap, createOutlines } from "map/basemap.js";
import { createCamerasLayer, numberOf } from "map/cameras.js";
import { createGapsLayer, createViewsLayer } from "map/coverage.js";
import { createHeat } from "map/heat.js";
import { createLabels } from "map/labels.js";
import { createMap, goTo, show } from "map/map.js";
import { readPoints } from "map/points.js";
import { addScale } from "map/scale.js";
import { STYLES } from "map/style.js";
import { fillLegend } from "./legend.js";

const MAINTENANCE = 4;

/** Make the map of the wall. */
export function createWallMap({ start, onSelect, onAlarm }) {
  const basemap = start.basemaps.find(({ id }) => id === localStorage.getItem("wall.basemap")) ?? start.basemaps[0];
  const style = { ...STYLES.dark, font: getComputedStyle(document.body).fontFamily };
  const map = createMap(one("#map"), { crs: basemap.crs, extent: start.extent });
  let towns = new Map();
  let points = null;
  let selected = null;

  const labels = createLabels({ style, pane: "names", noteOf: ({ kind, id }) => (kind === "town" ? noteOfTown(towns.get(id)) : null) });
  const onTile = (tile) => labels.learn(tile);
  const ground = createBasemap({ basemap, style, pane: "ground", onTile, onTruncated: () => (one("#attribution").title = t("Not everything is drawn here; go nearer")) });
  const outlines = basemap.url ? createOutlines({ basemap, style, pane: "outlines", onTile }) : null;
  const cameras = createCamerasLayer({ pane: "cameras", colours: style.cameras, onSelect });
  const alarms = createAlarmsLayer({ pane: "alarms", onSelect: onAlarm });
  const isWorking = (id) => points === null || [0, 1].includes(points.health[points.indexOf.get(id)]);
  const thematic = {
    views: createViewsLayer({ style, crs: basemap.crs, pane: "coverage", isWorking }),
    gaps: createGapsLayer({ style, crs: basemap.crs, pane: "coverage" }),
    heat: createHeat({ form: one("#period"), pane: "heat" }),
  };

  [ground, outlines, cameras, labels, alarms].forEach((layer) => layer?.addTo(map));
  addScale(map, one("#scale"));
  one("#attribution").textContent = basemap.attribution;
  offerBasemaps(start.basemaps, basemap);
  one("#nearer").addEventListener("click", () => map.zoomIn());
  one("#farther").addEventListener("click", () => map.zoomOut());
  one("#home").addEventListener("click", () => showAll());
  one("#layers").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) showLayer(button.dataset.layer);
  });

  let theme = "health";
  let problemsOnly = false;

  /** Switch to a layer; "problems" is a filter beside it. */
  function showLayer(wanted) {
    if (wanted === "problems") cameras.setProblemsOnly((problemsOnly = !problemsOnly));
    else theme = wanted;
    for (const [name, layer] of Object.entries(thematic)) {
      if (name === theme) layer.addTo(map);
      else layer.remove();
    }
    one("#period").hidden = theme !== "heat";
    for (const button of one("#layers").children) {
      button.setAttribute("aria-pressed", button.dataset.layer === "problems" ? problemsOnly : button.dataset.layer === theme);
    }
    showLegend();
  }

  const showLegend = () => fillLegend(one("#legend"), points, theme);

  function setPoints(columns, health) {
    points = readPoints(columns, basemap.crs);
    health.id.forEach((id, n) => (points.health[points.indexOf.get(id)] = health.health[n]));
    cameras.setPoints(points);
    if (!start.extent && points.count) show(map, [Math.min(...points.lng), Math.min(...points.lat), Math.max(...points.lng), Math.max(...points.lat)]);
    showLegend();
    return points.count;
  }

  function setHealth(id, health) {
    const i = points?.indexOf.get(id);
    // What is in maintenance stays so, whatever a look said.
    if (i !== undefined && points.health[i] !== MAINTENANCE && cameras.setHealth(id, numberOf(health))) askLegend();
  }

  let asked;
  function askLegend() {
    clearTimeout(asked);
    asked = setTimeout(showLegend, 200);
  }

  function setAllHealth({ id, health }) {
    id.forEach((camera, n) => cameras.setHealth(camera, health[n]));
    askLegend();
  }

  function select(item) {
    selected = item;
    cameras.select(item?.kind === "camera" ? item.id : null);
    showAlarms();
  }

  let open = [];
  function showAlarms(found = open) {
    open = found;
    const placed = open.map((alarm) => ({ ...alarm, cameras: alarm.cameras.map((camera) => ({ ...camera, ...placeOf(camera.id) })) }));
    alarms.show(placed, selected?.kind === "alarm" ? selected.id : null);
  }

  function placeOf(id) {
    const i = points?.indexOf.get(id);
    return i === undefined ? {} : { lng: points.lng[i], lat: points.lat[i] };
  }

  function showTowns(found) {
    towns = new Map(found.map((town) => [town.id, town]));
    labels.ask();
  }

  function showFound(found) {
    if (found.west != null) show(map, [found.west, found.south, found.east, found.north]);
    else goTo(map, found.lng, found.lat, 17);
  }

  const showAll = () => show(map, start.extent ?? undefined);
  const refreshCoverage = () => [thematic.views, thematic.gaps].forEach((layer) => layer._map && layer.refresh());
  const refreshGround = () => [ground, outlines].forEach((layer) => layer?.refresh?.());
  showLegend();
  return { map, showLayer, setPoints, setHealth, setAllHealth, select, showAlarms, showTowns, showFound, showAll, refreshCoverage, refreshGround };
}

function noteOfTown(town) {
  if (!town?.in_use) return null;
  const wrong = town.offline + town.degraded + town.unknown;
  return wrong ? t("%(wrong)s of %(all)s not well", { wrong, all: town.in_use }) : t("%(all)s cameras", { all: town.in_use });
}

function offerBasemaps(offered, chosen) {
  const list = one("#basemap");
  list.append(...offered.map(({ id, name }) => make("option", { value: id, text: name, selected: id === chosen.id })));
  list.addEventListener("change", () => {
    localStorage.setItem("wall.basemap", list.value);
    // Another CRS moves everything that is drawn, so the page begins anew.
    location.reload();
  });
}
