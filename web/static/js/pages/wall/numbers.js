/** The six numbers at the bottom, each with what it was divided by; a dash where there is no data. */

import { fillWith, make } from "lib/dom.js";
import { language, t } from "lib/words.js";

const count = (n) => Number(n).toLocaleString(language);
const share = (part, whole) => (whole > 0 ? ((100 * part) / whole).toFixed(1) : null);

/** Keep the numbers in `element`. */
export function createNumbers(element) {
  const show = ({ numbers }) => fillWith(element, ...six(numbers).map(cell));
  return { show };
}

/**
 * Return the six: title, number, unit, and what stands beside it.
 * @param {Object} n counts as /api/v1/wall gives them
 */
export function six(n) {
  const seen = n.online + n.degraded + n.offline;
  const answering = n.online + n.degraded;
  const lost = n.seen_now_m2 === null ? 0 : (100 * (n.seen_now_m2 - n.seen_m2)) / n.open_m2;
  return [
    { title: t("Online rate"), value: share(answering, seen), unit: "%", beside: beside(answering, seen, n.unknown, t("unchecked")) },
    { title: t("Intact rate"), value: share(n.online, seen), unit: "%", beside: beside(n.online, seen, n.maintenance, t("in maintenance")) },
    { title: t("Covered now"), value: n.open_m2 > 0 && n.seen_now_m2 !== null ? share(n.seen_now_m2, n.open_m2) : null, unit: "%", beside: coverage(n, lost), isBad: lost <= -0.05 },
    { title: t("Alarms today"), value: count(n.alarms), beside: t("drills %(drills)s · false %(false)s", { drills: n.drills, false: n.false_alarms }) },
    { title: t("Acknowledged 90 %"), value: n.acknowledge_s === null ? null : Number(n.acknowledge_s).toFixed(0), unit: "s", beside: acknowledged(n), isBad: n.acknowledge_s > n.acknowledge_target_s },
    { title: t("Vacant posts"), value: n.cells > 0 ? count(n.vacant) : null, unit: n.cells > 0 ? `/ ${count(n.cells)}` : undefined, beside: n.cells > 0 ? t("cells without a staffed post") : t("no cells yet") },
  ];
}

function beside(part, whole, left, word) {
  if (!whole) return left ? `${word} ${count(left)}` : t("no data yet");
  return `${count(part)} / ${count(whole)}${left ? ` · ${word} ${count(left)}` : ""}`;
}

function coverage(n, lost) {
  if (!(n.open_m2 > 0)) return t("not computed yet");
  if (n.seen_now_m2 === null) return t("not known: the job that computes it is not running");
  const km2 = (m2) => (m2 / 1e6).toFixed(2);
  if (lost <= -0.05) return t("%(lost)s, %(n)s cameras do not work", { lost: lost.toFixed(1).replace("-", "−"), n: count(n.offline + n.unknown) });
  return `${km2(n.seen_now_m2)} / ${km2(n.open_m2)} km²`;
}

function acknowledged(n) {
  if (!n.alarms) return t("no alarm today");
  return t("%(part)s / %(whole)s · target %(target)s s", { part: n.acknowledged, whole: n.alarms, target: n.acknowledge_target_s });
}

function cell({ title, value, unit, beside: words, isBad }) {
  const number = make("b", {}, value ?? "—", value !== null && unit ? make("small", { text: unit }) : "");
  return make("div", { class: value === null ? "n none" : "n" }, make("span", { text: title }), number, make("small", { class: isBad ? "bad" : "", text: words, title: words }));
}
