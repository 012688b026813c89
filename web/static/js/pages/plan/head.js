/** The scenario in hand at the top of the figures: its cameras and cost, its exports, and its way into the record. */

import { post } from "lib/api.js";
import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";
import { ask } from "./dialogs.js";
import { money } from "./format.js";

const EXPORTS = [["gpkg", "GeoPackage"], ["xlsx", "Excel"], ["pdf", "PDF"], ["html", () => t("Map, works offline")]];

/** Show what is in hand. */
export function showHead(box, { store, mayEdit, say, onPlace }) {
  const { scenario } = store;
  if (!scenario) {
    const next = mayEdit ? [make("button", { type: "button", class: "main", text: t("Place a camera"), on: { click: onPlace } })] : [];
    return fillWith(box, make("h2", { text: t("No scenario in hand") }), make("p", { class: "muted", text: t("Choose one at the left, or click a cell of the map to see its figures.") }), make("div", { class: "row" }, ...next));
  }
  const links = EXPORTS.map(([form, words]) => make("a", { class: "button small", href: `/plan/scenarios/${scenario.id}.${form}`, download: true, text: typeof words === "string" ? words : words() }));
  const adopt = make("button", { type: "button", class: "main", id: "adopt", text: t("Adopt as planned cameras"), disabled: !scenario.cameras_list.length, on: { click: () => adoptFirstShown(store, say) } });
  fillWith(box,
    make("div", { class: "row" }, make("h2", { id: "in-hand-name", text: scenario.name }), ...(mayEdit ? [make("span", { class: "row end" }, adopt)] : [])),
    make("p", { class: "muted", text: [t("%(n)s cameras", { n: scenario.cameras_list.length }), scenario.cost ? t("cost %(cost)s", { cost: money(scenario.cost) }) : "", scenario.note].filter(Boolean).join(" · ") }),
    make("div", { class: "row", id: "exports" }, make("span", { class: "muted", text: t("Export") }), ...links));
}

/** Show first what adopting would add; only then do it. */
async function adoptFirstShown(store, say) {
  await store.reload();
  const order = () => ({ version: store.scenario.version });
  const path = store.path("/adopt");
  const found = await post(path, { ...order(), dry_run: true }).catch((problem) => ({ problem }));
  if (found.problem) return say(found.problem.message, "bad");
  const rows = found.added.slice(0, 12).map((one) => make("tr", {}, make("td", { class: "code", text: one.code }), make("td", { text: one.name }), make("td", { class: "muted", text: one.area ?? "—" })));
  ask({
    title: t("%(n)s planned cameras would be added to the record", { n: found.added.length }),
    verb: found.added.length ? t("Add them") : undefined,
    wide: true,
    body: [
      ...(found.already ? [make("p", { class: "muted", text: t("%(n)s of this scenario are in the record already.", { n: found.already }) })] : []),
      make("div", { class: "table-box" }, make("table", {}, make("tbody", {}, ...rows))),
      ...(found.added.length > rows.length ? [make("p", { class: "muted", text: t("and %(n)s more", { n: found.added.length - rows.length }) })] : []),
    ],
    act: async () => {
      const done = await post(path, order());
      store.remember(() => post(`${path}/undo`));
      await store.reload();
      say(t("%(n)s planned cameras are in the record. Undo takes out those nobody has touched.", { n: done.added.length }), "good");
    },
  });
}
