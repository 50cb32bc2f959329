/* What the page is drawn into: elements found by their data-hook, and written to only where something changed. */

export const hook = (name) => document.querySelector(`[data-hook="${name}"]`);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function toggle(name, visible) {
  hook(name).hidden = !visible;
}

/** Says a line, or takes it away where there is nothing to say. */
export function line(name, text) {
  toggle(name, Boolean(text));
  say(hook(name), text || "");
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** How a sentence is set: the longer, the smaller. */
export const lengthOf = (text) => (text.length <= 45 ? "short" : text.length <= 160 ? "medium" : "long");

/** A sentence that somebody wrote: as it is, and set by its length. */
export function inscribe(element, text) {
  say(element, text);
  element.dataset.length = lengthOf(text);
}
