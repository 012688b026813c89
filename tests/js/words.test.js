import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = {
  getElementById: () => ({
    textContent: JSON.stringify({ language: "zh-CN", words: { Wall: "值班大屏" }, labels: { "Health.offline": "离线" } }),
  }),
};
const { fill, label, language, t } = await import("../../web/static/js/lib/words.js");

test("a known string is translated and an unknown one stays English", () => {
  assert.equal(t("Wall"), "值班大屏");
  assert.equal(t("Never seen"), "Never seen");
  assert.equal(language, "zh-CN");
});

test("values are filled in, and a name without a value stays as it is", () => {
  assert.equal(fill("%(a)s of %(b)s", { a: 0, b: "%(a)s" }), "0 of %(a)s");
  assert.equal(fill("%(a)s", {}), "%(a)s");
  assert.equal(fill("98 %", { a: 1 }), "98 %");
});

test("a word of a closed set has its label, and one that is not known shows itself", () => {
  assert.equal(label("Health", "offline"), "离线");
  assert.equal(label("Health", "gone"), "gone");
  assert.equal(label("Health", null), "");
});
