/**
 * What one camera sees between the buildings of a ground, computed in the page by the rules of gis/coverage.py.
 *
 * The ground is flat: what hills hide comes from the server.
 */

import { FULL } from "./edges.js";
import { outline, sectorOf } from "./outline.js";
import { outlineOf } from "./pieces.js";
import { areaOf, isLower, overRoofs } from "./roofs.js";
import { around, moved, stand } from "./stand.js";
import { fanArea, sweep } from "./sweep.js";

/** Pixels to a metre of each class (IEC 62676-4). */
export const CLASSES = { detect: 25, observe: 62.5, recognise: 125, identify: 250 };
const GUESSED_HFOV_DEG = 90;
const GUESSED_WIDTH_PX = 1920;
// For the eye; what is compared or stored is drawn to a millimetre as on the server.
const DRAWN_TOLERANCE_M = 0.01;
const RADIANS = Math.PI / 180;

/** Return how far a camera sees at a pixel density, or its stated reach where that is smaller. */
export function reachOf(pose, pxPerM) {
  if (!pose.width_px && pose.reach_m != null) return pose.reach_m;
  const hfov = (pose.hfov_deg || GUESSED_HFOV_DEG) * RADIANS;
  const dense = (pose.width_px || GUESSED_WIDTH_PX) / (pxPerM * (hfov < Math.PI ? 2 * Math.tan(hfov / 2) : hfov));
  return pose.reach_m == null ? dense : Math.min(dense, pose.reach_m);
}

/** Return the radius of the blind zone at the foot of the pole; null when a field it needs is unknown. */
export function nearOf({ height_m: height, tilt_deg: tilt, vfov_deg: vfov }) {
  if (height == null || tilt == null || vfov == null) return null;
  const lowest = tilt + vfov / 2;
  if (lowest <= 0) return Infinity;
  return lowest < 90 ? Math.max(0, height * Math.tan((90 - lowest) * RADIANS)) : 0;
}

/** Return the directions and distances a pose covers, with grid north `convergence` degrees east of true north. */
export function fanOf(pose, { pxPerM = CLASSES.detect, convergence = 0 } = {}) {
  const width = pose.bearing_deg == null ? 360 : Math.min(360, pose.hfov_deg || GUESSED_HFOV_DEG);
  const right = (pose.bearing_deg ?? 0) - convergence + width / 2;
  const reach = reachOf(pose, pxPerM);
  const start = ((((90 - right) % 360) + 360) % 360) * RADIANS;
  return { start, width: width === 360 ? FULL : width * RADIANS, reach, near: Math.min(nearOf(pose) ?? 0, reach) };
}

/**
 * Return what a camera sees: polygons of rings of [x, y] in metres from where it stands, filled even-odd; areas in m².
 * @param {Object} pose fields as the record names them
 * @param {{x: number, y: number, convergence?: number}} at where it stands on the grid, in metres
 * @param {{edges: number[][], box: number[], height: ?number}[]} buildings as layOut of map/stand.js returns
 * @param {{pxPerM?: number, tolerance?: number}} [options]
 */
export function view(pose, { x, y, convergence = 0 }, buildings, { pxPerM = CLASSES.detect, tolerance = DRAWN_TOLERANCE_M } = {}) {
  const fan = fanOf(pose, { pxPerM, convergence });
  const sectorArea = fanArea(fan);
  if (!(sectorArea > 0)) return { x, y, fan, polygons: [], sector: [], area: 0, sectorArea: 0, share: 0, isOnWall: false, isInside: false };
  const [lower, higher] = [true, false].map((wanted) => buildings.filter((one) => isLower(one, pose.height_m) === wanted));
  const stands = stand(x, y, higher, fan.reach);
  const roofs = around(lower, stands.x, stands.y, fan.reach).map((one) => ({ ...one, edges: moved(one.edges, stands.x, stands.y) }));
  const seen = behind(roofs, sweep(stands.edges, fan, stands.blocked), { fan, eyeHeight: pose.height_m, tolerance });
  const area = Math.min(seen.area, sectorArea);
  return {
    x: stands.x, y: stands.y, fan, area, sectorArea, share: area / sectorArea,
    polygons: seen.polygons,
    sector: sectorOf(fan, tolerance),
    isOnWall: stands.isOnWall, isInside: stands.isInside,
  };
}

/** Return the polygons and the area of what is left of a sweep behind lower roofs. */
function behind(roofs, { stretches, area }, { fan, eyeHeight, tolerance }) {
  if (!roofs.length) return { area, polygons: outline(stretches, fan, tolerance) };
  const left = overRoofs(stretches, fan, roofs, eyeHeight);
  return { area: areaOf(left, fan), polygons: outlineOf(left, fan, tolerance) };
}

/**
 * Return what is surely seen and what may be seen of a camera whose bearing is known to within its doubt.
 *
 * Surely: seen at every bearing within the doubt; the fan loses the doubt at both sides. Maybe: seen at some.
 */
export function doubtful(pose, at, buildings, options) {
  const doubt = pose.bearing_deg == null ? 180 : pose.bearing_doubt_deg ?? 0;
  const width = pose.hfov_deg || GUESSED_HFOV_DEG;
  if (!(doubt > 0) || width >= 360) {
    const seen = view(pose, at, buildings, options);
    return { surely: seen, maybe: seen };
  }
  const reach_m = reachOf(pose, options?.pxPerM ?? CLASSES.detect);
  const turned = (hfov) => view({ ...pose, bearing_deg: hfov >= 360 ? null : pose.bearing_deg, hfov_deg: hfov, reach_m, width_px: null }, at, buildings, options);
  const sure = Math.max(0, width - 2 * doubt);
  return { surely: sure > 0 ? turned(sure) : null, maybe: turned(Math.min(360, width + 2 * doubt)) };
}
