/** Open alarms: read, sounded until acknowledged, answered. */

import { get, post } from "lib/api.js";

import { often } from "./pace.js";

/**
 * Keep the open alarms.
 * @param {{sound: {ring: (wanted: boolean) => void}, onChange: (open: Object[], fresh: ?Object) => void, mayAnswer: boolean}} options
 */
export function createAlarms({ sound, onChange, mayAnswer }) {
  let open = [];
  let known = new Set();

  const read = often(async () => {
    const found = await get("/api/v1/alarms/open").catch(() => null);
    if (!found) return;
    open = found.alarms;
    const fresh = open.find((one) => one.state === "active" && !known.has(one.id));
    known = new Set(open.map((one) => one.id));
    sound.ring(open.some((one) => one.state === "active"));
    onChange(open, fresh ?? null);
  }, 250);

  const acknowledge = async (id) => {
    await post(`/api/v1/alarms/${id}/acknowledge`);
    await read();
  };

  const close = async (id, finding, note) => {
    await post(`/api/v1/alarms/${id}/close`, { finding, note });
    await read();
  };

  return { read, acknowledge, close, mayAnswer, all: () => open, byId: (id) => open.find((one) => one.id === id) };
}
