/* The fields of the form: as an order for the API, as a draft to come back to, and out of a recipe. */

import { oneLine } from "./checks.js";
import { hook } from "./hooks.js";
import { choose, chosen, OFFERED } from "./options.js";

const WRITTEN = ["prompt", "width", "height", "seed", "iterations", "scale", "start_key"];
const SWITCHES = ["make_video", "public"];
const START = { make_video: true, public: false };

const number = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : text);

/** As the API wants it; the server has the last word. `start_image` is a File, or the key of one that the server has. */
export function readForm(form) {
  const fields = Object.fromEntries(new FormData(form));
  const { prompt, email, style, quality, aspect, palette, width, height, scale, seed, iterations, start_image, start_key } = fields;
  return {
    ...withoutBlanks({ style, quality, aspect, palette, seed: number(seed), iterations: number(iterations) }),
    ...sizeOf(width, height, scale),
    ...withoutBlanks({ start_image: start_image?.size ? start_image : start_key }),
    prompt: oneLine(prompt),
    email: email.trim(),
    make_video: "make_video" in fields,
    public: "public" in fields,
  };
}

function sizeOf(width, height, scale) {
  if (width || height) return { size: [number(width), number(height)] };
  return scale ? { scale: Number(scale) } : {};
}

const withoutBlanks = (fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "" && value !== undefined));

/** All but the address and a file. */
export function draftOf(form) {
  const { elements } = form;
  return {
    ...Object.fromEntries(WRITTEN.map((name) => [name, elements[name].value])),
    ...Object.fromEntries(OFFERED.map((name) => [name, chosen(form, name)])),
    ...Object.fromEntries(SWITCHES.map((name) => [name, elements[name].checked])),
    picture: elements.start_key.dataset.picture ?? "",
  };
}

/** Puts a draft into the form; what it does not name is left as on a first visit. */
export function restore(form, draft) {
  const { elements } = form;
  for (const name of WRITTEN) elements[name].value = draft[name] ?? "";
  for (const name of OFFERED) choose(form, name, draft[name] ?? null);
  for (const name of SWITCHES) elements[name].checked = draft[name] ?? START[name];
  startFrom(form, { start_image: draft.start_key ?? "", picture: draft.picture ?? "" });
  form.querySelector("[name=aspect]:checked")?.dispatchEvent(new Event("change", { bubbles: true }));
  elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Fills the form with the recipe of a picture; the address stays. A start image is no part of it. */
export function fillForm(form, recipe) {
  const { size } = recipe;
  const written = Object.entries(recipe).map(([name, value]) => [name, typeof value === "number" ? String(value) : value]);
  restore(form, { ...Object.fromEntries(written), width: size ? String(size[0]) : "", height: size ? String(size[1]) : "" });
  hook("details").open = Boolean(size || recipe.iterations || recipe.palette);
}

/** Starts from a picture that the server has already. */
export function startFrom(form, { start_image, picture }) {
  const { start_key } = form.elements;
  start_key.value = start_image;
  start_key.dataset.picture = picture;
  start_key.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The size and the iterations that were typed, null where they are left to the quality; `wrong` names what is not right. */
export function typedMeasures({ elements }, wrong) {
  const [width, height, iterations] = ["width", "height", "iterations"].map((name) => Number(elements[name].value));
  return { size: width && !wrong.size ? [width, height] : null, iterations: wrong.iterations ? null : iterations || null };
}
