/** Questions before something is done: one dialog, filled anew each time; Escape leaves everything as it is. */

import { make, one } from "lib/dom.js";
import { t } from "lib/words.js";

/**
 * Ask in a dialog. `act` gets the form's values; when it fails the sentence is shown and the dialog stays.
 * @param {{title: string, body: Node[], verb?: string, act?: (values: Object) => Promise<void>, wide?: boolean}} question
 */
export function ask({ title, body, verb, act, wide = false }) {
  const dialog = one("#dialog");
  const wrong = make("p", { class: "message bad", role: "alert", hidden: true });
  const close = make("button", { type: "button", class: verb ? "quiet" : "main", text: verb ? t("Cancel") : t("Close"), on: { click: () => dialog.close() } });
  const buttons = make("div", { class: "row" }, ...(verb ? [make("button", { class: "main", text: verb })] : []), close);
  const form = make("form", { class: "stack", on: { submit: send } }, make("h2", { id: "dialog-title", text: title }), ...body, wrong, buttons);

  async function send(event) {
    event.preventDefault();
    if (!act) return dialog.close();
    const verbButton = form.querySelector("button.main");
    verbButton.disabled = true;
    try {
      await act(Object.fromEntries(new FormData(form)));
      dialog.close();
    } catch (problem) {
      wrong.textContent = problem.message;
      wrong.hidden = false;
      verbButton.disabled = false;
    }
  }

  dialog.className = wide ? "wide" : "";
  dialog.replaceChildren(form);
  dialog.showModal();
  dialog.querySelector("input, select")?.focus();
}

/** Return a labelled field of a dialog. */
export const field = (title, ...inputs) => make("label", { class: "field" }, make("span", { text: title }), ...inputs);
