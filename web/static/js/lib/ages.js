/** How long ago, in one rounded-down unit: 18 分钟, 3 小时, 1 天. Times are ISO strings or milliseconds. */

import { t } from "./words.js";

const UNITS = [
  [86_400, "%(n)s d"],
  [3_600, "%(n)s h"],
  [60, "%(n)s min"],
  [1, "%(n)s s"],
];

/**
 * Return a duration in words; never negative.
 * @param {number} seconds
 * @returns {string}
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [size, words] = UNITS.find(([unit]) => whole >= unit) ?? UNITS.at(-1);
  return t(words, { n: Math.floor(whole / size) });
}

/**
 * Return how long ago `at` was.
 * @param {string|number} at
 * @param {number} [now] milliseconds
 * @returns {string}
 */
export function age(at, now = Date.now()) {
  return duration((now - new Date(at).getTime()) / 1000);
}

/**
 * Return the exact local time in ISO form, for titles beside an age.
 * @param {string|number} at
 * @returns {string}
 */
export function exact(at) {
  const time = new Date(at);
  const two = (n) => String(n).padStart(2, "0");
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":")}`;
}

/**
 * Keep every <time datetime> with class "age" below `root` up to date; returns what stops it.
 * @param {ParentNode} root
 * @param {number} [everyMs]
 * @returns {() => void}
 */
export function keepAges(root, everyMs = 1000) {
  const show = () => {
    for (const time of root.querySelectorAll("time.age[datetime]")) {
      const words = age(time.dateTime);
      if (time.textContent !== words) time.textContent = words;
      if (!time.title) time.title = exact(time.dateTime);
    }
  };
  show();
  const timer = setInterval(show, everyMs);
  return () => clearInterval(timer);
}
