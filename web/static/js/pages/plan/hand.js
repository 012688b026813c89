/** Placing, turning and moving planned cameras by keys and clicks: shown at once, kept once the keys are quiet. */

import { t } from "lib/words.js";
import { USUAL } from "./lenses.js";

const QUIET_MS = 400;

/**
 * Make what the hand does.
 * @param {{store: Object, map: Object, forbidden: Object, say: (words: string) => void, change: (id: number, values: Object) => void}} options
 */
export function createHand({ store, map, forbidden, say, change }) {
  let keeping = 0;
  let nudged = {};

  function nudge(values) {
    const camera = store.cameraOf(store.selected);
    nudged = { ...nudged, ...values };
    map.tryPose({ ...camera, ...nudged });
    clearTimeout(keeping);
    keeping = setTimeout(() => {
      change(camera.id, nudged);
      nudged = {};
    }, QUIET_MS);
  }

  function place(isWanted = !map.isPlacing()) {
    document.querySelector("#place")?.setAttribute("aria-pressed", String(isWanted));
    map.setPlacing(isWanted);
    say(isWanted ? t("Click where it stands, or press Enter for the middle of the map; Escape leaves it.") : "");
  }

  async function put({ lng, lat }) {
    place(false);
    if (!store.scenario) await store.make({ name: t("Scenario %(n)s", { n: store.scenarios.length + 1 }) });
    if (store.scenario) await store.add({ ...USUAL, lng, lat, origin: "drawn" });
  }

  return {
    nudge,
    place,
    /** The camera in hand as the keys have moved it so far, or null. */
    camera: () => (store.selected === null ? null : { ...store.cameraOf(store.selected), ...nudged }),
    drop: () => store.selected !== null && store.drop(store.selected),
    /** Use a click on the map; false when nobody waits for one. */
    click(at) {
      if (forbidden().isDrawing()) forbidden().corner(at);
      else if (map.isPlacing()) put(at);
      else return false;
      return true;
    },
    enter() {
      if (forbidden().isDrawing()) forbidden().close();
      else if (map.isPlacing()) put(map.map.getCenter());
    },
    escape() {
      if (forbidden().isDrawing()) forbidden().draw(false);
      else if (map.isPlacing()) place(false);
      else store.select(null);
    },
  };
}
