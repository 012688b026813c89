/** An alarm in hand: where, who answers there, which cameras see it, and the next key. */

import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";

import { stopwatch } from "./lists.js";
import { key, pictureOf } from "./parts.js";

const FINDINGS = () => [["real", t("Real alarm"), "1"], ["false", t("False alarm"), "2"], ["drill", t("Drill"), "3"], ["test", t("Test"), "4"], ["device_fault", t("Device fault"), "5"]];
const MOST_CAMERAS = 4;

/** Return what to show of an alarm; null when it is closed. */
export function alarmFocus(alarm, { alarms, onShow }) {
  if (!alarm) return null;
  const said = make("p", { class: "said", role: "alert" });
  const attempt = (act) => async () => {
    try {
      await act();
    } catch (error) {
      said.textContent = error.message;
    }
  };
  const next = alarm.state === "active" ? unanswered(alarm, alarms, attempt) : inHand(alarm, alarms, attempt);
  const parts = [place(alarm), pictures(alarm), next.element, said];
  return { title: t("One-key alarm"), note: clock(alarm), parts, acts: { ...next.acts, enter: () => onShow(alarm.lng, alarm.lat) } };
}

function clock(alarm) {
  const presses = alarm.presses > 1 ? ` · ${t("pressed %(n)s times", { n: alarm.presses })}` : "";
  const time = make("span", { text: stopwatch(alarm.raised_at) + presses });
  const timer = setInterval(() => (time.isConnected ? (time.textContent = stopwatch(alarm.raised_at) + presses) : clearInterval(timer)), 1000);
  return time;
}

function place({ button, cell, road, post }) {
  const words = [
    cell,
    road && t("nearest road %(road)s", { road }),
    post?.name && t("post %(post)s", { post: post.name }),
    (button.duty_line || post?.duty_line) && t("duty line %(line)s", { line: button.duty_line || post.duty_line }),
  ];
  return make("div", {}, make("div", { class: "place", text: button.place || button.name }), make("div", { class: "sub", text: words.filter(Boolean).join(" · ") }));
}

function pictures({ cameras }) {
  const shown = cameras.slice(0, MOST_CAMERAS);
  if (!shown.length) return make("p", { class: "sub", text: t("No working camera sees this place, and none stands within 150 m.") });
  const words = (camera) => [camera.name, camera.sees ? t("sees it") : t("near, may look away"), `${camera.distance_m} m`].join(" · ");
  return make("div", { class: "pics" }, ...shown.map((camera, n) => pictureOf(camera.picture, { isBig: n === 0, words: words(camera), whenNone: t("No picture yet") })));
}

function unanswered(alarm, alarms, attempt) {
  if (!alarms.mayAnswer) return { element: make("p", { class: "sub", text: t("Your account may watch but not answer alarms.") }), acts: {} };
  const acknowledge = attempt(() => alarms.acknowledge(alarm.id));
  return { element: make("div", { class: "keys" }, key(t("Acknowledge"), t("Space"), acknowledge, "main")), acts: { acknowledge } };
}

function inHand(alarm, alarms, attempt) {
  const element = make("div", { class: "keys" });
  if (!alarms.mayAnswer) return { element, acts: {} };
  const acts = {};
  const ask = () => {
    const note = make("textarea", { placeholder: t("What happened, not who (may stay empty)"), "aria-label": t("Note"), maxlength: 500 });
    const choices = FINDINGS().map(([finding, words, sign]) => {
      const close = attempt(() => alarms.close(alarm.id, finding, note.value));
      (acts.choices ??= {})[sign] = close;
      return key(words, sign, close, finding === "real" ? "wide" : "");
    });
    fillWith(element, make("p", { class: "sub key-note", text: t("What did it turn out to be?") }), ...choices);
    element.before(note);
    element.firstChild.style.gridColumn = "1 / 3";
  };
  fillWith(element, key(t("Close with a finding"), "F", ask, "wide"));
  acts.finding = ask;
  return { element, acts };
}
