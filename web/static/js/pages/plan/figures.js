/** Tables of shares: a cell as it is now, with all cameras in use and with the scenario; and the cells a scenario reaches. */

import { age, exact } from "lib/ages.js";
import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";
import { count, gain, percent, withDoubt } from "./format.js";

const MATTERS = {
  crossings: () => t("Crossings seen"),
  places: () => t("Key places seen"),
  roads: () => t("Road length seen"),
  buildings: () => t("Buildings seen"),
  incidents: () => t("Incidents in sight"),
};

const head = (...titles) => make("thead", {}, make("tr", {}, ...titles.map((text, n) => (text ? make("th", { class: n ? "number" : "", scope: "col", text }) : make("td")))));
const row = (title, ...cells) => make("tr", {}, make("th", { scope: "row", text: title }), ...cells);
const cell = (text, kind = "") => make("td", { class: `number ${kind}`, text });

function better(after, before, isLossy = false) {
  if (Math.abs(after - before) < 0.0005) return "";
  return after > before !== isLossy ? "good" : "bad";
}

const rowsOf = (before, after) => [
  [t("Seen"), (one) => withDoubt(one.share, one.low, one.high), better(after?.share, before.share)],
  [t("Of the open ground"), (one) => percent(one.share_of_open), better(after?.share_of_open, before.share_of_open)],
  [t("Seen by two or more"), (one) => percent(one.by_two_share), better(after?.by_two_share, before.by_two_share)],
  [t("Lost at worst with one camera"), (one) => (one.worst_loss_share ? `−${percent(one.worst_loss_share)}` : percent(one.worst_loss_share)), better(after?.worst_loss_share, before.worst_loss_share, true)],
  [t("Plain sectors would say"), (one) => percent(one.sectors_share), "muted"],
];

const tally = ({ seen, of }) => (of >= 10_000 || !Number.isInteger(of) ? `${percent(of ? seen / of : 0)}` : `${count(seen)} / ${count(of)}`);

function mattersOf(before, after) {
  return Object.entries(before.matters ?? {}).filter(([name]) => MATTERS[name]).map(([name, tallied]) => {
    const then = after?.matters?.[name];
    return row(MATTERS[name](), cell(tally(tallied)), ...(after ? [cell(then ? tally(then) : "—", then && then.seen > tallied.seen ? "good" : "")] : []));
  });
}

/** Return the table of one place before and with the scenario. */
export function compareTable({ before, after }, title) {
  const rows = rowsOf(before, after).map(([name, words, kind]) => row(name, cell(words(before), kind === "muted" ? "muted" : ""), ...(after ? [cell(words(after), kind)] : [])));
  const titles = ["", t("All in use"), ...(after ? [t("With the scenario")] : [])];
  return make("table", {}, make("caption", { class: "sr-only", text: title }), head(...titles), make("tbody", {}, ...rows, ...mattersOf(before, after)));
}

/** Return what is seen of a cell right now, against all in use, with the age of the figure. */
export function nowLine({ seen_now_m2: now, seen_m2: all, area_m2: area, computed_at: at, cameras, cameras_now: working }) {
  const isKnown = now !== null && now !== undefined;
  const share = isKnown && area ? percent(now / area) : t("not known");
  const lost = isKnown && area && all - now > area * 0.0005 ? t("%(share)s lost now", { share: percent((all - now) / area) }) : "";
  return make("div", { class: `now ${lost ? "short" : ""}` },
    make("span", { text: t("Seen now") }), make("b", { id: "seen-now", "data-value": isKnown && area ? now / area : "", text: share }),
    make("span", { class: lost ? "bad" : "muted", text: lost || (isKnown ? t("nothing lost") : t("being computed again")) }),
    ...(isKnown ? [make("span", { class: "muted", text: t("%(n)s of %(m)s cameras work", { n: working ?? 0, m: cameras }) })] : []),
    make("span", { class: "muted" }, t("computed "), make("time", { class: "age", datetime: at, title: exact(at), text: age(at) })));
}

/** Show the cells a scenario reaches into, the greatest gain first; a click chooses one. */
export function showEffect(box, figures, { onChoose, isOld }) {
  const { sum, cells, whole } = figures;
  const sorted = [...cells].sort((a, b) => b.after.seen_m2 - b.before.seen_m2 - (a.after.seen_m2 - a.before.seen_m2));
  const rows = sorted.slice(0, 12).map((one) => make("tr", {},
    make("th", { scope: "row" }, make("button", { type: "button", class: "link", text: one.name || one.code, on: { click: () => onChoose(one.code) } })),
    cell(percent(one.before.share)), cell(percent(one.after.share)), cell(gain(one.after.share - one.before.share), "good")));
  const all = whole ?? sum;
  fillWith(box,
    make("h2", { text: whole ? t("What the scenario changes in its area") : t("What the scenario changes in %(n)s cells", { n: cells.length }) }),
    ...(isOld ? [make("p", { class: "muted", role: "status", text: t("Being computed again; this is the last result.") })] : []),
    compareTable({ before: all.before, after: all.after }, t("What the scenario changes in its area")),
    ...(rows.length ? [make("table", { class: "cells" }, head(t("Cell"), t("All in use"), t("With the scenario"), t("Gain")), make("tbody", {}, ...rows))] : []),
    ...(cells.length > 12 ? [make("p", { class: "muted", text: t("%(n)s more are not listed", { n: cells.length - 12 }) })] : []));
}
