import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

// The parts of these modules that need no browser; their imports are names of the import map.
const part = async (file, ...names) => {
  const source = readFileSync(new URL(`../../web/static/js/map/${file}`, import.meta.url), "utf8");
  const bare = source.replaceAll(/^import [^;]+;$/gm, "");
  const kept = names.map((name) => bare.match(new RegExp(`export function ${name}\\([\\s\\S]*?\\n}\\n`))[0]);
  const needs = 'const HEALTH = ["online", "degraded", "offline", "unknown", "maintenance"]; const RANK = [4, 1, 0, 2, 3];';
  return import(`data:text/javascript,${encodeURIComponent(needs + kept.join("\n"))}`);
};

test("a group shows its worst health and loses none of its counts", async () => {
  const { groupOf } = await part("cameratiles.js", "groupOf");
  const group = groupOf({ count: 9, online: 5, degraded: 1, offline: 2, unknown: 1, maintenance: 0 });
  assert.deepEqual(group, { count: 9, counts: [5, 1, 2, 1, 0], worst: 2 });
  assert.equal(groupOf({ count: 1, online: 0, degraded: 0, offline: 0, unknown: 0, maintenance: 1 }).worst, 4);
});

test("counts are written in at most four characters", async () => {
  const { short } = await part("incidents.js", "short");
  assert.deepEqual([1, 999, 1000, 9949, 9950, 12_345, 999_499, 999_500, 1_234_567].map(short),
    ["1", "999", "1.0k", "9.9k", "10k", "12k", "999k", "1.0M", "1.2M"]);
});
