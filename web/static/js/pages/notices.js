/** Channels are tested, rules tried on the past, and messages sent again, without leaving the page. */

import { get, post } from "lib/api.js";
import { one } from "lib/dom.js";
import { t } from "lib/words.js";

const POLL_MS = 700;
// Longer than the slowest delivery may take.
const PATIENCE_MS = 60_000;

function say(place, words, kind = "") {
  place.textContent = words;
  place.className = `${place.className.replace(/ ?\b(?:good|bad|warn)\b/g, "")} ${kind}`.trim();
  place.hidden = !words;
}

async function test(button) {
  const place = one(".tested", button.closest("article"));
  button.disabled = true;
  say(place, t("The test message is on its way …"));
  try {
    const { id } = await post(`/api/v1/notices/channels/${button.dataset.channel}/test`, {});
    say(place, ...(await outcome(id)));
  } catch (problem) {
    say(place, problem.message, "bad");
  }
  button.disabled = false;
}

/** Wait until a message arrived or was given up, and return what to say of it. */
async function outcome(id) {
  const begun = Date.now();
  while (Date.now() - begun < PATIENCE_MS) {
    const { state, state_name, reason } = await get(`/api/v1/notices/${id}`);
    if (state === "sent") return [`${state_name} · ${reason}`, "good"];
    if (state === "failed") return [`${t("It did not arrive")} · ${reason}`, "bad"];
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  return [t("No worker has sent it yet. Check that worker-notices runs; it goes out by itself when it does."), "warn"];
}

async function preview(place, button, body) {
  button.disabled = true;
  say(place, t("Counting …"));
  try {
    say(place, sentence(await post("/api/v1/notices/preview", body)));
  } catch (problem) {
    say(place, problem.message, "bad");
  }
  button.disabled = false;
}

function sentence(found) {
  const parts = [
    t("In the last %(days)s days these rules would have sent %(messages)s messages, %(busiest)s on the busiest day; a message for every change of every camera would have been %(singly)s.", found),
  ];
  if (found.channels.length > 1) parts.push(t("By channel: %(list)s.", { list: found.channels.map(({ name, messages }) => `${name} ${messages}`).join(t("; ")) }));
  if (found.outages) parts.push(t("%(outages)s times an outage was told as one.", found));
  if (found.reminders) parts.push(t("%(reminders)s of the lines are reminders.", found));
  if (!found.is_whole) parts.push(t("More happened than could be counted, so it would have been more."));
  return parts.join(" ");
}

async function again(button) {
  button.disabled = true;
  try {
    await post(`/api/v1/notices/${button.dataset.notice}/again`, {});
    await outcome(button.dataset.notice);
    location.reload();
  } catch (problem) {
    button.textContent = problem.message;
  }
}

/** A secret nobody thought of: 24 random bytes as hex. */
function secret() {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

for (const button of document.querySelectorAll("button.test")) button.addEventListener("click", () => test(button));
for (const button of document.querySelectorAll("button.again")) button.addEventListener("click", () => again(button));
for (const button of document.querySelectorAll("button.make-secret")) {
  button.addEventListener("click", () => (one("[name=secret]", button.form).value = secret()));
}
for (const button of document.querySelectorAll("button.try")) {
  button.addEventListener("click", () => preview(one(".preview", button.form), button, new FormData(button.form)));
}
const whole = document.querySelector("#preview");
whole?.addEventListener("click", () => preview(one("#previewed"), whole, new FormData()));
