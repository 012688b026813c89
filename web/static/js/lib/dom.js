/** Making elements without markup: text of the server only ever becomes text. */

/**
 * Return a new element. Attributes: `class`, `text`, `dataset`, `on` ({click: fn}), anything else is set as it is;
 * false, null and undefined are left out.
 * @param {string} name
 * @param {Object} [attributes]
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function make(name, { text, dataset, on, ...attributes } = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  if (text !== undefined) element.textContent = text;
  Object.assign(element.dataset, dataset);
  for (const [event, act] of Object.entries(on ?? {})) element.addEventListener(event, act);
  element.append(...children);
  return element;
}

/** Return the one element that `selector` names; an error when there is none. */
export function one(selector, root = document) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`There is no ${selector} on this page.`);
  return found;
}

/** Put `children` in the place of whatever is inside `element`. */
export function fillWith(element, ...children) {
  element.replaceChildren(...children);
}

/** Call `act` once things have been quiet for `ms`; returns a function to call at every event. */
export function quietly(act, ms = 200) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), ms);
  };
}
