/** The right side: the one thing in hand, and the keys that act on it. */

import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";

import { alarmFocus } from "./alarm_focus.js";
import { cameraFocus } from "./camera_focus.js";
import { outageFocus } from "./outage_focus.js";
import { manyFocus, townsFocus } from "./overview.js";

/**
 * Make the focus.
 * @param {HTMLElement} element
 * @param {{alarms: Object, onShow: (lng: number, lat: number) => void, onGone: () => void}} options
 */
export function createFocus(element, { alarms, onShow, onGone }) {
  let item = null;
  let towns = null;
  let acts = {};
  let turn = 0;

  /** Show what is in hand; an answer that comes after the operator moved on is dropped. */
  const show = async (wanted) => {
    const isSame = wanted && item && wanted.kind === item.kind && wanted.id === item.id;
    item = wanted;
    const mine = ++turn;
    if (!isSame) acts = {};
    const made = await read(wanted).catch((error) => ({ title: t("Not shown"), parts: [make("p", { class: "said", text: error.message })], acts: {} }));
    if (mine !== turn) return;
    if (made === null) return onGone();
    acts = made.acts ?? {};
    fillWith(element, heading(made), make("div", { class: "body" }, ...made.parts));
  };

  const read = async (wanted) => {
    if (wanted === null) return townsFocus(towns);
    if (wanted.kind === "outage") return outageFocus(wanted, { onShow });
    if (wanted.kind === "many") return manyFocus(wanted, { onShow });
    if (wanted.kind === "camera") return cameraFocus(wanted.id, { onShow, again: () => item === wanted && show(wanted) });
    return alarmFocus(alarms.byId(wanted.id), { alarms, onShow });
  };

  const act = (name) => {
    acts[name]?.();
    return name in acts ? true : undefined;
  };
  /** A digit or letter that only means something now, such as a finding; true when it did. */
  const choice = (key) => {
    if (!acts.choices?.[key]) return false;
    acts.choices[key]();
    return true;
  };
  const showTowns = (found) => {
    towns = found;
    if (item === null) show(null);
  };
  const pictureOf = (id) => {
    if (item?.kind === "camera" && item.id === id) show(item);
  };
  return { show, act, choice, showTowns, pictureOf, item: () => item };
}

function heading({ title, note }) {
  return make("h2", {}, make("span", { text: title }), note instanceof Node ? note : make("span", { text: note ?? "" }));
}
