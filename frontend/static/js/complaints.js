/* Messages at the fields: quiet until a field was left or an order was tried, then at once. */

import { all, capital, say } from "./hooks.js";
import { t } from "./i18n.js";

const PAUSE_MS = 700; // in the middle of `gold:0.5` the weight is not yet ill-formed

const places = () => all("[data-error]");
const groupOf = (field) => document.querySelector(`[data-field="${field}"]`);
const fieldOf = (control) => control.closest("[data-field]")?.dataset.field;

/** `problems()` gives field -> message for the fields as they are now. */
export function mountComplaints(form, problems) {
  const typed = new Set();
  const left = new Set();
  let refused = {}; // by the server
  let told = {}; // by another part of the form
  let pause = null;

  function show() {
    const found = problems();
    for (const place of places()) {
      const field = place.dataset.error;
      const message = refused[field] ?? told[field] ?? (left.has(field) ? found[field] : null) ?? "";
      if (pause === null || field !== "prompt" || !message || place.textContent) complain(place, message);
    }
  }

  function hear({ target }) {
    const field = fieldOf(target);
    if (!field) return;
    typed.add(field);
    delete refused[field];
    delete told[field];
    if (field === "prompt") waitForAPause(target);
    show();
  }

  function waitForAPause(prompt) {
    clearTimeout(pause);
    pause = setTimeout(() => {
      pause = null;
      if (prompt.value.trim()) left.add("prompt");
      show();
    }, PAUSE_MS);
  }

  function leave({ target, relatedTarget }) {
    const field = fieldOf(target);
    if (!typed.has(field) || groupOf(field).contains(relatedTarget)) return;
    left.add(field);
    show();
  }

  for (const root of [form, groupOf("prompt")]) {
    root.addEventListener("input", hear);
    root.addEventListener("change", hear);
    root.addEventListener("focusout", leave);
  }

  return {
    show,
    /** Says this at the field until it changes; null takes it away. */
    tell(field, message) {
      told[field] = message;
      show();
    },
    refuse(fields) {
      refused = Object.fromEntries(Object.entries(fields).map(([field, message]) => [field, capital(t(message))]));
      show();
    },
    /** Whether all is well; says what is not. */
    judge() {
      clearTimeout(pause);
      pause = null;
      for (const place of places()) left.add(place.dataset.error);
      refused = {};
      show();
      return Object.keys(problems()).length === 0;
    },
    forget() {
      typed.clear();
      left.clear();
      [refused, told] = [{}, {}];
      show();
    },
  };
}

function complain(place, message) {
  say(place, message);
  for (const control of controlsOf(place.dataset.error)) {
    if (message) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  const details = message && place.closest("details");
  if (details) details.open = true;
}

function controlsOf(field) {
  const group = groupOf(field);
  return group.role === "radiogroup" ? [group] : all("input:not([type=hidden]), textarea", group);
}

/** Moves the focus to the first control whose value was refused, if there is one. */
export function focusFirstError() {
  const control = document.querySelector("[aria-invalid=true]");
  (control?.role === "radiogroup" ? control.querySelector("input") : control)?.focus();
}
