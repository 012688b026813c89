/**
 * Where a place lies on a background of another coordinate system: WGS-84 → GCJ-02 → BD-09, and back.
 * Data stay WGS-84; only what is drawn is moved. The same formulas as gis/coords.py, which tests compare.
 */

const A = 6378245.0;
const EE = 0.00669342162296594323;
const BD_K = (Math.PI * 3000) / 180;
// The rectangle in which GCJ-02 is in force: west, south, east, north.
const CHINA = [72.004, 0.8293, 137.8347, 55.8271];
const ROUNDS = 7;

const inChina = (lng, lat) => lng >= CHINA[0] && lng <= CHINA[2] && lat >= CHINA[1] && lat <= CHINA[3];

/**
 * Return where a WGS-84 place is drawn in `crs`.
 * @param {"wgs84"|"cgcs2000"|"gcj02"|"bd09"} crs
 * @param {number} lng
 * @param {number} lat
 * @returns {[number, number]} lng, lat
 */
export function fromWgs84(crs, lng, lat) {
  if (crs !== "gcj02" && crs !== "bd09") return [lng, lat];
  const gcj = toGcj02(lng, lat);
  return crs === "gcj02" ? gcj : toBd09(...gcj);
}

/**
 * Return the WGS-84 place that is drawn at lng, lat in `crs`; the inverse of fromWgs84 by fixed point.
 * @returns {[number, number]} lng, lat
 */
export function toWgs84(crs, lng, lat) {
  let [x, y] = [lng, lat];
  for (let round = 0; round < ROUNDS; round++) {
    const [drawnX, drawnY] = fromWgs84(crs, x, y);
    x += lng - drawnX;
    y += lat - drawnY;
  }
  return [x, y];
}

function toGcj02(lng, lat) {
  if (!inChina(lng, lat)) return [lng, lat];
  const radians = (lat / 180) * Math.PI;
  const magic = 1 - EE * Math.sin(radians) ** 2;
  const root = Math.sqrt(magic);
  const north = (latShift(lng - 105, lat - 35) * 180) / (((A * (1 - EE)) / (magic * root)) * Math.PI);
  const east = (lngShift(lng - 105, lat - 35) * 180) / ((A / root) * Math.cos(radians) * Math.PI);
  return [lng + east, lat + north];
}

function toBd09(lng, lat) {
  const z = Math.hypot(lng, lat) + 0.00002 * Math.sin(lat * BD_K);
  const theta = Math.atan2(lat, lng) + 0.000003 * Math.cos(lng * BD_K);
  return [z * Math.cos(theta) + 0.0065, z * Math.sin(theta) + 0.006];
}

const wave = (a, b, x, y) => ((a * Math.sin(x * Math.PI) + b * Math.sin(y * Math.PI)) * 2) / 3;

function latShift(x, y) {
  const base = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x));
  return base + wave(20, 20, 6 * x, 2 * x) + wave(20, 40, y, y / 3) + wave(160, 320, y / 12, y / 30);
}

function lngShift(x, y) {
  const base = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
  return base + wave(20, 20, 6 * x, 2 * x) + wave(20, 40, x, x / 3) + wave(150, 300, x / 12, x / 30);
}
