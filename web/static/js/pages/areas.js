/** The tree of areas, the area in hand with its posts, and its boundary on the map. */

import { GeoJSON } from "leaflet";

import { get } from "lib/api.js";
import { make, one, quietly } from "lib/dom.js";
import { createTree } from "lib/tree.js";
import { t } from "lib/words.js";
import { createDeskMap } from "map/desk.js";
import { createPosts } from "./posts.js";

const start = JSON.parse(one("#start").textContent);
const detail = one("#detail");
const nothing = one("#nothing");
const tree = createTree(one("#tree"), {
  children: async (id) => (await get("/api/v1/areas", { query: { parent: id } })).areas,
  row: (node) => [make("span", { class: "name", text: node.name }), count(node)],
  onSelect: (node) => select(node.id),
});
const boundary = createBoundary(createDeskMap(start).map);

function count(node) {
  if (!node.cells) return "";
  const text = `${node.staffed} / ${node.cells}`;
  const title = t("%(staffed)s of %(cells)s cells are staffed", { staffed: node.staffed, cells: node.cells });
  return make("span", { class: node.vacant ? "count short" : "count", text, title });
}

async function select(id) {
  history.replaceState(null, "", `?area=${id}`);
  try {
    const [area, feature] = await Promise.all([get(`/api/v1/areas/${id}`), get(`/api/v1/areas/${id}/boundary`)]);
    show(area);
    boundary.show(feature);
  } catch (problem) {
    detail.replaceChildren(make("p", { class: "message bad", role: "alert", text: problem.message }));
  }
}

function show(area) {
  const posts = createPosts(area, { mayEdit: start.may_edit, onChange: () => select(area.id) });
  detail.replaceChildren(
    make("p", { class: "crumbs", text: area.crumbs.slice(0, -1).join(" › ") }),
    make("div", { class: "row" }, make("h2", { text: area.name }), make("span", { class: "chip", text: area.level_name }),
      make("span", { class: "code muted", text: area.code })),
    facts(area),
    ...(area.level === "cell" ? posts : []),
    exports(area),
  );
}

function facts(area) {
  const share = area.cells ? `${((100 * area.staffed) / area.cells).toFixed(1)} %` : "—";
  const rows = [
    [t("Staffed cells"), share, `${area.staffed} / ${area.cells}`],
    [t("Vacant cells"), area.vacant, ""],
    [t("Cameras"), area.cameras, ""],
    [t("Buttons"), area.buttons, ""],
  ];
  return make("dl", { class: "facts card" }, ...rows.map(([name, value, small]) =>
    make("div", {}, make("dt", { text: name }), make("dd", { text: `${value} ` }, make("small", { text: small })))));
}

function exports(area) {
  const link = (form) => make("a", { class: "button", href: `/areas/posts.${form}?under=${area.id}`, text: form.toUpperCase() });
  return make("p", { class: "row" }, make("span", { class: "muted", text: t("Export the posts below") }), link("xlsx"), link("csv"));
}

function createBoundary(map) {
  let layer;
  return {
    show(feature) {
      layer?.remove();
      one("#no-boundary").hidden = Boolean(feature.geometry);
      if (!feature.geometry) return;
      layer = new GeoJSON(feature, { pane: "outlines", interactive: false, style: { className: "boundary", weight: 2, fillOpacity: 0.1 } }).addTo(map);
      map.fitBounds(layer.getBounds(), { padding: [32, 32], animate: false });
    },
  };
}

async function list(query, empty) {
  const { areas, count: vacancies } = await get(query.path, { query: query.words });
  tree.show(areas);
  nothing.hidden = areas.length > 0;
  nothing.textContent = empty;
  return vacancies;
}

const showTree = () => list({ path: "/api/v1/areas" }, t("There are no areas yet. An editor imports them on the page Import."));
const showVacant = () => list({ path: "/api/v1/areas/vacant" }, t("Every cell has a staffed post."));

function press(button) {
  for (const other of [one("#show-all"), one("#show-vacant")]) other.setAttribute("aria-pressed", String(other === button));
}

one("#show-all").addEventListener("click", async (event) => { press(event.currentTarget); await showTree(); });
one("#show-vacant").addEventListener("click", async (event) => { press(event.currentTarget); await showVacant(); });
one("#search").addEventListener("input", quietly(async (event) => {
  const words = event.target.value.trim();
  if (!words) return showTree();
  await list({ path: "/api/v1/areas", words: { q: words } }, t("No area has this in its name or at the start of its code."));
}));

one("#vacant-count").textContent = (await get("/api/v1/areas/vacant", { query: { size: 1 } })).count;
await showTree();
if (start.chosen) await tree.open(start.trail, start.chosen);
else one("#tree").querySelector(".node")?.click();
