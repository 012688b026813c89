import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = {
  getElementById: () => ({
    textContent: JSON.stringify({
      language: "zh-CN",
      words: { "%(n)s d": "%(n)s 天", "%(n)s h": "%(n)s 小时", "%(n)s min": "%(n)s 分钟", "%(n)s s": "%(n)s 秒" },
      labels: { "Health.offline": "离线" },
    }),
  }),
};
const { age, duration, exact } = await import("../../web/static/js/lib/ages.js");

const CASES = [
  [-5, "0 秒"], [0, "0 秒"], [59.9, "59 秒"], [60, "1 分钟"], [18 * 60 + 59, "18 分钟"], [3_599, "59 分钟"],
  [3 * 3_600, "3 小时"], [86_399, "23 小时"], [86_400, "1 天"], [400 * 86_400, "400 天"],
];
for (const [seconds, words] of CASES) {
  test(`${seconds} seconds are ${words}`, () => assert.equal(duration(seconds), words));
}

test("an age is counted from an ISO time", () => {
  assert.equal(age("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:18:00Z")), "18 分钟");
});

test("a time that lies ahead is never negative", () => {
  assert.equal(age("2026-01-01T00:00:10Z", Date.parse("2026-01-01T00:00:00Z")), "0 秒");
});

test("the exact time is in ISO form with leading zeros", () => {
  assert.match(exact("2026-01-02T03:04:05Z"), /^2026-01-0\d \d\d:\d4:05$/);
});
