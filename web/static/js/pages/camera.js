/** One camera: look now, edit its record, drag and turn it on the map, undo. */

import { keepAges } from "lib/ages.js";
import { get, patch, post, put } from "lib/api.js";
import { one } from "lib/dom.js";
import { t } from "lib/words.js";
import { createBasemap } from "map/basemap.js";
import { createMap } from "map/map.js";
import { createPoseLayer } from "map/pose.js";
import { STYLES } from "map/style.js";

const start = JSON.parse(one("#start").textContent);
const path = `/api/v1/cameras/${encodeURIComponent(start.code)}`;
const said = one("#said");
const find = (selector) => document.querySelector(selector);
let version = start.version;

keepAges(document);

function say(words, kind = "") {
  said.textContent = words;
  said.className = `message ${kind}`;
  said.hidden = false;
}

const failing = (act) => async (...values) => {
  try {
    await act(...values);
  } catch (problem) {
    say(problem.message, "bad");
    const place = problem.field && find(`[data-problem="${CSS.escape(problem.field)}"]`);
    if (place) Object.assign(place, { textContent: problem.message, hidden: false });
  }
};

const look = failing(async () => {
  const before = (await get(`/api/v1/cameras/${start.id}/now`)).checked_at;
  await post(`${path}/look`);
  say(t("Looking …"));
  for (let tries = 0; tries < 20; tries++) {
    await new Promise((done) => setTimeout(done, 750));
    if ((await get(`/api/v1/cameras/${start.id}/now`)).checked_at !== before) return location.reload();
  }
  say(t("No look came back within 15 seconds. Check that the worker runs."), "warn");
});

function edit(open) {
  one("#edit-form").hidden = !open;
  one("#record").hidden = open;
  one("#edit").setAttribute("aria-expanded", String(open));
  if (open) one("#edit-form input, #edit-form select").focus();
}

const save = failing(async (form) => {
  for (const place of form.querySelectorAll("[data-problem]")) place.hidden = true;
  const changed = [...form.querySelectorAll("[data-was]")].filter((input) => input.value !== input.dataset.was);
  if (!changed.length) return edit(false);
  const values = Object.fromEntries(changed.map((input) => [input.name, input.value]));
  await patch(path, { version, reason: form.elements.reason.value, values });
  location.reload();
});

const undo = failing(async (change) => {
  await post(`${path}/undo`, { version, change });
  location.reload();
});

const setLogin = failing(async (form) => {
  await put(`${path}/login`, { username: form.elements.username.value, password: form.elements.password.value });
  location.reload();
});

function drawMap() {
  if (start.lng === null) {
    one("#map").replaceChildren(t("This camera has no coordinates. An import or a program may give it a place."));
    return;
  }
  const ground = start.basemaps[0];
  const margin = 0.0011;
  const map = createMap(one("#map"), { crs: ground.crs, extent: [start.lng - margin, start.lat - margin, start.lng + margin, start.lat + margin] });
  map.addLayer(createBasemap({ basemap: ground, style: STYLES.light, pane: "ground" }));
  const first = { lng: start.lng, lat: start.lat, bearing_deg: start.bearing_deg };
  const steps = [first];
  const layer = createPoseLayer({ pose: { ...start }, mayEdit: start.may_edit, onChange: (pose) => step(pose) });
  map.addLayer(layer);
  show(first);

  function step({ lng, lat, bearing_deg }) {
    steps.push({ lng, lat, bearing_deg });
    show(steps.at(-1));
  }

  function show(pose) {
    const bearing = pose.bearing_deg === null ? t("direction not known") : `${pose.bearing_deg.toFixed(1)}°`;
    one("#pose").textContent = `${pose.lng.toFixed(6)}, ${pose.lat.toFixed(6)} · ${bearing}`;
    if (!start.may_edit) return;
    one("#pose-undo").disabled = one("#pose-save").disabled = steps.length < 2;
  }

  if (!start.may_edit) return;
  one("#pose-undo").addEventListener("click", () => {
    steps.pop();
    layer.show(steps.at(-1));
    show(steps.at(-1));
  });
  one("#pose-save").addEventListener("click", failing(async () => {
    const pose = steps.at(-1);
    const values = Object.fromEntries(Object.entries(pose).filter(([name, value]) => value !== first[name]));
    // Where a person has turned it, the doubt of the source is gone.
    if ("bearing_deg" in values) values.bearing_doubt_deg = 0;
    await patch(path, { version, reason: t("on the map"), values });
    location.reload();
  }));
}

one("#look").addEventListener("click", look);
find("#edit")?.addEventListener("click", () => edit(one("#edit-form").hidden));
find("#edit-cancel")?.addEventListener("click", () => edit(false));
find("#edit-form")?.addEventListener("submit", (event) => { event.preventDefault(); save(event.target); });
find("#login-form")?.addEventListener("submit", (event) => { event.preventDefault(); setLogin(event.target); });
for (const button of document.querySelectorAll(".undo")) button.addEventListener("click", () => undo(Number(button.dataset.change)));
const KEYS = { l: "#look", e: "#edit", z: "#pose-undo", s: "#pose-save" };
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (KEYS[event.key]) find(KEYS[event.key])?.click();
});
drawMap();
