/** Cameras from vector tiles: place and pose, which change rarely; health comes apart and is put in as it changes. */

import { densityOf, drawBearing, drawGroup } from "map/drawing.js";
import { HEALTH, RANK } from "map/points.js";
import { createPointTiles } from "map/pointtiles.js";
import { makeStamps } from "map/symbols.js";

const STAMP_PX = 22;
const UNKNOWN = HEALTH.indexOf("unknown");

/** Return a group of a tile as drawGroup takes it. */
export function groupOf({ count, ...counts }) {
  const each = HEALTH.map((health) => counts[health] ?? 0);
  const present = each.map((_, health) => health).filter((health) => each[health]);
  return { count, counts: each, worst: present.reduce((worst, health) => (RANK[health] < RANK[worst] ? health : worst), present[0]) };
}

/**
 * Make the layer of cameras on a page that does not need all of them at once, as the wall does.
 * @returns {Object} a layer with setHealth(id, health) and setAllHealth({id, health}) besides
 */
export function createCameraTiles({ style, crs, pane }) {
  const colours = style.cameras;
  const health = new Map();
  let stamps;
  const draw = (pen, points, place, { zoom }) => {
    stamps ??= makeStamps(colours, densityOf(pen.canvas));
    for (const { layer, id, x, y, properties } of points) {
      const [px, py] = place(x, y);
      if (layer === "clusters" && properties.count > 1) drawGroup(pen, px, py, groupOf(properties), { colours, stamps });
      else {
        const shown = layer === "clusters" ? groupOf(properties).worst : (health.get(id) ?? UNKNOWN);
        if (zoom >= 16 && properties.bearing != null) drawBearing(pen, px, py, properties.bearing, colours.online);
        pen.drawImage(stamps[shown], px - STAMP_PX / 2, py - STAMP_PX / 2, STAMP_PX, STAMP_PX);
      }
    }
  };
  const tiles = createPointTiles({ url: (key) => `/tiles/cameras/${key}.mvt`, draw, crs, pane });
  return Object.assign(tiles, {
    setHealth(id, word) {
      // What is in maintenance stays so, whatever a look said.
      if (HEALTH[health.get(id)] !== "maintenance") health.set(id, Math.max(0, HEALTH.indexOf(word)));
      tiles.ask();
    },
    setAllHealth(columns) {
      columns.id.forEach((id, n) => health.set(id, columns.health[n]));
      tiles.ask();
    },
  });
}
