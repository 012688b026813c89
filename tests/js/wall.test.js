import assert from "node:assert/strict";
import { register } from "node:module";
import test, { mock } from "node:test";

// What the import map of a page does for "lib/…" and "map/…".
const OWN = new URL("../../web/static/js/", import.meta.url).href;
const hook = `export const resolve = (name, context, next) => next(/^(lib|map)\\//.test(name) ? "${OWN}" + name : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const { withSilence } = await import("../../web/static/js/pages/wall/strip.js");
const { six } = await import("../../web/static/js/pages/wall/numbers.js");
const { often } = await import("../../web/static/js/pages/wall/pace.js");
const { metresPerPixel, roundLength } = await import("../../web/static/js/map/scale.js");

test("silence is drawn as unknown, at both ends and between", () => {
  const strip = withSilence([{ health: "online", from: 0.25, to: 0.5 }, { health: "offline", from: 0.75, to: 0.9 }]);
  assert.deepEqual(strip.map(({ health, from, to }) => [health, from, to]), [
    ["unknown", 0, 0.25], ["online", 0.25, 0.5], ["unknown", 0.5, 0.75], ["offline", 0.75, 0.9], ["unknown", 0.9, 1],
  ]);
  assert.deepEqual(withSilence([]).map((one) => one.health), ["unknown"]);
});

const COUNTS = {
  online: 1241, degraded: 46, offline: 24, unknown: 6, maintenance: 3, open_m2: 1000, seen_m2: 722, seen_now_m2: 713,
  cells: 243, vacant: 15, alarms: 7, drills: 3, false_alarms: 1, acknowledged: 7, acknowledge_s: 11.2, acknowledge_target_s: 15,
};

test("rates stand beside what they were divided by", () => {
  const [online, intact, covered, alarms, acknowledged, vacant] = six(COUNTS);
  assert.deepEqual([online.value, online.beside], ["98.2", "1,287 / 1,311 · unchecked 6"]);
  assert.deepEqual([intact.value, intact.beside], ["94.7", "1,241 / 1,311 · in maintenance 3"]);
  assert.deepEqual([covered.value, covered.isBad], ["71.3", true]);
  assert.match(covered.beside, /^−0\.9, 30 cameras/);
  assert.deepEqual([alarms.value, acknowledged.value, acknowledged.isBad, vacant.value], ["7", "11", false, "15"]);
});

test("without data there is a dash and no number", () => {
  const nothing = { ...COUNTS, online: 0, degraded: 0, offline: 0, unknown: 0, open_m2: null, seen_m2: null, seen_now_m2: null, cells: 0, vacant: 0, alarms: 0, acknowledge_s: null };
  const [online, intact, covered, alarms, acknowledged, vacant] = six(nothing);
  for (const one of [online, intact, covered, acknowledged, vacant]) assert.equal(one.value, null);
  assert.equal(alarms.value, "0");
});

test("what is asked for often is done at once and once more after the pause", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let done = 0;
  const act = often(() => void done++, 100);
  for (let n = 0; n < 5; n++) act();
  assert.equal(done, 1);
  mock.timers.tick(100);
  assert.equal(done, 2);
  mock.timers.tick(100);
  assert.equal(done, 2);
  mock.timers.reset();
});

test("the scale bar is in metres of the ground", () => {
  assert.ok(Math.abs(metresPerPixel(0, 0) - 156543.03) < 0.1);
  assert.ok(Math.abs(metresPerPixel(60, 10) / metresPerPixel(0, 10) - 0.5) < 1e-12);
  assert.deepEqual([999, 1000, 4999, 50].map(roundLength), [500, 1000, 2000, 50]);
});
