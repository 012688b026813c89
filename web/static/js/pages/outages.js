/** Keeps the ages on the pages of outages and maintenance true, and loads them again when something changed. */

import { keepAges } from "lib/ages.js";
import { listen } from "lib/push.js";

let asked;
const again = () => {
  // What somebody is writing is not thrown away.
  if (document.querySelector("form :focus")) return;
  clearTimeout(asked);
  asked = setTimeout(() => location.reload(), 1500);
};

keepAges(document);
const stream = listen({ outage: again, maintenance: again });
addEventListener("pagehide", () => stream.close());
