/** A computation under way, and what came out of the last one: value, bound, gap, gains, alternatives. */

import { get, post } from "lib/api.js";
import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";
import { chart } from "./chart.js";
import { count, fraction, money, percent } from "./format.js";

const EVERY_MS = 1_000;
const isOver = ({ state }) => ["done", "cancelled", "failed"].includes(state);
const STEPS = {
  ground: () => t("Reading the ground"), views: () => t("Computing what each would see"), choosing: () => t("Choosing"),
};
const KINDS = {
  crossings: (n) => t("crossings %(n)s", { n }), roads: (n) => t("roads %(n)s m", { n }), gaps: (n) => t("ground %(n)s m²", { n }),
  places: (n) => t("key places %(n)s", { n }), incidents: (n) => t("incidents %(n)s", { n }), drawn: (n) => t("drawn points %(n)s", { n }),
};
const kindWords = (kind, words) => KINDS[kind]?.(words) ?? `${kind} ${words}`;

/**
 * Make the panel. The last result stays while another one is computed, fails or is cancelled.
 * @param {HTMLElement} box
 * @param {{store: Object, mayEdit: boolean, onProblem: (problem: Error) => void, onKept: (added: number[]) => void, onPoint: (camera: Object) => void}} options
 */
export function createRun(box, { store, mayEdit, onProblem, onKept, onPoint }) {
  let run = null;
  let last = null;
  let timer = 0;
  const head = make("div", { class: "stack" });
  const body = make("div", { class: "stack" });
  box.append(head, body);

  async function follow(id) {
    clearTimeout(timer);
    const now = await get(`/api/v1/plan/siting/${id}`).catch(() => null);
    if (!now || now.scenario_id !== store.scenario?.id) return;
    run = now;
    if (run.state === "done") last = run;
    draw();
    if (!isOver(run)) timer = setTimeout(() => follow(id), EVERY_MS);
  }

  async function ask(wanted) {
    try {
      run = await post(store.path("/siting"), wanted);
      draw();
      box.scrollIntoView({ block: "nearest" });
      await follow(run.id);
    } catch (problem) {
      onProblem(problem);
    }
  }

  const cancel = () => post(`/api/v1/plan/siting/${run.id}/cancel`).then(() => follow(run.id), onProblem);

  function draw() {
    box.hidden = !run && !last;
    fillWith(head, ...(run && run !== last ? progress() : []));
    if (last && body.dataset.of !== String(last.id)) {
      body.dataset.of = last.id;
      fillWith(body, ...resultOf(last.result));
    }
    if (!last) {
      delete body.dataset.of;
      body.replaceChildren();
    }
  }

  function progress() {
    if (run.state === "failed") return [make("p", { class: "message bad", role: "alert", text: run.reason || t("The computation came to no result.") })];
    if (run.state === "cancelled") return [make("p", { class: "message", text: last ? t("Cancelled; the last result stays below.") : t("Cancelled.") })];
    const words = run.state === "asked" ? t("Waiting for a free worker …") : STEPS[run.step]?.() ?? t("Computing …");
    return [make("h2", { text: t("Computing where they go") }),
      make("div", { class: "row" }, make("progress", { max: 1, value: run.progress, "aria-label": words }), make("span", { text: percent(run.progress) }),
        ...(mayEdit ? [make("button", { type: "button", id: "cancel", text: t("Cancel"), on: { click: cancel } })] : [])),
      make("p", { class: "muted", text: last ? t("%(step)s. The last result stays below.", { step: words }) : words })];
  }

  function resultOf(result) {
    const gap = result.gap ?? 0;
    const fact = (name, value, small = "") => make("div", {}, make("dt", { text: name }), make("dd", {}, make("b", { text: value }), make("small", { text: small })));
    const open = gap < 0.001 ? fraction(gap) : percent(gap);
    const limit = result.proved || gap < 5e-5 ? t("proved best") : t("gap %(gap)s", { gap: open });
    const kinds = Object.entries(result.kinds ?? {}).map(([kind, { of, before, after }]) => kindWords(kind, `${count(before)} → ${count(after)} / ${count(of)}`));
    return [
      make("h2", { text: t("What each further camera adds") }), chart(result),
      make("dl", { class: "facts", id: "result" },
        fact(t("Demand seen"), percent(result.share), ` ${t("before %(share)s", { share: percent(result.share_before) })}`),
        fact(t("At most possible"), percent(result.bound_share), ` ${limit}`),
        fact(t("Cameras"), count(result.chosen.length), result.cost ? ` ${t("cost %(cost)s", { cost: money(result.cost) })}` : "")),
      make("p", { id: "kinds", text: kinds.join(" · ") }),
      make("p", { class: "muted small", text: countsOf(result) }),
      ...(mayEdit ? [keep(result)] : []), table(result),
    ];
  }

  function keep(result) {
    const select = make("select", { "aria-label": t("Which choice") }, make("option", { value: "", text: t("this choice") }),
      ...result.alternatives.map((one, n) => make("option", { value: n + 1, text: t("alternative %(n)s, %(share)s", { n: n + 1, share: percent(one.share) }) })));
    const button = make("button", { type: "button", class: "main", id: "keep", text: t("Put into the scenario"), on: { click: put } });
    async function put() {
      button.disabled = true;
      try {
        const { added } = await post(`/api/v1/plan/siting/${last.id}/keep`, select.value ? { alternative: Number(select.value) } : {});
        onKept(added);
      } catch (problem) {
        button.disabled = false;
        onProblem(problem);
      }
    }
    return make("div", { class: "row" }, button, ...(result.alternatives.length ? [select] : [make("span", { class: "muted", text: t("no other choice of the same value was found") })]));
  }

  function table({ chosen, total }) {
    const rows = chosen.map((one) => make("tr", {},
      make("th", { scope: "row" }, make("button", { type: "button", class: "link", text: one.name || one.pole || "—", on: { click: () => onPoint(one) } })),
      make("td", { class: "number", text: one.bearing_deg === null ? t("all round") : `${Math.round(one.bearing_deg)}°` }),
      make("td", { class: "number", text: Object.entries(one.newly ?? {}).map(([kind, n]) => kindWords(kind, `+${count(n)}`)).join(", ") }),
      make("td", { class: "number good", text: total ? `+${percent((one.gain ?? 0) / total)}` : "" }), make("td", { class: "number", text: one.cost ? money(one.cost) : "—" })));
    const title = (text, kind = "number") => make("th", { class: kind, scope: "col", text });
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("New cameras, by gain") }, make("table", {},
      make("thead", {}, make("tr", {}, title(t("Stands at"), ""), title(t("Direction")), title(t("Newly seen")), title(t("Demand")), title(t("Cost")))), make("tbody", {}, ...rows)));
  }

  return {
    ask,
    /** Show what belongs to the scenario in hand. */
    open(siting) {
      clearTimeout(timer);
      run = last = null;
      draw();
      if (siting) follow(siting.id);
    },
    heard: ({ id, scenario }) => scenario === store.scenario?.id && follow(id),
  };
}

function countsOf({ counts, chosen }) {
  const onto = chosen.filter((one) => one.onto_forbidden_m2 >= 1).length;
  const masked = onto ? t(" %(n)s of the cameras look onto forbidden ground, which must be masked.", { n: onto }) : "";
  const told = t("%(places)s places to stand, %(excluded)s of them forbidden by %(forbidden)s places; %(poses)s poses, %(points)s points to see, %(standing)s cameras counted as they stand", {
    places: count(counts.places), excluded: count(counts.excluded), forbidden: count(counts.forbidden), poses: count(counts.poses), points: count(counts.points), standing: count(counts.standing) });
  return `${told}.${masked}`;
}
