/**
 * Begin anew when a script of the page did not come, as in the second in which the server comes back: nothing would
 * start otherwise, and a wall has nobody who reloads it. No module, since it must be there when modules are not.
 */
addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    setInterval(() => fetch("/healthz", { cache: "no-store" }).then(({ ok }) => ok && location.reload(), () => {}), 2000);
  },
  true,
);
