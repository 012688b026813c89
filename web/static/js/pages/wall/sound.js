/** The tone of an alarm nobody has acknowledged yet: two notes every other second, made here, no file. */

import { t } from "lib/words.js";

const NOTES = [880, 660];

/**
 * Make the sound and its switch.
 * @param {HTMLButtonElement} button
 */
export function createSound(button) {
  let isOn = localStorage.getItem("wall.sound") !== "off";
  let context = null;
  let timer = null;

  const note = (frequency, at) => {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.32);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.35);
  };

  const sing = () => {
    // Browsers allow sound only after somebody touched the page once.
    if (!context && !navigator.userActivation?.hasBeenActive) return show();
    context ??= new AudioContext();
    if (isOn && context.state === "running") NOTES.forEach((frequency, n) => note(frequency, context.currentTime + n * 0.35));
    return show();
  };

  const show = () => {
    button.setAttribute("aria-pressed", isOn);
    const waits = isOn && timer && context?.state !== "running";
    button.firstElementChild.textContent = waits ? t("Click once to allow sound") : isOn ? t("Sound on") : t("Sound off");
  };

  const toggle = () => {
    isOn = !isOn;
    localStorage.setItem("wall.sound", isOn ? "on" : "off");
    show();
  };

  /** Sound until told to stop. */
  const ring = (wanted) => {
    if (wanted === Boolean(timer)) return;
    clearInterval(timer);
    timer = wanted ? setInterval(sing, 2000) : null;
    if (wanted) sing();
    show();
  };

  button.addEventListener("click", toggle);
  show();
  return { ring, toggle };
}
