/** What cameras see, and what none sees: layers over the background. */

import { createVectorLayer, eachFeature, trace } from "map/vectortiles.js";

/**
 * Make the layer of views; those of cameras that do not work are only hinted at.
 * @param {{style: Object, crs: string, pane: string, isWorking: (id: number) => boolean}} options
 */
export function createViewsLayer({ style, crs, pane, isWorking }) {
  const paint = (pen, tile) => {
    eachFeature(tile, "views", (feature) => {
      trace(pen, feature, true);
      pen.fillStyle = isWorking(feature.id) ? style.views.fill : style.views.gone;
      pen.fill("evenodd");
      pen.strokeStyle = isWorking(feature.id) ? style.views.line : style.views.gone;
      pen.lineWidth = 1;
      pen.stroke();
    });
  };
  return createVectorLayer({ url: (key) => `/tiles/views/${key}.mvt`, paint, crs, pane, maxZoom: 20 });
}

/** Make the layer of gaps: cells by the share seen now, and near, the ground itself that no working camera sees. */
export function createGapsLayer({ style, crs, pane }) {
  const paint = (pen, tile, z) => {
    eachFeature(tile, "cells", (feature) => {
      trace(pen, feature, true);
      pen.globalAlpha = z >= 14 ? 0.08 : 0.08 + 0.5 * (1 - (feature.properties.seen ?? 0) / 100);
      pen.fillStyle = style.gaps.low;
      pen.fill("evenodd");
      pen.globalAlpha = 1;
    });
    if (z < 14) return;
    pen.fillStyle = style.gaps.fill;
    eachFeature(tile, "gaps", (feature) => {
      trace(pen, feature, true);
      pen.fill("evenodd");
    });
  };
  return createVectorLayer({ url: (key) => `/tiles/gaps/${key}.mvt`, paint, crs, pane, maxZoom: 20 });
}
