// Times npm's visibility-polygon on views read from standard input: [{"eye": [x, y], "segments": [[[x, y], [x, y]], …]}, …].
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const { compute } = createRequire(import.meta.url)(process.argv[2]);
const views = JSON.parse(await text(process.stdin));
const area = (ring) =>
  Math.abs(ring.reduce((sum, [x, y], i) => sum + x * ring[(i + 1) % ring.length][1] - y * ring[(i + 1) % ring.length][0], 0)) / 2;

for (let warm = 0; warm < 5; warm++) for (const view of views) compute(view.eye, view.segments);
const began = performance.now();
const rings = views.map((view) => compute(view.eye, view.segments));
const ms = (performance.now() - began) / views.length;
console.log(JSON.stringify({ ms, areas: rings.map(area) }));
