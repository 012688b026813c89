import assert from "node:assert/strict";
import test from "node:test";

import { group } from "../../web/static/js/map/clusters.js";
import { buildIndex, readPoints, unit, visitBox } from "../../web/static/js/map/points.js";

function crowd(count, seed = 7) {
  let state = seed;
  const random = () => ((state = (state * 1103515245 + 12345) % 2147483648) / 2147483648);
  const columns = { id: [], lng: [], lat: [], bearing: [], kind: [], town: [] };
  for (let n = 0; n < count; n++) {
    columns.id.push(n + 1);
    columns.lng.push(Math.round((104 + random()) * 1e6));
    columns.lat.push(Math.round((29 + random()) * 1e6));
    columns.bearing.push(n % 7 ? n % 360 : -1);
    columns.kind.push(0);
    columns.town.push(0);
  }
  const points = readPoints(columns);
  points.health.forEach((_, n) => (points.health[n] = n % 5));
  return points;
}

test("the world is a unit square with the north-west at its origin", () => {
  assert.deepEqual(unit(0, 0), [0.5, 0.5]);
  const [x, y] = unit(-180, 85.0511287798);
  assert.ok(Math.abs(x) < 1e-9 && Math.abs(y) < 1e-9);
});

test("the index finds exactly the points of a box", () => {
  const points = crowd(2000);
  const index = buildIndex(points);
  const box = [unit(104.2, 29.7)[0], unit(104.2, 29.7)[1], unit(104.6, 29.2)[0], unit(104.6, 29.2)[1]];
  const found = [];
  visitBox(index, points, box, (i) => found.push(i));
  const wanted = [...Array(points.count).keys()].filter((i) => points.x[i] >= box[0] && points.x[i] <= box[2] && points.y[i] >= box[1] && points.y[i] <= box[3]);
  assert.ok(wanted.length > 100);
  assert.deepEqual(found.sort((a, b) => a - b), wanted);
});

test("no point, one point and equal points can be indexed", () => {
  for (const count of [0, 1]) {
    const points = crowd(count);
    const found = [];
    visitBox(buildIndex(points), points, [0, 0, 1, 1], (i) => found.push(i));
    assert.equal(found.length, count);
  }
  const same = readPoints({ id: [1, 2], lng: [1, 1], lat: [1, 1], bearing: [0, 0], kind: [0, 0], town: [0, 0] });
  const found = [];
  visitBox(buildIndex(same), same, [0, 0, 1, 1], (i) => found.push(i));
  assert.deepEqual(found, [0, 1]);
});

test("groups lose nobody and know their worst", () => {
  const points = crowd(3000);
  const groups = group(points, buildIndex(points), [0, 0, 1, 1], 256 * 2 ** 9);
  assert.equal(groups.reduce((sum, one) => sum + one.count, 0), 3000);
  for (const health of [0, 1, 2, 3, 4]) assert.equal(groups.reduce((sum, one) => sum + one.counts[health], 0), 600);
  for (const one of groups) {
    if (one.counts[2]) assert.equal(one.worst, 2);
    else if (one.counts[1]) assert.equal(one.worst, 1);
  }
});

test("a group counts the same wherever the picture ends", () => {
  const points = crowd(3000);
  const index = buildIndex(points);
  const world = 256 * 2 ** 9;
  const whole = new Map(group(points, index, [0, 0, 1, 1], world).map((one) => [`${one.x} ${one.y}`, one.count]));
  const [west, north] = unit(104.3, 29.8);
  const [east, south] = unit(104.7, 29.3);
  const part = group(points, index, [west, north, east, south], world);
  assert.ok(part.length > 3);
  for (const one of part) assert.equal(whole.get(`${one.x} ${one.y}`), one.count);
});

test("a filter leaves the others out of groups", () => {
  const points = crowd(1000);
  const groups = group(points, buildIndex(points), [0, 0, 1, 1], 256 * 2 ** 9, (i) => points.health[i] === 2);
  assert.equal(groups.reduce((sum, one) => sum + one.count, 0), 200);
});
