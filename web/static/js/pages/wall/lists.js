/** The left side: alarms on top, then what is wrong, worst first, in words; as many lines as fit. */

import { age, duration, exact } from "lib/ages.js";
import { fillWith, make, one } from "lib/dom.js";
import { t } from "lib/words.js";
import { signOf, signOfAlarm, signOfMany } from "map/symbols.js";

/**
 * Make the lists.
 * @param {{alarms: HTMLElement, wrong: HTMLElement, more: HTMLElement}} places
 * @param {{onChoose: (item: Object) => void}} options
 */
export function createLists(places, { onChoose }) {
  let items = [];
  let state = { wrong: [], lines: 0, devices: 0 };
  let open = [];
  let marked = null;

  const showAlarms = (found) => {
    open = found;
    fillWith(places.alarms, ...(open.length ? open.map(alarmLine) : [nothing(t("No alarm is open"))]));
    fit();
  };

  const showWrong = (found) => {
    state = found;
    one("#wrong-count").textContent = state.devices;
    fit();
  };

  const fit = () => {
    const lines = state.wrong.map(wrongLine);
    fillWith(places.wrong, ...(lines.length ? lines : [nothing(t("Every device that was looked at is well"))]));
    places.more.hidden = true;
    const room = places.wrong.parentElement.getBoundingClientRect().bottom;
    const isStacked = getComputedStyle(places.wrong.parentElement).overflow !== "hidden" || matchMedia("(max-width: 900px)").matches;
    let shown = isStacked ? Math.min(lines.length, 12) : lines.filter((line) => line.getBoundingClientRect().bottom < room - 44).length;
    if (shown === lines.length && state.lines === lines.length) return remember(lines.length);
    lines.slice(shown).forEach((line) => line.remove());
    places.more.hidden = false;
    places.more.textContent = t("%(n)s more", { n: state.lines - shown });
    return remember(shown);
  };

  const remember = (shown) => {
    items = [...open.map(alarmItem), ...state.wrong.slice(0, shown).map(wrongItem)];
    mark(marked);
  };

  const line = (item, parts, look) => {
    const key = keyOf(item);
    const button = make("div", { class: `item ${look}`, role: "button", tabindex: 0, dataset: { key }, on: { click: () => onChoose(item) } }, ...parts);
    return make("li", {}, button);
  };

  const alarmLine = (alarm) => {
    const seeing = alarm.cameras.filter((camera) => camera.sees).length;
    const sight = seeing ? t("%(n)s cameras see it", { n: seeing }) : alarm.cameras.length ? t("%(n)s cameras near", { n: alarm.cameras.length }) : t("no camera sees it");
    const words = [alarm.cell?.split(" ▸ ").at(-1), sight, alarm.state === "active" ? t("not acknowledged") : t("in hand")];
    const name = make("b", { text: `${t("One-key alarm")} · ${alarm.button.place || alarm.button.name}` });
    return line(alarmItem(alarm), [signOfAlarm(), name, since(alarm.raised_at, stopwatch), make("small", { text: words.filter(Boolean).join(" · ") })], `alarm ${alarm.state}`);
  };

  const wrongLine = (row) => {
    const isMany = row.outage_id !== null || row.devices > 1;
    const name = row.outage_id !== null ? `${t("Outage")} · ${row.name}` : isMany ? `${t("Lost together")} · ${row.area ?? ""}` : row.name;
    const why = isMany ? t("%(n)s devices at once, shown as one: %(why)s", { n: row.devices, why: row.why }) : (!row.unstable && row.advice) || row.why;
    const sign = isMany ? signOfMany() : signOf(row.health);
    return line(wrongItem(row), [sign, make("b", { text: name, title: name }), since(row.since, age), make("small", { text: why, title: why })], isMany ? "many" : row.health);
  };

  const mark = (item) => {
    marked = item;
    const key = item && keyOf(item);
    for (const button of document.querySelectorAll(".wrong .item")) {
      if (button.dataset.key === key) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  };

  const step = (by) => {
    const at = items.findIndex((item) => marked && keyOf(item) === keyOf(marked));
    const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
    if (next) onChoose(next);
  };

  setInterval(() => document.querySelectorAll(".wrong time").forEach((time) => (time.textContent = time.words(time.dateTime))), 1000);
  addEventListener("resize", fit);
  return { showAlarms, showWrong, mark, step };
}

const keyOf = ({ kind, id }) => `${kind}${id}`;
const alarmItem = ({ id, lng, lat }) => ({ kind: "alarm", id, lng, lat });
const kindOf = (row) => (row.outage_id !== null ? "outage" : row.devices > 1 ? "many" : "camera");
const wrongItem = (row) => ({ kind: kindOf(row), id: row.id, lng: row.lng, lat: row.lat, row });
const nothing = (text) => make("li", { class: "nothing", text });

function since(at, words) {
  const time = make("time", { class: "since", datetime: at, title: exact(at), text: words(at) });
  time.words = words;
  return time;
}

/** Minutes and seconds for what counts in seconds; words after an hour. */
export function stopwatch(at) {
  const seconds = Math.max(0, Math.floor((Date.now() - new Date(at)) / 1000));
  const two = (n) => String(n).padStart(2, "0");
  return seconds < 3600 ? `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}` : duration(seconds);
}
