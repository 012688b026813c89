/** Everything by keyboard; the keys stand on the buttons they press. */

const LAYERS = ["health", "views", "gaps", "heat", "problems"];

/** Listen to the keyboard of the page. */
export function addKeys({ lists, focus, map, sound, choose }) {
  const acts = {
    ArrowDown: () => lists.step(1),
    ArrowUp: () => lists.step(-1),
    Escape: () => choose(null),
    Enter: () => focus.act("enter"),
    " ": () => focus.act("acknowledge"),
    l: () => focus.act("look"),
    f: () => focus.act("finding"),
    r: () => focus.act("record"),
    s: () => sound.toggle(),
    h: () => map.showAll(),
    "+": () => map.map.zoomIn(),
    "=": () => map.map.zoomIn(),
    "-": () => map.map.zoomOut(),
    "/": () => document.querySelector("#search input").focus(),
  };
  LAYERS.forEach((layer, n) => (acts[String(n + 1)] = () => map.showLayer(layer)));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // A button with the focus keeps its own Space and Enter.
    if ((key === " " || key === "Enter") && event.target.closest("button, a, select")) return;
    if (focus.choice(key) || acts[key]?.() !== undefined || key in acts) event.preventDefault();
  });
}

function isTyping(element) {
  return element.closest("input, textarea, select") !== null;
}
