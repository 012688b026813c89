/** Hearing of changes: one stream of server-sent events, and knowing when it fell silent. */

/** Nothing heard for so long means that the server is lost; it beats every 2 s. */
export const LOST_AFTER_MS = 7_000;

/**
 * Listen to the server.
 * @param {Object<string, (body: Object) => void>} hears what to do with each kind of event
 * @param {{onLost?: () => void, onFound?: () => void, onClosed?: () => void, address?: string}} [options]
 *   onFound is called when the stream is there again; whatever was missed is then asked for by the page.
 * @returns {{close: () => void, heardAt: () => number}}
 */
export function listen(hears, { onLost = () => {}, onFound = () => {}, onClosed = () => {}, address = "/api/v1/push" } = {}) {
  let heardAt = Date.now();
  let isLost = false;
  let source;

  const note = () => {
    heardAt = Date.now();
    if (!isLost) return;
    isLost = false;
    onFound();
  };

  const open = () => {
    source = new EventSource(address);
    for (const [kind, act] of Object.entries(hears)) source.addEventListener(kind, (event) => act(JSON.parse(event.data)));
    for (const kind of ["beat", ...Object.keys(hears)]) source.addEventListener(kind, note);
    source.addEventListener("closed", () => {
      close();
      onClosed();
    });
  };

  const watch = () => {
    const silence = Date.now() - heardAt;
    if (silence > LOST_AFTER_MS && !isLost) {
      isLost = true;
      onLost();
    }
    // The browser gives up after some answers (a proxy's error page); then begin anew.
    if (isLost && source.readyState === EventSource.CLOSED) open();
  };

  const timer = setInterval(watch, 1000);
  const close = () => {
    clearInterval(timer);
    source.close();
  };
  open();
  return { close, heardAt: () => heardAt };
}
