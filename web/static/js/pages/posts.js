/** The posts of a cell: shown, and edited in place by an editor. */

import { post as send, put, remove } from "lib/api.js";
import { make } from "lib/dom.js";
import { t } from "lib/words.js";

/**
 * Return the elements that show the posts of `area`.
 * @param {Object} area
 * @param {{mayEdit: boolean, onChange: () => void}} how
 * @returns {HTMLElement[]}
 */
export function createPosts(area, { mayEdit, onChange }) {
  const cards = area.posts.map((post) => card(post, { mayEdit, onChange }));
  const none = make("p", { class: "message warn", text: t("This cell has no post: nobody answers for it.") });
  return [make("h3", { text: t("Posts and duties") }), ...(cards.length ? cards : [none]), ...(mayEdit ? [addForm(area, onChange)] : [])];
}

function card(post, how) {
  const box = make("article", { class: post.staffed ? "card post stack" : "card post stack vacant" });
  box.append(
    make("div", { class: "row" }, make("h3", { text: post.name }),
      make("span", { class: post.staffed ? "chip good" : "chip bad", text: post.staffed ? t("Staffed") : t("Vacant") }),
      ...(how.mayEdit ? [make("button", { class: "quiet end", text: t("Edit"), on: { click: () => box.replaceWith(form(post, box, how)) } })] : [])),
    make("p", { class: "muted", text: [post.unit, post.duty_line].filter(Boolean).join(" · ") || t("No unit yet") }),
    make("ul", { class: "duties" }, ...post.duties.map((duty) => make("li", { class: "chip", text: duty }))),
  );
  return box;
}

function field(name, title, value, attributes = {}) {
  return make("label", { class: "field" }, make("span", { text: title }), make("input", { name, value, ...attributes }));
}

function form(post, shown, { onChange }) {
  const wrong = make("p", { class: "message bad", role: "alert", hidden: true });
  const act = (work) => work().then(onChange, (problem) => { wrong.textContent = problem.message; wrong.hidden = false; });
  const box = make("form", { class: "card post stack" },
    field("name", t("Post"), post.name, { required: true, maxlength: 60 }),
    field("unit", t("Unit"), post.unit, { maxlength: 60 }),
    field("duties", t("Duties, with commas between them"), post.duties.join("，"), { list: "duties" }),
    field("duty_line", t("Duty line"), post.duty_line, { maxlength: 40, inputmode: "tel" }),
    make("label", {}, make("input", { type: "checkbox", name: "staffed", checked: post.staffed }), ` ${t("Staffed")}`),
    wrong,
    make("div", { class: "row" }, make("button", { class: "main", text: t("Save") }),
      make("button", { type: "button", class: "quiet", text: t("Cancel"), on: { click: () => box.replaceWith(shown) } }),
      make("button", { type: "button", class: "danger end", text: t("Remove the post"), on: { click: () => act(() => remove(`/api/v1/posts/${post.id}`)) } })));
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => put(`/api/v1/posts/${post.id}`, written(box)));
  });
  return box;
}

function written(box) {
  const { name, unit, duties, duty_line: line, staffed } = box.elements;
  return {
    name: name.value, unit: unit.value, duty_line: line.value, staffed: staffed.checked,
    duties: duties.value.split(/[,，、;；]/).map((duty) => duty.trim()).filter(Boolean),
  };
}

function addForm(area, onChange) {
  const wrong = make("p", { class: "message bad", role: "alert", hidden: true });
  const box = make("form", { class: "row" }, make("input", { name: "name", placeholder: t("Name of a new post"), "aria-label": t("Name of a new post"), required: true, maxlength: 60 }),
    make("button", { text: t("Add") }), wrong);
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    send(`/api/v1/areas/${area.id}/posts`, { name: box.elements.name.value })
      .then(onChange, (problem) => { wrong.textContent = problem.message; wrong.hidden = false; });
  });
  return box;
}
