/** Keeps the ages on the page of buttons true, and loads it again when a button or an alarm changes. */

import { keepAges } from "lib/ages.js";
import { listen } from "lib/push.js";

let asked;
const again = () => {
  clearTimeout(asked);
  asked = setTimeout(() => location.reload(), 1500);
};

keepAges(document);
const stream = listen({ alarm: again, button: again, buttons: again });
addEventListener("pagehide", () => stream.close());
