import assert from "node:assert/strict";
import test from "node:test";

import { nudge } from "../../web/static/js/pages/plan/keys.js";
import { layOut } from "../../web/static/js/map/stand.js";
import { doubtful, view } from "../../web/static/js/map/view.js";

const CAMERA = { lng: 105, lat: 31, bearing_deg: 358, hfov_deg: 90, width_px: 1920 };

test("arrows turn a camera past north, and finely with Shift", () => {
  assert.deepEqual(nudge(CAMERA, { key: "ArrowRight" }), { bearing_deg: 3 });
  assert.deepEqual(nudge(CAMERA, { key: "ArrowLeft", shiftKey: true }), { bearing_deg: 357 });
  assert.deepEqual(nudge({ ...CAMERA, bearing_deg: 1 }, { key: "ArrowLeft" }), { bearing_deg: 356 });
  assert.equal(nudge(CAMERA, { key: "a" }), null);
});

test("with Alt the arrows move it by a metre", () => {
  const moved = nudge(CAMERA, { key: "ArrowUp", altKey: true });
  assert.ok(Math.abs((moved.lat - CAMERA.lat) * 111_320 - 1) < 1e-6);
  assert.equal(moved.lng, CAMERA.lng);
});

test("a camera whose bearing is known sees what it sees, and one in doubt surely less and maybe more", () => {
  const at = { x: 0, y: 0 };
  const { area } = view(CAMERA, at, []);
  const known = doubtful(CAMERA, at, []);
  assert.equal(known.surely.area, area);
  assert.equal(known.maybe.area, area);
  const rough = doubtful({ ...CAMERA, bearing_doubt_deg: 22.5 }, at, []);
  assert.ok(Math.abs(rough.surely.area - area / 2) < 1e-6 * area);
  assert.ok(Math.abs(rough.maybe.area - area * 1.5) < 1e-6 * area);
});

test("a camera without a bearing surely sees nothing", () => {
  assert.equal(doubtful({ ...CAMERA, bearing_deg: null }, { x: 0, y: 0 }, []).surely, null);
});

test("a roof half as high as the camera hides itself and as much again behind it, and one of unknown height all behind it", () => {
  const camera = { lng: 105, lat: 31, reach_m: 50, height_m: 6 };
  const house = [[[10, -1], [12, -1], [12, 1], [10, 1], [10, -1]]];
  const hidden = (height) => {
    const { area, sectorArea, polygons } = view(camera, { x: 0, y: 0 }, layOut([house], [height]));
    return { area: sectorArea - area, rings: polygons.flat().length };
  };
  // Between the rays through its near corners from 10 m to 20 m, and the far half of what it is when twice as large.
  assert.ok(Math.abs(hidden(3).area - (30 + 16)) < 1e-9);
  assert.equal(hidden(3).rings, 2);
  const all = Math.atan(1 / 10) * 50 ** 2 - 10;
  assert.ok(Math.abs(hidden(null).area - all) < 1e-9);
  assert.ok(Math.abs(hidden(6).area - all) < 1e-9);
});
