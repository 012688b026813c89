/** The look of the map drawn from our own tiles: one table per ground. Widths in pixels, by zoom where a list. */

const HALO_DARK = "#10171d";

/** @type {Object<string, Object>} */
export const STYLES = {
  dark: {
    ground: "#10171d",
    land: "#151e26",
    area: { county: ["#5b6b79", 2.2], town: ["#46545f", 1.7], village: ["#35434f", 1.1], cell: ["#2b3945", 1] },
    building: "#222d37",
    buildingRim: "#2c3944",
    road: ["#3a4854", "#3a4854", "#37444f", "#33404b", "#2d3943", "#2a353f", "#27313b"],
    river: "#22384a",
    text: "#a7b4c0",
    quietText: "#71808d",
    halo: HALO_DARK,
    cameras: {
      online: "#74828f", degraded: "#f0b040", offline: "#ff6459", unknown: "#a99cd6", maintenance: "#5f8db8",
      accent: "#6cb6ff", halo: HALO_DARK, group: "#161e26ee", groupRim: "#4a5966", groupText: "#c2ccd5",
    },
    views: { fill: "#6cb6ff30", line: "#6cb6ff66", gone: "#93a1af22" },
    gaps: { fill: "#c05a3a70", line: "#c05a3a", low: "#c05a3a", seen: "#2f6f8f" },
  },
  light: {
    ground: "#e9edf0",
    land: "#f4f6f8",
    area: { county: ["#6d7b88", 2.2], town: ["#8b98a4", 1.7], village: ["#aab5bf", 1.1], cell: ["#c3ccd4", 1] },
    building: "#dfe4e9",
    buildingRim: "#cfd6dd",
    road: ["#ffffff", "#ffffff", "#ffffff", "#ffffff", "#fafbfc", "#fafbfc", "#fafbfc"],
    roadRim: "#cdd5dc",
    river: "#c3d8e6",
    text: "#38444f",
    quietText: "#6b7884",
    halo: "#f4f6f8",
    cameras: {
      online: "#5f6d7a", degraded: "#a86400", offline: "#c62f26", unknown: "#6f5fb0", maintenance: "#3c6f9f",
      accent: "#0b5cad", halo: "#ffffff", group: "#ffffffee", groupRim: "#a4b0bb", groupText: "#38444f",
    },
    views: { fill: "#0b5cad22", line: "#0b5cad66", gone: "#52606d18" },
    gaps: { fill: "#c05a3a44", line: "#c05a3a", low: "#c05a3a", seen: "#4d8fae" },
  },
};

/** Widths of roads by rank (1 the widest) at zoom 10 and 18; between them they grow evenly. */
const ROAD_WIDTHS = { 1: [2.2, 16], 2: [2, 13], 3: [1.5, 10], 4: [0.8, 8], 5: [0.5, 5], 6: [0.4, 3] };

/** Return how wide a road of `rank` is drawn, in pixels. */
export function roadWidth(rank, zoom) {
  const [far, near] = ROAD_WIDTHS[rank] ?? ROAD_WIDTHS[4];
  const share = Math.min(1, Math.max(0, (zoom - 10) / 8));
  return far * (near / far) ** share;
}
