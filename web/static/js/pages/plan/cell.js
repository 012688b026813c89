/** The cell in hand: what is seen of it now, with all cameras in use and with the scenario; and the whole record above. */

import { get } from "lib/api.js";
import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";
import { count, withDoubt, percent } from "./format.js";
import { compareTable, nowLine } from "./figures.js";

const MATTERS = { crossings: ["crossings", "crossings_seen"], places: ["places", "places_seen"], roads: ["roads_m", "roads_seen_m"], buildings: ["buildings", "buildings_seen"], incidents: ["incidents", "incidents_seen"] };

/** Return the figures of a row of /api/v1/coverage as those of the planner are named. */
export function figuresOf(row) {
  const share = (part) => (row.area_m2 && part !== undefined && part !== null ? part / row.area_m2 : undefined);
  const matters = Object.entries(MATTERS).filter(([, [of]]) => row[of]).map(([name, [of, seen]]) => [name, { of: row[of], seen: row[seen] ?? 0 }]);
  return {
    share: share(row.seen_m2), low: share(row.least_m2), high: share(row.most_m2), share_of_open: row.open_m2 ? row.seen_m2 / row.open_m2 : undefined,
    by_two_share: share(row.seen_by_2_m2), worst_loss_share: share(row.worst_m2), sectors_share: share(row.sectors_m2), matters: Object.fromEntries(matters),
  };
}

/** Show the cell and return its row, if it has one; `planned` are its figures with the scenario, null when it does not reach into it. */
export async function showCell(box, code, planned) {
  if (!code) return void fillWith(box, make("h2", { text: t("Cell") }), make("p", { class: "muted", text: t("Click a cell of the map to see what is seen of it, now and with the scenario.") }));
  const answer = await get(`/api/v1/coverage/${encodeURIComponent(code)}`).catch((problem) => ({ problem }));
  if (answer.problem) {
    const words = answer.problem.status === 404 ? t("Nothing has been computed of this cell yet; it comes within a minute of an import.") : answer.problem.message;
    return void fillWith(box, make("h2", { text: t("Cell %(name)s", { name: code }) }), make("p", { class: "muted", text: words }));
  }
  const row = answer.properties;
  const title = t("Cell %(name)s", { name: row.name || code });
  const both = planned ?? { before: figuresOf(row), after: null };
  const over = both.before.share > 0 && both.before.sectors_share > both.before.share ? t("Plain sectors say %(n)s times what is really seen.", { n: (both.before.sectors_share / both.before.share).toFixed(1) }) : "";
  fillWith(box, make("h2", { text: title }), nowLine(row), compareTable(both, title),
    ...(over ? [make("p", { class: "muted small", text: over })] : []),
    ...((row.flags ?? []).includes("no_buildings_known") ? [make("p", { class: "muted small", text: t("No buildings are known here: an upper bound without occlusion.") })] : []));
  return row;
}

/** Show the card of what is recorded: all cameras in use, as if none were out of order, and what is seen now. */
export async function showRecorded(box) {
  const answer = await get("/api/v1/coverage", { query: { size: 1 } }).catch(() => null);
  const all = answer?.sum;
  if (!all) return fillWith(box, make("b", { text: t("As recorded") }), make("small", { text: t("Nothing has been computed yet. Import areas and cameras; the shares appear here within a minute.") }));
  const figures = figuresOf(all);
  const now = all.seen_now_m2 === null || all.seen_now_m2 === undefined ? t("not known") : percent(all.seen_now_m2 / all.area_m2);
  const { places: key } = figures.matters;
  const places = key ? ` · ${t("Key places seen")} ${count(key.seen)} / ${count(key.of)}` : "";
  fillWith(box, make("div", { class: "row" }, make("b", { text: t("As recorded, all in use") }), make("span", { class: "end", text: t("%(n)s cells", { n: count(all.cells) }) })),
    make("small", { text: `${t("Seen")} ${withDoubt(figures.share, figures.low, figures.high)}${places}` }), make("small", { text: `${t("Seen now")} ${now}` }));
}
