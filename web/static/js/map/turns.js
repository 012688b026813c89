/** Turns to draw: what is drawn together is drawn over several frames, so that none is late. */

// Time of one frame that may go into drawing.
const FRAME_MS = 10;

const waiting = [];
let asked = 0;

/**
 * Wait for a turn to draw. Who goes first is served before those who came earlier.
 * @param {AbortSignal} signal gives the turn back
 * @param {{first?: boolean}} options
 */
export function turn(signal, { first = false } = {}) {
  return new Promise((go, giveUp) => {
    const one = { go, signal };
    signal.addEventListener("abort", () => giveUp(signal.reason), { once: true });
    if (first) waiting.unshift(one);
    else waiting.push(one);
    asked ||= requestAnimationFrame(serve);
  });
}

async function serve() {
  const end = performance.now() + FRAME_MS;
  while (waiting.length && performance.now() < end) {
    const { go, signal } = waiting.shift();
    if (signal.aborted) continue;
    go();
    // Let the one whose turn it is draw before the clock is read.
    await null;
    await null;
  }
  asked = waiting.length ? requestAnimationFrame(serve) : 0;
}

/**
 * Return a way to ask for `draw`: however often it is asked before its turn, it is drawn once.
 * @param {() => void} draw
 * @param {{first?: boolean}} options
 * @returns {{ask: () => void, cancel: () => void}}
 */
export function onceInTurn(draw, options) {
  let give = null;
  const cancel = () => {
    give?.abort();
    give = null;
  };
  const ask = () => {
    if (give) return;
    give = new AbortController();
    turn(give.signal, options).then(() => {
      give = null;
      draw();
    }, () => {});
  };
  return { ask, cancel };
}
