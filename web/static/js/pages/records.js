/** The state of the records: new device codes. */

import { get } from "lib/api.js";
import { one } from "lib/dom.js";

const form = document.querySelector("#codes");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = one("#codes-said");
  const made = one("#codes-made");
  said.hidden = true;
  try {
    const { codes } = await get(`/api/v1/codes/next?${new URLSearchParams(new FormData(form))}`);
    made.value = codes.join("\n");
    made.hidden = false;
    made.select();
  } catch (problem) {
    said.textContent = problem.message;
    said.hidden = false;
  }
});
