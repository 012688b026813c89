/** The wall: joins the map, the lists, the focus and the keys, and keeps them true while changes arrive. */

import { get } from "lib/api.js";
import { make, one } from "lib/dom.js";
import { listen } from "lib/push.js";
import { t } from "lib/words.js";
import { goTo } from "map/map.js";
import { addWhoSees } from "map/who.js";

import { createAlarms } from "./wall/alarms.js";
import { showCutOff } from "./wall/cut_off.js";
import { startClock } from "./wall/clock.js";
import { createFocus } from "./wall/focus.js";
import { addKeys } from "./wall/keys.js";
import { createLists } from "./wall/lists.js";
import { createWallMap } from "./wall/map.js";
import { createNumbers } from "./wall/numbers.js";
import { addSearch } from "./wall/search.js";
import { createSound } from "./wall/sound.js";
import { often } from "./wall/pace.js";

const STATE_EVERY_MS = 20_000;
const HEALTH_EVERY_MS = 60_000;

const start = JSON.parse(one("#start").textContent);
const wall = one("#wall");
const sound = createSound(one("#sound"));
const numbers = createNumbers(one("#numbers"));
const map = createWallMap({ start, onSelect: (id) => choose({ kind: "camera", id }), onAlarm: (id) => choose({ kind: "alarm", id }) });
const alarms = createAlarms({ sound, onChange: showAlarms, mayAnswer: start.may_answer });
const focus = createFocus(one("#focus"), { alarms, onShow: show, onGone: () => choose(null) });
const lists = createLists({ alarms: one("#alarms"), wrong: one("#wrong"), more: one("#more") }, { onChoose: (item) => choose(item, true) });

/** Take something in hand: a camera, an alarm, many devices, or nothing; `fly` moves the map there. */
function choose(item, fly = false) {
  lists.mark(item);
  map.select(item);
  focus.show(item);
  if (fly && item && item.lng != null) goTo(map.map, item.lng, item.lat, ["many", "outage"].includes(item.kind) ? 13 : 16);
}

function show(lng, lat) {
  if (lng != null) goTo(map.map, lng, lat, 17);
}

function showAlarms(open, fresh) {
  one("#alarm-count").textContent = open.length;
  lists.showAlarms(open);
  map.showAlarms(open);
  // A new alarm takes the place in hand, unless the operator is busy with another one.
  if (fresh && focus.item()?.kind !== "alarm") choose({ kind: "alarm", id: fresh.id, lng: fresh.lng, lat: fresh.lat }, true);
  else if (focus.item()?.kind === "alarm") focus.show(focus.item());
}

async function readState() {
  const state = await get("/api/v1/wall");
  numbers.show(state);
  lists.showWrong(state);
  map.showTowns(state.towns);
  focus.showTowns(state.towns);
  showCutOff(one("#cut-off"), state.cut_off);
}

async function readPoints() {
  const empty = one("#empty");
  const [points, health] = await Promise.all([get("/api/v1/cameras/points"), get("/api/v1/cameras/health")]);
  const count = map.setPoints(points, health);
  empty.hidden = count > 0;
  if (!count) sayEmpty(empty);
  document.documentElement.dataset.points = count;
  drawn("cameras-drawn");
}

/** Leave a mark for whoever measures: what was asked for is on the screen. */
function drawn(name) {
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark(name)));
}

function sayEmpty(empty) {
  const next = start.may_import
    ? make("a", { href: "/import", class: "key", text: t("Go to the page “Import”") })
    : t("Ask an editor to import some.");
  empty.replaceChildren(make("b", { text: t("There are no cameras on the map yet") }), make("span", { text: t("Import the areas first, then the cameras; both appear here by themselves.") }), next);
}

const soon = often(() => readState().catch(() => {}), 900);
const readHealth = often(async () => map.setAllHealth(await get("/api/v1/cameras/health")), 1500);

function heardHealth(body) {
  for (const change of body.cameras ?? [body]) {
    map.setHealth(change.id, change.health);
    if (focus.item()?.kind === "camera" && focus.item().id === change.id) focus.show(focus.item());
  }
  drawn("health-drawn");
  soon();
}

function heardSilence({ ids }) {
  for (const id of ids) map.setHealth(id, "unknown");
  soon();
}

function readAll() {
  return Promise.all([readState(), readHealth(), alarms.read()]);
}

const stream = listen(
  {
    health: heardHealth,
    silent: heardSilence,
    alarm: () => {
      alarms.read();
      soon();
    },
    outage: () => {
      soon();
      if (focus.item()?.kind === "outage") focus.show(focus.item());
    },
    maintenance: () => Promise.all([readHealth(), soon()]),
    picture: (body) => focus.pictureOf(body.id),
    coverage: () => map.refreshCoverage(),
    areas: () => map.refreshGround(),
    cameras: () => readPoints(),
    import: () => readPoints().then(soon),
    reload: () => readAll(),
  },
  { onLost: () => lost(true), onFound: () => lost(false), onClosed: () => location.reload() },
);

function lost(isLost) {
  wall.classList.toggle("is-stale", isLost);
  one("#lost").hidden = !isLost;
  if (!isLost) readAll();
}

startClock({ clock: one("#clock"), fresh: one("#fresh"), lost: one("#lost"), heardAt: stream.heardAt, isLost: () => !one("#lost").hidden });
addSearch(one("#search"), { onFound: (found) => (found.kind === "camera" ? choose({ ...found }, true) : map.showFound(found)) });
addWhoSees(map.map, { onCamera: ({ id, lng, lat }) => choose({ kind: "camera", id, lng, lat }, true) });
addKeys({ lists, focus, map, sound, alarms, choose });
setInterval(() => readState().catch(() => {}), STATE_EVERY_MS);
setInterval(() => readHealth().catch(() => {}), HEALTH_EVERY_MS);
focus.show(null);
alarms.read();
readPoints()
  .catch(() => lost(true))
  .then(() => readState())
  .catch(() => {});
