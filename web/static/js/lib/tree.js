/** A tree whose branches are fetched when they are opened; keys as the ARIA tree pattern has them. */

import { make } from "./dom.js";

/**
 * Fill `root` (role=tree) with nodes {id, name, has_children}.
 * @param {HTMLElement} root
 * @param {{children: (id: number) => Promise<Object[]>, row: (node: Object) => Node[], onSelect: (node: Object) => void}} how
 */
export function createTree(root, { children, row, onSelect }) {
  root.addEventListener("keydown", (event) => press(event));

  function item(node, level) {
    const line = make("div", { class: "node" }, make("span", { class: "turn", text: node.has_children ? "▸" : "" }), ...row(node));
    line.style.paddingLeft = `${level * 16}px`;
    const element = make("li", {
      role: "treeitem", tabindex: "-1", "aria-selected": "false", "aria-level": String(level + 1),
      "aria-expanded": node.has_children ? "false" : null, dataset: { id: node.id },
    }, line);
    line.addEventListener("click", (event) => {
      if (event.target.closest(".turn")) turn(element);
      else choose(element);
    });
    element.node = node;
    return element;
  }

  async function turn(element, wanted = element.getAttribute("aria-expanded") !== "true") {
    if (!element.node.has_children) return;
    element.setAttribute("aria-expanded", String(wanted));
    const there = element.querySelector(":scope > [role=group]");
    if (there) there.hidden = !wanted;
    else if (wanted) element.append(branch(await children(element.node.id), Number(element.getAttribute("aria-level"))));
  }

  function branch(nodes, level) {
    return make("ul", { role: "group" }, ...nodes.map((node) => item(node, level)));
  }

  function choose(element) {
    for (const other of root.querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
    element.setAttribute("aria-selected", "true");
    focus(element);
    onSelect(element.node);
  }

  function focus(element) {
    for (const other of root.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    element.tabIndex = 0;
    element.focus();
  }

  function visible() {
    return [...root.querySelectorAll("[role=treeitem]")].filter((element) => element.offsetParent !== null);
  }

  const up = (element) => element.parentElement.closest("[role=treeitem]");
  const isOpen = (element) => element.getAttribute("aria-expanded") === "true";
  const step = (element, by) => visible()[visible().indexOf(element) + by];
  const KEYS = {
    ArrowDown: (element) => step(element, 1),
    ArrowUp: (element) => step(element, -1),
    Home: () => visible()[0],
    End: () => visible().at(-1),
    ArrowRight: (element) => (isOpen(element) ? step(element, 1) : void turn(element, true)),
    ArrowLeft: (element) => (isOpen(element) ? void turn(element, false) : up(element)),
    Enter: (element) => void choose(element),
    " ": (element) => void choose(element),
  };

  function press(event) {
    const element = event.target.closest("[role=treeitem]");
    if (!element || !KEYS[event.key]) return;
    event.preventDefault();
    const next = KEYS[event.key](element);
    if (next) focus(next);
  }

  return {
    /** Show these nodes as the top of the tree. */
    show(nodes) {
      root.replaceChildren(...nodes.map((node) => item(node, 0)));
      if (root.firstElementChild) root.firstElementChild.tabIndex = 0;
    },
    /** Open the branches named by `trail`, outermost first, and choose `id`. */
    async open(trail, id) {
      for (const one of trail) {
        const element = root.querySelector(`[data-id="${one}"]`);
        if (element && !isOpen(element)) await turn(element, true);
      }
      const found = root.querySelector(`[data-id="${id}"]`);
      if (found) choose(found);
      found?.scrollIntoView({ block: "nearest" });
    },
  };
}
