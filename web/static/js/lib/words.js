/** Words of the page in its language, from the catalog that the base template carries. */

const catalog = read();

/** @returns {{language: string, words: Object<string, string>, labels: Object<string, string>}} */
function read() {
  const holder = globalThis.document?.getElementById("words");
  return holder ? JSON.parse(holder.textContent) : { language: "en", words: {}, labels: {} };
}

/** The language of the page, as "zh-CN". */
export const language = catalog.language;

/**
 * Return an English source string in the language of the page, with %(name)s filled in.
 * @param {string} english
 * @param {Object<string, string|number>} [values]
 * @returns {string}
 */
export function t(english, values = {}) {
  return fill(catalog.words[english] ?? english, values);
}

/**
 * Return what a value of a closed set is called, as label("Health", "offline").
 * @param {string} kind
 * @param {?string} value
 * @returns {string}
 */
export function label(kind, value) {
  return value ? (catalog.labels[`${kind}.${value}`] ?? value) : "";
}

/**
 * Return `text` with each %(name)s replaced; a name without a value stays as it is.
 * @param {string} text
 * @param {Object<string, string|number>} values
 * @returns {string}
 */
export function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => String(values[name] ?? whole));
}
