/** The banner that says that we ourselves see nothing: no camera is judged while a prober is cut off. */

import { age } from "lib/ages.js";
import { t } from "lib/words.js";

/**
 * Show or hide the banner.
 * @param {HTMLElement} banner
 * @param {Array<{site: string, since: string}>} cutOff the sites whose prober is cut off
 */
export function showCutOff(banner, cutOff) {
  banner.hidden = cutOff.length === 0;
  banner.textContent = cutOff
    .map(({ site, since }) => t("The prober of %(site)s has been cut off from its network for %(age)s. It judges no camera; what was known expires.", { site, age: age(since) }))
    .join(" ");
}
