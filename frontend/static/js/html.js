/* An escaping template tag: html`<p>${anything}</p>`. Every value is escaped; only results of the tag itself nest unescaped. */

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  constructor(text) {
    this.text = text;
  }
}

const escape = (text) => String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);

function markupOf(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(markupOf).join("");
  return value === null || value === undefined || value === false ? "" : escape(value);
}

export function html(strings, ...values) {
  return new Markup(String.raw({ raw: strings }, ...values.map(markupOf)));
}

/** Replaces what is in `element`. Throws a TypeError for anything that did not come from the tag. */
export function fill(element, markup) {
  if (!(markup instanceof Markup)) throw new TypeError("fill takes what the html tag returns");
  element.innerHTML = markup.text;
}
