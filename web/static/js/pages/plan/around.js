/** What the cameras in sight see, computed in the page in small slices: the ground, who stands on it, and their shapes. */

import { get } from "lib/api.js";
import { fromWgs84 } from "map/crs.js";
import { across, grown, holds, loadGround, ringsAround, ringsOf, stepped } from "map/ground.js";
import { unit } from "map/points.js";
import { MODES } from "map/sight.js";
import { CLASSES, doubtful, view } from "map/view.js";

// A camera farther away than this from what is in sight is not asked whether it sees into it.
const MARGIN_M = 300;
const WIDEST_M = 3_900;
const SLICE_MS = 7;

/**
 * Keep the layer of sights true to the map.
 * @param {{map: Object, sight: Object, crs: string, densityOf: () => number, planned: () => Object[],
 *   onFar: (isFar: boolean) => void, onKnown: (known: ?Object) => void, onProblem: (problem: Error) => void}} options
 */
export function createAround({ map, sight, crs, densityOf, planned, onFar, onKnown, onProblem }) {
  let known = null;
  let asked = null;
  let mode = "seen";
  let isWanted = false;

  const inSight = () => {
    const bounds = map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  };

  async function look() {
    const box = inSight();
    const isFar = across(grown(box, MARGIN_M)) > WIDEST_M;
    onFar(isFar);
    if (isFar) return sight.show([], { solid: [], known: null });
    if (known && holds(known.inner, box)) return draw();
    asked?.abort();
    asked = new AbortController();
    onKnown(null);
    try {
      known = await load(box, asked.signal);
    } catch (problem) {
      if (problem.name !== "AbortError") onProblem(problem);
      return;
    }
    onKnown(known);
    draw();
  }

  async function load(sighted, signal) {
    // A little more than is in sight, so that not every move asks again.
    const room = Math.min(400, (WIDEST_M - across(grown(sighted, MARGIN_M))) / 2);
    const inner = grown(sighted, room);
    const [west, south, east, north] = grown(inner, MARGIN_M);
    const [ground, standing] = await Promise.all([
      loadGround([west, south, east, north], { signal }),
      get("/api/v1/plan/standing", { query: { west, south, east, north }, signal }),
    ]);
    const [left, bottom] = drawn([inner[0], inner[1]]);
    const [right, top] = drawn([inner[2], inner[3]]);
    const cameras = standing.cameras.map((pose) => ({ pose, works: pose.works_now, shapes: {} }));
    return { inner, ground, cells: standing.cells, cameras, solid: solidOf(ground), box: [left, top, right, bottom], shapes: new Map() };
  }

  const drawn = ([lng, lat]) => unit(...fromWgs84(crs, lng, lat));
  const drawnRings = (rings) => rings.map((ring) => ring.map(drawn));

  function solidOf(ground) {
    return ground.buildings.map((building) => {
      const rings = ringsOf(building);
      const [x, y] = rings[0][0];
      const at = ground.toLnglat(x, y);
      const turn = ground.turnAt(...at);
      return rings.map((ring) => ring.map(([px, py]) => drawn(stepped(at, turn, px - x, py - y))));
    });
  }

  function shapeOf(name, pose) {
    const at = known.ground.place(pose.lng, pose.lat);
    const pxPerM = CLASSES[name] ?? densityOf();
    const seen = ["surely", "maybe"].includes(name)
      ? doubtful(pose, at, known.ground.buildings, { pxPerM })[name]
      : view(pose, at, known.ground.buildings, { pxPerM });
    return seen ? ringsAround(known.ground, seen.x, seen.y, seen.polygons).map(drawnRings) : [];
  }

  /** Draw what is computed, and go on computing what the mode needs, a slice a frame. */
  function draw() {
    if (!known || isWanted) return;
    isWanted = true;
    requestAnimationFrame(() => {
      isWanted = false;
      const isDone = compute(performance.now() + SLICE_MS);
      sight.show([...known.cameras, ...extras()], { solid: known.solid, known: known.box });
      if (!isDone) draw();
    });
  }

  function compute(until) {
    for (const one of known.cameras) {
      for (const name of MODES[mode].needs) {
        if (one.shapes[name]) continue;
        if (performance.now() > until) return false;
        one.shapes[name] = shapeOf(name, one.pose);
      }
    }
    return true;
  }

  /** Return the cameras of the scenario, each shape computed once for a pose. */
  function extras() {
    return planned().map((pose) => {
      const shapes = {};
      for (const name of MODES[mode].needs) {
        const key = JSON.stringify([name, densityOf(), pose]);
        if (!known.shapes.has(key)) known.shapes.set(key, shapeOf(name, pose));
        shapes[name] = known.shapes.get(key);
      }
      return { works: true, shapes };
    });
  }

  map.on("moveend", () => void look());
  return {
    look,
    draw,
    setMode(wanted) {
      mode = wanted;
      sight.setMode(wanted);
      draw();
    },
    /** Forget what was computed at another density. */
    forget() {
      for (const one of known?.cameras ?? []) one.shapes = {};
      draw();
    },
    setWorking(id, works) {
      const one = known?.cameras.find(({ pose }) => pose.id === id);
      if (!one || one.works === works) return;
      one.works = works;
      draw();
    },
    /** Return the ground around a place, from what is on the map or asked for anew. */
    async groundAt(lng, lat, reach) {
      const box = grown([lng, lat, lng, lat], reach);
      if (known && holds(known.ground.box, box)) return known.ground;
      return loadGround(grown(box, 250));
    },
  };
}
