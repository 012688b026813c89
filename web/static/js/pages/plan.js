/** The planner's page: joins scenarios, map, camera in hand, computation and figures, and keeps them true. */

import { keepAges } from "lib/ages.js";
import { one } from "lib/dom.js";
import { listen } from "lib/push.js";
import { t } from "lib/words.js";
import { createDeskMap } from "map/desk.js";
import { goTo, show as showBox } from "map/map.js";

import { createCameraPanel } from "./plan/camera.js";
import { showRecorded } from "./plan/cell.js";
import { createForbidden } from "./plan/forbidden.js";
import { createHand } from "./plan/hand.js";
import { showHead } from "./plan/head.js";
import { addKeys } from "./plan/keys.js";
import { isCrossing, isPole } from "./plan/kinds.js";
import { createPlanMap } from "./plan/map.js";
import { createRun } from "./plan/run.js";
import { createScenarios } from "./plan/scenarios.js";
import { createShares } from "./plan/shares.js";
import { createSiting } from "./plan/siting.js";
import { createStore } from "./plan/store.js";
import { often } from "./wall/pace.js";

const start = JSON.parse(one("#start").textContent);
const mayEdit = start.may_edit;
const find = (selector) => document.querySelector(selector);
const asked = new URLSearchParams(location.search);

let saying = 0;
function say(words, kind = "") {
  clearTimeout(saying);
  Object.assign(one("#said"), { textContent: words, className: `message ${kind}`, hidden: !words });
  saying = setTimeout(() => (one("#said").hidden = true), 8_000);
}
const onProblem = (problem) => say(problem.message, "bad");

const store = createStore({ scenarios: start.scenarios, onChange: changed, onProblem });
const densityOf = () => store.scenario?.px_per_m ?? 25;
const camera = createCameraPanel(one("#camera"), {
  mayEdit, densityOf, onClose: () => store.select(null), onRemove: () => hand.drop(), onChange: (values) => change(store.selected, values),
});
const map = createPlanMap({
  desk: createDeskMap({ ...start, isQuiet: ({ kind }) => isPole(kind) || isCrossing(kind) }), mayEdit, densityOf, store, onProblem, onClick: (at) => hand.click(at), onCell: (code) => shares.choose(code),
  onTry: (moved, seen) => {
    camera.tell(moved, seen);
    shares.try(moved);
  },
  onChange: change,
});
const hand = createHand({ store, map, say, change, forbidden: () => forbidden });
const shares = createShares({
  cell: asked.get("cell"), store, onProblem,
  onViews: (features) => {
    map.showViews(features);
    camera.know(features);
  },
  onCell: (code) => {
    map.mark(code);
    keepAddress();
  },
});
const forbidden = createForbidden(
  { box: one("#forbidden"), total: one("#forbidden-count"), list: one("#forbidden-list"), drawKey: find("#forbid-draw"), file: find("#forbid-file") },
  { map: map.map, mayEdit, onProblem, say, remember: store.remember });
const scenarios = createScenarios({ list: one("#scenarios"), compare: one("#compare") }, { store, mayEdit });
const run = createRun(one("#run"), {
  store, mayEdit, onProblem, onPoint: ({ lng, lat }) => goTo(map.map, lng, lat, 18),
  onKept: async (added) => {
    await store.reload();
    await store.added(added);
    map.showAll(store.scenario);
    say(t("%(n)s cameras are in the scenario now.", { n: added.length }), "good");
  },
});
const siting = createSiting({ form: one("#siting"), fields: one("#siting-fields"), empty: one("#siting-empty") }, { store, mayEdit, onAsk: run.ask, onArea: (box) => store.scenario?.cameras_list.length || showBox(map.map, box) });

/** Whatever changed in the store is shown where it belongs. */
function changed(what) {
  const list = store.scenario?.cameras_list ?? [];
  if (what === "scenario") {
    shares.forget();
    run.open(store.scenario?.siting);
    map.showAll(store.scenario);
    keepAddress();
  }
  siting.show();
  scenarios.show();
  showHead(one("#in-hand"), { store, mayEdit, say, onPlace: () => hand.place(true) });
  camera.show(store.cameraOf(store.selected), list.findIndex(({ id }) => id === store.selected) + 1);
  map.show(list, store.selected);
  if (find("#undo")) one("#undo").disabled = !store.canUndo();
  if (what !== "selected") shares.refresh();
}

function keepAddress() {
  const words = { ...(shares.cell() ? { cell: shares.cell() } : {}), ...(store.scenario ? { scenario: store.scenario.id } : {}) };
  history.replaceState(null, "", `?${new URLSearchParams(words)}`);
}

async function goToCell() {
  const cell = await shares.showChosen();
  if (cell) showBox(map.map, [cell.west, cell.south, cell.east, cell.north]);
}

function change(id, values) {
  shares.settle();
  return store.change(id, values);
}

const editing = { n: () => hand.place(), b: () => forbidden.draw(), z: () => store.undo(), delete: hand.drop, enter: hand.enter };
addKeys({
  inHand: () => mayEdit && hand.camera(), onNudge: hand.nudge, onMode: map.press,
  acts: { g: () => map.pressGaps(), escape: hand.escape, ...(mayEdit ? editing : {}) },
});
find("#place")?.addEventListener("click", editing.n);
find("#undo")?.addEventListener("click", editing.z);
find("#new")?.addEventListener("click", scenarios.begin);

const readRecorded = often(() => Promise.all([showRecorded(one("#recorded")), shares.showChosen()]), 700);
const works = (health) => ["online", "degraded"].includes(health);
listen({
  coverage: readRecorded,
  health: (body) => (body.cameras ?? [body]).forEach(({ id, health }) => map.setWorking(id, works(health))),
  silent: ({ ids }) => ids.forEach((id) => map.setWorking(id, false)),
  siting: run.heard,
  reload: readRecorded,
}, { onClosed: () => location.reload(), onFound: readRecorded });

keepAges(document);
changed("list");
forbidden.read();
map.mark(shares.cell());
readRecorded();
if (asked.get("scenario")) store.open(Number(asked.get("scenario")));
else if (shares.cell()) goToCell();
