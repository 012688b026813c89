/** The one way to the server. Answers that are problems become errors with a sentence to show. */

import { t } from "./words.js";

/** A problem the server answered with, or its silence (status 0). `message` is a sentence for the person. */
export class Problem extends Error {
  constructor({ status, detail, field }) {
    super(detail);
    this.status = status;
    this.field = field;
  }
}

/**
 * Ask for JSON.
 * @param {string} path
 * @param {{signal?: AbortSignal, query?: Object<string, string|number>}} [options]
 */
export function get(path, { signal, query } = {}) {
  return send("GET", query ? `${path}?${new URLSearchParams(query)}` : path, undefined, { signal });
}

/** Send JSON and return the JSON answered. */
export const post = (path, body, options) => send("POST", path, body, options);
export const put = (path, body, options) => send("PUT", path, body, options);
export const patch = (path, body, options) => send("PATCH", path, body, options);
export const remove = (path, options) => send("DELETE", path, undefined, options);

async function send(method, path, body, { signal } = {}) {
  const response = await reach(method, path, body, signal);
  if (response.status === 204) return null;
  const answer = await response.json().catch((error) => {
    if (error.name === "AbortError") throw error;
    return null;
  });
  if (response.ok && answer !== null) return answer;
  throw new Problem({
    status: response.status,
    detail: answer?.detail ?? t("The server answered something that cannot be read. Load the page again."),
    field: answer?.field,
  });
}

async function reach(method, path, body, signal) {
  const headers = { Accept: "application/json", "X-CSRFToken": token() };
  const content = body instanceof FormData ? body : body === undefined ? undefined : JSON.stringify(body);
  if (typeof content === "string") headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, { method, headers, body: content, signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ status: 0, detail: t("The server does not answer. What you see may be old.") });
  }
}

function token() {
  return document.querySelector("meta[name=csrf-token]")?.content ?? "";
}
