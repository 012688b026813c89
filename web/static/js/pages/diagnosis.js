/** Keeps the age of the picture on the page of picture checks true. */

import { keepAges } from "lib/ages.js";

keepAges(document);
