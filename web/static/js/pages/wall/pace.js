/** Doing things often, but not too often. */

/**
 * Return a function that calls `act` at once, and when called again meanwhile, once more after `ms`.
 * @param {() => (void|Promise<void>)} act
 * @param {number} ms
 */
export function often(act, ms) {
  let isResting = false;
  let isWanted = false;
  const run = () => {
    isResting = true;
    isWanted = false;
    setTimeout(() => {
      isResting = false;
      if (isWanted) run();
    }, ms);
    return act();
  };
  return async () => {
    if (isResting) isWanted = true;
    else await run();
  };
}
