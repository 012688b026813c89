/** Every change of one record: undo those that nothing was built upon. */

import { keepAges } from "lib/ages.js";
import { post } from "lib/api.js";
import { one } from "lib/dom.js";

const start = JSON.parse(one("#start").textContent);

keepAges(document);

for (const button of document.querySelectorAll(".undo")) {
  button.addEventListener("click", async () => {
    try {
      await post(`/api/v1/cameras/${encodeURIComponent(start.code)}/undo`, { version: start.version, change: Number(button.dataset.change) });
      location.reload();
    } catch (problem) {
      Object.assign(one("#said"), { textContent: problem.message, className: "message bad", hidden: false });
    }
  });
}
