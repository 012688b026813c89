/** Figures as they stand on the page: shares with their doubt, counts, areas, money. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });

export const count = (value) => whole.format(value);
export const money = (value) => (Number.isInteger(value) ? whole : fine).format(value);
export const percent = (share) => (share === undefined || share === null ? "—" : `${(100 * share).toFixed(1)} %`);
export const fraction = (share) => `${(100 * share).toFixed(2)} %`;

/** Return a share with what it is at least and at most, where these differ. */
export function withDoubt(share, low, high) {
  if (low === undefined || low === null || high - low < 0.0005) return percent(share);
  return `${percent(share)} (${(100 * low).toFixed(1)} – ${(100 * high).toFixed(1)})`;
}

/** Return a difference of shares with its sign. */
export function gain(share) {
  if (Math.abs(share) < 0.0005) return "±0.0 %";
  return `${share > 0 ? "+" : "−"}${percent(Math.abs(share))}`;
}
