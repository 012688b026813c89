/** The keys of the planner: modes, placing, turning and moving the camera in hand, undo. */

const METRES_A_DEGREE = 111_320;
const TURN_DEG = 5;
const MODES = ["seen", "classes", "twice", "doubt", "now"];
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Return the values that an arrow key changes of a camera: it turns, or moves with Alt; null for other keys. */
export function nudge({ lng, lat, bearing_deg: bearing }, { key, shiftKey, altKey }) {
  const direction = DIRECTIONS[key];
  if (!direction) return null;
  if (altKey) {
    const metre = (shiftKey ? 0.2 : 1) / METRES_A_DEGREE;
    return { lng: lng + (direction[0] * metre) / Math.cos((lat * Math.PI) / 180), lat: lat + direction[1] * metre };
  }
  if (!direction[0]) return null;
  const turned = (bearing ?? 0) + direction[0] * (shiftKey ? 1 : TURN_DEG);
  return { bearing_deg: Math.round((((turned % 360) + 360) % 360) * 10) / 10 % 360 };
}

/**
 * Listen to the keys.
 * @param {{inHand: () => ?Object, onNudge: (values: Object) => void, onMode: (mode: string) => void, acts: Object<string, () => void>}} options
 *   acts: by key, lower case
 */
export function addKeys({ inHand, onNudge, onMode, acts }) {
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
    const values = inHand() && nudge(inHand(), event);
    if (values) {
      event.preventDefault();
      return onNudge(values);
    }
    const key = event.key.toLowerCase();
    if (event.altKey || ((event.ctrlKey || event.metaKey) && key !== "z")) return;
    if (MODES[Number(key) - 1]) return onMode(MODES[Number(key) - 1]);
    // Enter and Space belong to a button that has the focus.
    if (!acts[key] || (key === "enter" && event.target.closest("button, a, summary, [role=button]"))) return;
    acts[key]();
  });
}
