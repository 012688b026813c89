/**
 * Sight over roofs, by the rules of gis/heights.py: what buildings lower than the eye hide of flat ground. Exact.
 *
 * On a ray a roof hides from where it begins to `growth` times where it ends. Between two neighbouring events the same
 * lines bound what is hidden, in the same order; lines that change places make an event of the direction they meet in.
 */

import { HAIR, crossings, distanceAt, inOrder, meeting, rankOf, spansIn, turnFrom } from "./edges.js";

// A roof this close below the eye hides as if it were above.
const LEVEL_WITH_M = 0.001;
/** What bounds a piece besides edges: the near blind zone and the reach. */
export const NEAR = { edge: null };
export const ARC = { edge: null };

/** Return whether an eye looks over a building; over none where its height or theirs is not known. */
export const isLower = ({ height }, eyeHeight) => height != null && eyeHeight != null && height < eyeHeight - LEVEL_WITH_M;

/** Return how far a line is from the eye in a direction counted from the fan's start. */
export const distanceOf = (line, angle, fan) =>
  line === NEAR ? fan.near : line === ARC ? fan.reach : Math.min(fan.reach, Math.max(0, distanceAt(line.edge, angle + fan.start)));

/**
 * Return what is left of stretches behind lower buildings: events in order, and the pieces between each two of them.
 * @param {Object[]} stretches as sweep of map/sweep.js returns
 * @param {import("./edges.js").Fan} fan
 * @param {{edges: number[][], height: number}[]} roofs in metres from the eye, solid on the left
 * @param {number} eyeHeight metres
 * @returns {{events: Float64Array, pieces: {low: Object, high: Object}[][]}} low and high: the lines a piece lies between
 */
export function overRoofs(stretches, fan, roofs, eyeHeight) {
  const lines = [...roofs.flatMap((roof) => linesOf(roof, eyeHeight, fan)), ...stretches.map((one) => endOf(one, fan))];
  const straight = lines.filter(({ edge }) => edge);
  const ends = lines.flatMap(({ low, high }) => [low, high]);
  const known = inOrder([0, fan.width, ...ends, ...crossings(straight, fan, fan.near), ...crossings(straight, fan, fan.reach)], fan);
  const events = inOrder([...known, ...changesOfOrder(linesIn(lines, known), known, fan)], fan);
  const pieces = linesIn(lines, events).map((here, n) => piecesIn(here, (events[n] + events[n + 1]) / 2, fan));
  return { events, pieces };
}

/** Return the area of pieces in m². */
export function areaOf({ events, pieces }, fan) {
  const under = (line, n) => (line.edge
    ? distanceOf(line, events[n], fan) * distanceOf(line, events[n + 1], fan) * Math.sin(events[n + 1] - events[n])
    : distanceOf(line, 0, fan) ** 2 * (events[n + 1] - events[n])) / 2;
  return pieces.reduce((sum, here, n) => here.reduce((part, { low, high }) => part + under(high, n) - under(low, n), sum), 0);
}

/** Return the lines where a roof begins and those where its shadow ends, with the directions each spans. */
function linesOf({ edges, height }, eyeHeight, fan) {
  const growth = eyeHeight / (eyeHeight - height);
  const roof = { growth };
  // Not cut to the reach: where a roof ends beyond it, it hides all the same.
  const whole = { ...fan, reach: Infinity };
  const behind = edges.map(([x0, y0, x1, y1]) => [x1 * growth, y1 * growth, x0 * growth, y0 * growth]);
  return [
    ...spansIn(edges, whole).map((span) => ({ ...span, roof, isEnd: false })),
    ...spansIn(behind, whole).map((span) => ({ ...span, roof, isEnd: true })),
  ];
}

/** Return what ends the sight in a stretch as a line. */
function endOf({ since, until, rSince, rUntil, onArc }, { start }) {
  const at = (angle, distance) => [Math.cos(angle + start) * distance, Math.sin(angle + start) * distance];
  return { low: since, high: until, edge: onArc ? null : [...at(since, rSince), ...at(until, rUntil)], roof: null };
}

/** Return the lines between each two neighbouring events. */
function linesIn(lines, events) {
  const found = Array.from({ length: events.length - 1 }, () => []);
  for (const line of lines) {
    for (let n = rankOf(events, line.low); n < found.length && events[n] < line.high; n++) found[n].push(line);
  }
  return found;
}

/** Return the directions in which lines change places. */
function changesOfOrder(linesBetween, events, fan) {
  return linesBetween.flatMap((here, n) => {
    const straight = here.filter(({ edge }) => edge);
    const ends = straight.map(({ edge }) => [distanceAt(edge, events[n] + fan.start), distanceAt(edge, events[n + 1] + fan.start)]);
    const found = [];
    for (let k = 1; k < straight.length; k++) {
      for (let j = 0; j < k; j++) {
        if ((ends[k][0] - ends[j][0]) * (ends[k][1] - ends[j][1]) < 0) found.push(turnFrom(fan.start, meeting(straight[k].edge, straight[j].edge)));
      }
    }
    return found.filter((angle) => angle > events[n] + HAIR && angle < events[n + 1] - HAIR);
  });
}

/** Return what is seen between two events, from the near end outwards. */
function piecesIn(here, middle, fan) {
  const end = here.find(({ roof }) => !roof);
  if (!end) return [];
  const far = end.edge ? end : ARC;
  const at = (line) => distanceOf(line, middle, fan);
  const pieces = [];
  let low = NEAR;
  for (const [from, until] of hiddenIn(here, middle, fan)) {
    if (at(from) >= at(far)) break;
    if (at(from) > at(low)) pieces.push({ low, high: from });
    if (at(until) > at(low)) low = until;
  }
  if (at(far) > at(low)) pieces.push({ low, high: far });
  return pieces;
}

/** Return pairs of lines between which one roof hides, by where they begin. */
function hiddenIn(here, middle, fan) {
  const ofRoof = new Map();
  for (const line of here) if (line.roof) ofRoof.set(line.roof, [...(ofRoof.get(line.roof) ?? []), line]);
  const pairs = [...ofRoof.values()].flatMap((lines) => {
    // Where each stands before it grew, in the order a ray meets them.
    const met = ({ edge, roof, isEnd }) => distanceAt(edge, middle + fan.start) / (isEnd ? roof.growth : 1);
    const found = [];
    let from = null;
    for (const line of lines.sort((one, other) => met(one) - met(other))) {
      if (line.isEnd) found.push([from ?? NEAR, line]);
      from = line.isEnd ? null : from ?? line;
    }
    return found;
  });
  return pairs.sort(([one], [other]) => distanceOf(one, middle, fan) - distanceOf(other, middle, fan));
}
