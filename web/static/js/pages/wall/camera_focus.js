/** A camera in hand: its last picture with its age, what is wrong and what to do, and the last day. */

import { age, exact } from "lib/ages.js";
import { get, post } from "lib/api.js";
import { make } from "lib/dom.js";
import { label, t } from "lib/words.js";
import { signOf } from "map/symbols.js";

import { key, keyLink, pictureOf } from "./parts.js";
import { strip } from "./strip.js";

const ANSWER_WITHIN_MS = 30_000;

/** Return what to show of a camera and what the keys do. */
export async function cameraFocus(id, { onShow, again }) {
  const camera = await get(`/api/v1/cameras/${id}/now`);
  const said = make("p", { class: "said", role: "status" });
  const look = () => lookNow(camera, said, again);
  const record = `/cameras/${encodeURIComponent(camera.code)}`;
  const parts = [
    place(camera),
    pictureOf(camera.picture, { isBig: true, words: camera.picture ? t("Stored picture, not live") : "", whenNone: t("No picture yet. Press L to look now.") }),
    state(camera),
    strip(camera.strip),
    make("div", { class: "keys" }, key(t("Look now"), "L", look), keyLink(t("Record"), "R", record), key(t("Show on the map"), "Enter", () => onShow(camera.lng, camera.lat), "wide")),
    said,
  ];
  const acts = { look, record: () => location.assign(record), enter: () => onShow(camera.lng, camera.lat) };
  return { title: t("Camera"), note: camera.code, parts, acts };
}

function place(camera) {
  const where = [camera.crumbs.slice(1).join(" ▸ "), camera.address].filter(Boolean);
  return make("div", {}, make("div", { class: "place", text: camera.name }), make("div", { class: "sub", text: where.join(" · ") || t("Lies in no area") }));
}

function state(camera) {
  const health = camera.maintained ? "maintenance" : camera.health;
  const name = camera.maintained ? t("In maintenance") : label("Health", camera.health);
  const words = [name, camera.unstable_since && t("Comes and goes"), camera.outage_id && t("Part of an outage"), camera.why].filter(Boolean).join(" · ");
  const lines = [make("small", { text: camera.advice }), make("small", { text: seen(camera) })].filter((line) => line.textContent);
  return make("div", { class: "state" }, signOf(health), make("b", { text: words }), make("time", { datetime: camera.since, title: exact(camera.since), text: age(camera.since) }), ...lines);
}

function seen(camera) {
  if (camera.never) return t("Never looked at yet");
  const layer = camera.layer ? t("Stopped at: %(layer)s", { layer: label("Layer", camera.layer) }) : "";
  return [layer, t("Looked at %(age)s ago", { age: age(camera.checked_at) })].filter(Boolean).join(" · ");
}

async function lookNow(camera, said, again) {
  said.className = "said good";
  said.textContent = t("Looking …");
  try {
    await post(`/api/v1/cameras/${encodeURIComponent(camera.code)}/look`);
    await untilLookedAt(camera);
    again();
  } catch (error) {
    said.className = "said";
    said.textContent = error.message;
  }
}

async function untilLookedAt({ id, checked_at: before }) {
  const end = Date.now() + ANSWER_WITHIN_MS;
  while (Date.now() < end) {
    await new Promise((go) => setTimeout(go, 700));
    if ((await get(`/api/v1/cameras/${id}/now`)).checked_at !== before) return;
  }
  throw new Error(t("No worker has looked yet. The look stays asked for; see whether a worker runs."));
}
