/** What kinds of places are called, and which of them are poles and crossings; a kind nobody knows keeps its own name. */

import { t } from "lib/words.js";

const NAMES = {
  street_light: () => t("lamp posts"), utility_pole: () => t("utility poles"), pole: () => t("poles"), crossing: () => t("crossings"), intersection: () => t("crossings"),
  clinic: () => t("clinics"), square: () => t("squares"), committee: () => t("committees"), bus_stop: () => t("bus stops"), school_gate: () => t("school gates"),
  market: () => t("markets"), station: () => t("stations"), government: () => t("government"), police: () => t("police"),
};
const POLES = /lamp|light|pole|mast|灯|杆/i;
const CROSSINGS = /cross|intersection|junction|路口/i;

/** Return what a kind of places is called. */
export const kindName = (kind) => NAMES[kind]?.() ?? kind;
export const isPole = (kind) => POLES.test(kind);
export const isCrossing = (kind) => CROSSINGS.test(kind);
