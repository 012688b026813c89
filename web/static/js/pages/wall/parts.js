/** Pieces of the focus: keys to press and pictures with their age. */

import { age, exact } from "lib/ages.js";
import { make } from "lib/dom.js";
import { t } from "lib/words.js";

const OLD_MS = 10 * 60_000;

/** Return a button with its key on it. */
export function key(words, sign, act, look = "") {
  return make("button", { class: `key ${look}`, type: "button", on: { click: act } }, make("span", { text: words }), make("kbd", { text: sign }));
}

/** Return a link that looks like such a button. */
export function keyLink(words, sign, href) {
  return make("a", { class: "key", href }, make("span", { text: words }), make("kbd", { text: sign }));
}

/**
 * Return a stored picture with its age; never shown as live, coloured once it is old.
 * @param {?{url: string, full_url: ?string, at: string}} picture
 */
export function pictureOf(picture, { words, isBig = false, whenNone }) {
  const tag = words ? make("span", { class: "tag", text: words, title: words }) : "";
  if (!picture) return make("div", { class: `pic ${isBig ? "big" : ""}` }, make("span", { class: "none", text: whenNone }), tag);
  const url = isBig ? (picture.full_url ?? picture.url) : picture.url;
  const image = make("img", { src: url, alt: words ?? t("Last picture"), decoding: "async" });
  image.addEventListener("error", () => image.replaceWith(make("span", { class: "none", text: t("This picture was removed when its time was over.") })));
  return make("a", { class: `pic ${isBig ? "big" : ""}`, href: picture.full_url ?? picture.url, target: "_blank" }, image, ageOf(picture.at), tag);
}

function ageOf(at) {
  const time = make("time", { class: "age", datetime: at, title: exact(at) });
  const show = () => {
    time.textContent = t("%(age)s ago", { age: age(at) });
    time.classList.toggle("old", Date.now() - new Date(at) > OLD_MS);
    if (!time.isConnected && time.wasShown) clearInterval(timer);
    time.wasShown = time.isConnected;
  };
  const timer = setInterval(show, 1000);
  show();
  return time;
}
