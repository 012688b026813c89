/** Finding cameras, places and areas by a few letters; arrows and Enter, Escape gives up. */

import { get } from "lib/api.js";
import { fillWith, make, quietly } from "lib/dom.js";
import { t } from "lib/words.js";

const KINDS = { camera: () => t("Camera"), place: () => t("Place"), area: () => t("Area") };

/** Make the search box `form` work. */
export function addSearch(form, { onFound }) {
  const input = form.elements.q;
  const list = form.querySelector("ol");
  let found = [];
  let at = 0;
  let asked;

  const close = () => {
    list.hidden = true;
    input.blur();
  };
  const choose = (one) => {
    close();
    if (one) onFound(one);
  };
  const show = () => {
    list.hidden = false;
    fillWith(list, ...(found.length ? found.map(line) : [make("li", {}, make("p", { text: t("Nothing has this name, code or address") }))]));
  };
  const line = (one, n) =>
    make("li", {}, make("button", { type: "button", "aria-current": n === at ? "true" : null, on: { click: () => choose(one) } }, one.name, make("small", { text: KINDS[one.kind]() })));
  const search = quietly(async () => {
    asked?.abort();
    asked = new AbortController();
    const q = input.value.trim();
    if (!q) return (list.hidden = true);
    const answer = await get("/api/v1/search", { query: { q }, signal: asked.signal }).catch(() => null);
    if (!answer) return undefined;
    [found, at] = [answer.found, 0];
    return show();
  }, 180);

  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !found.length) return;
    event.preventDefault();
    at = (at + by + found.length) % found.length;
    show();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(found[at]);
  });
  document.addEventListener("pointerdown", (event) => form.contains(event.target) || (list.hidden = true));
}
