/** What the colours of the map mean in the mode in hand. */

import { fillWith, make } from "lib/dom.js";
import { t } from "lib/words.js";

const BOLD = ["#4d8fae8c", "#2f74968c", "#0f5578a0", "#083a56b4"];
/** Colours of the map as #rrggbbaa; the gap is the quiet red of the sketch. */
export const LOOK = {
  seen: "#3f87a988", gap: "#dd8a6c4a", classes: BOLD, once: "#9cc4d8a0", twice: "#3f87a9a0", thrice: "#0f5578b0", maybe: "#9cc4d8a8", lost: "#c62f2670",
};

const LINES = {
  seen: (density) => [[LOOK.seen, t("Seen, %(n)s px/m or better", { n: density })]],
  classes: () => [t("Detect"), t("Observe"), t("Recognise"), t("Identify")].map((text, n) => [BOLD[n], text]),
  twice: () => [[LOOK.once, t("Seen by one")], [LOOK.twice, t("by two")], [LOOK.thrice, t("by three or more")]],
  doubt: () => [[LOOK.seen, t("Seen whatever the bearing")], [LOOK.maybe, t("Seen for some bearing")]],
  now: () => [[LOOK.seen, t("Seen now")], [LOOK.lost, t("Lost now: its cameras do not work")]],
};

/** Fill the legend; far out the cells alone are coloured. */
export function showLegend(box, { mode, gaps, isFar, isWaiting, density }) {
  const layer = document.querySelector(`#modes [data-mode="${mode}"]`).firstChild.textContent.trim();
  const lines = isFar ? [["#c05a3a66", t("The darker a cell, the less of it is seen now")]] : [...LINES[mode](density), ...(gaps ? [[LOOK.gap, t("Gap")]] : [])];
  const planned = [["#0b5cad73", t("The scenario adds")], ["#8a1f1733", t("Forbidden")]];
  fillWith(box, ...[...lines, ...planned].map(([colour, text]) => {
    const sign = make("i", {});
    sign.style.background = colour;
    return make("span", {}, sign, text);
  }), ...(isWaiting && !isFar ? [make("b", { text: t("Reading buildings and cameras …") })] : []), ...(isFar ? [make("span", { class: "muted", text: t("Go nearer for “%(layer)s”", { layer }) })] : []));
}
