/** A scale bar in metres of the ground in the middle of the map, not of the projection. */

const STEPS = [1, 2, 5];

/**
 * Return the roundest length not longer than `most` metres.
 * @param {number} most
 */
export function roundLength(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return Math.max(...STEPS.map((step) => step * power).filter((length) => length <= most));
}

/** Return metres of the ground for one pixel; the projection stretches them away from the equator. */
export function metresPerPixel(lat, zoom) {
  return (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** zoom);
}

/** Keep a bar of at most `widest` pixels up to date in `element`; returns what removes it. */
export function addScale(map, element, widest = 120) {
  const show = () => {
    const perPixel = metresPerPixel(map.getCenter().lat, map.getZoom());
    const length = roundLength(perPixel * widest);
    element.style.width = `${Math.round(length / perPixel)}px`;
    element.textContent = length >= 1000 ? `${length / 1000} km` : `${length} m`;
  };
  map.on("moveend zoomend", show);
  show();
  return () => map.off("moveend zoomend", show);
}
