/** The clock of the control room, in its time zone, and how fresh the data are. */

import { duration } from "lib/ages.js";
import { language, t } from "lib/words.js";

/** Keep the clock and the freshness up to date. */
export function startClock({ clock, fresh, lost, heardAt, isLost }) {
  const form = new Intl.DateTimeFormat(language, { timeZone: clock.dataset.zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = new Intl.DateTimeFormat(language, { timeZone: clock.dataset.zone, dateStyle: "full" });
  const show = () => {
    const now = Date.now();
    const seconds = (now - heardAt()) / 1000;
    clock.textContent = form.format(now);
    clock.title = day.format(now);
    fresh.classList.toggle("is-lost", isLost());
    fresh.lastElementChild.textContent = isLost()
      ? t("Data stopped %(age)s ago", { age: duration(seconds) })
      : t("Data live · %(seconds)s s", { seconds: seconds.toFixed(1) });
    if (isLost()) lost.textContent = t("The server is lost. What you see is %(age)s old. It reconnects by itself; look after the network if this stays.", { age: duration(seconds) });
  };
  show();
  setInterval(show, 500);
}
