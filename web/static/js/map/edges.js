/** Straight edges around an eye at the origin, [x0, y0, x1, y1] in metres; angles in radians, counter-clockwise from east. */

/** @typedef {{start: number, width: number, reach: number, near: number}} Fan directions and distances an eye covers */
/** @typedef {{edge: number[], low: number, high: number}} Span an edge and the angles from the fan's start it spans */

export const FULL = 2 * Math.PI;
/** Narrower than this is rounding: at 300 m it is a slit of 0.3 nm. */
export const HAIR = 1e-12;
const BUCKETS = 512;

/** Return an angle as the turn from `start`, between 0 and a full turn. */
export function turnFrom(start, angle) {
  const turn = (angle - start) % FULL;
  return turn < 0 ? turn + FULL : turn;
}

/** Return how far the line of an edge is in a direction. */
export function distanceAt([x0, y0, x1, y1], angle) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const across = Math.cos(angle) * dy - Math.sin(angle) * dx;
  return across === 0 ? 0 : (x0 * dy - y0 * dx) / across;
}

/** Return the direction in which the lines of two edges meet. */
export function meeting([x0, y0, x1, y1], [u0, v0, u1, v1]) {
  const [dx, dy, du, dv] = [x1 - x0, y1 - y0, u1 - u0, v1 - v0];
  const turn = dx * dv - dy * du;
  const share = turn === 0 ? 0 : ((u0 - x0) * dv - (v0 - y0) * du) / turn;
  return Math.atan2(y0 + share * dy, x0 + share * dx);
}

/** Return the share of an edge that is nearest to the origin, and how far that is. */
export function footOf([x0, y0, x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const share = Math.min(1, Math.max(0, -(x0 * dx + y0 * dy) / (dx * dx + dy * dy)));
  return { share, distance: Math.hypot(x0 + share * dx, y0 + share * dy) };
}

/** Return where a line enters and leaves a circle, as shares of the edge; Infinity, -Infinity where it misses it. */
export function circle([x0, y0, x1, y1], radius) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const a = dx * dx + dy * dy;
  const b = x0 * dx + y0 * dy;
  const inside = b * b - a * (x0 * x0 + y0 * y0 - radius * radius);
  if (!(inside > 0 && a > 0)) return [Infinity, -Infinity];
  return [(-b - Math.sqrt(inside)) / a, (-b + Math.sqrt(inside)) / a];
}

/**
 * Return the spans of the edges that face the eye within the fan; an edge that passes its start comes twice.
 * @param {number[][]} edges
 * @param {Fan} fan
 * @returns {Span[]}
 */
export function spansIn(edges, fan) {
  const spans = [];
  for (const edge of edges) {
    const part = facing(edge, fan.reach);
    if (part) spans.push(...spansOf(part, fan));
  }
  return spans;
}

/** Turn an edge whose outside faces the eye counter-clockwise around it and cut it to the disc of the reach. */
function facing([x1, y1, x0, y0], reach) {
  if (x1 * y0 - y1 * x0 >= 0) return null;
  const [enters, leaves] = circle([x0, y0, x1, y1], reach);
  const [low, high] = [Math.max(0, enters), Math.min(1, leaves)];
  if (!(high > low)) return null;
  // An end inside the disc is kept bit for bit, so that neighbours keep sharing it.
  const at = (share) => [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
  return [...(low === 0 ? [x0, y0] : at(low)), ...(high === 1 ? [x1, y1] : at(high))];
}

function spansOf(edge, fan) {
  const low = turnFrom(fan.start, Math.atan2(edge[1], edge[0]));
  let high = turnFrom(fan.start, Math.atan2(edge[3], edge[2]));
  if (high < low) high += FULL;
  // An edge seen end on may come out as a full turn by rounding; it hides nothing.
  if (high - low >= Math.PI + HAIR) return [];
  return inFan(low, high, fan.width).map(([from, to]) => ({ edge, low: from, high: to }));
}

/** Return a stretch clipped to the fan, as pairs; one that passes its start comes twice. */
export function inFan(low, high, width) {
  const clip = (angle) => Math.min(width, Math.max(0, angle));
  return [0, FULL].map((turn) => [clip(low - turn), clip(high - turn)]).filter(([from, to]) => to > from);
}

/** Return the directions where edges cross a circle around the eye, counted from the fan's start. */
export function crossings(spans, { start }, radius) {
  if (!(radius > 0)) return [];
  return spans.flatMap(({ edge }) => circle(edge, radius).filter((share) => share > 0 && share < 1)
    .map((share) => turnFrom(start, Math.atan2(edge[1] + share * (edge[3] - edge[1]), edge[0] + share * (edge[2] - edge[0])))));
}

/** Return directions sorted, each once, within the fan. */
export function inOrder(angles, fan) {
  const sorted = Float64Array.from(angles).sort();
  return sorted.filter((angle, n) => angle >= 0 && angle <= fan.width && (n === 0 || angle !== sorted[n - 1]));
}

/** Return the place of an event among all. */
export function rankOf(events, angle) {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle] < angle) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Leave out spans that lie behind others all along: what the eye sees stays the same, in far less time. */
export function withoutHidden(spans, fan) {
  const step = fan.width / BUCKETS;
  const limit = new Float64Array(BUCKETS).fill(fan.reach * (1 + 1e-9));
  for (const { edge, low, high } of spans) {
    for (let n = Math.ceil(low / step); n < BUCKETS && (n + 1) * step <= high; n++) {
      const farthest = Math.max(distanceAt(edge, n * step + fan.start), distanceAt(edge, (n + 1) * step + fan.start));
      if (farthest < limit[n]) limit[n] = farthest;
    }
  }
  return spans.filter(({ edge, low, high }) => {
    const closest = footOf(edge).distance * (1 - 1e-9);
    const last = Math.min(BUCKETS - 1, Math.ceil(high / step));
    for (let n = Math.max(0, Math.floor(low / step) - 1); n <= last; n++) if (closest <= limit[n]) return true;
    return false;
  });
}
