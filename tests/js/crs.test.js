import assert from "node:assert/strict";
import test from "node:test";

import { fromWgs84, toWgs84 } from "../../web/static/js/map/crs.js";

// Printed by gis/coords.py; tests/web/test_map_crs.py compares many more.
const KNOWN = [
  [[104.75, 29.35], [104.7526829428, 29.347161832], [104.7590942299, 29.3534513309]],
  [[116.397, 39.909], [116.403243506, 39.9104033973], [116.4096156935, 39.9167442217]],
  [[121.47, 31.23], [121.4745349004, 31.2280674819], [121.4810762081, 31.2339867156]],
  [[2.35, 48.85], [2.35, 48.85], [2.3566273965, 48.8560038828]],
];

const near = (a, b, within) => a.forEach((value, n) => assert.ok(Math.abs(value - b[n]) < within, `${a} is not ${b}`));

test("places are drawn where gis/coords.py puts them", () => {
  for (const [wgs84, gcj02, bd09] of KNOWN) {
    near(fromWgs84("gcj02", ...wgs84), gcj02, 1e-9);
    near(fromWgs84("bd09", ...wgs84), bd09, 1e-9);
  }
});

test("a click on a shifted background comes back to where it was", () => {
  for (const [wgs84] of KNOWN) {
    for (const crs of ["gcj02", "bd09"]) near(toWgs84(crs, ...fromWgs84(crs, ...wgs84)), wgs84, 1e-8);
  }
});

test("backgrounds in WGS-84 and CGCS2000 move nothing", () => {
  assert.deepEqual(fromWgs84("wgs84", 104.5, 29.5), [104.5, 29.5]);
  assert.deepEqual(fromWgs84("cgcs2000", 104.5, 29.5), [104.5, 29.5]);
});
