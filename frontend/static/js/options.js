/* What the server offers, as radio buttons: styles with a sample, qualities with their time, shapes, palettes. */

import { capital, say } from "./hooks.js";
import { fill, html } from "./html.js";
import { t } from "./i18n.js";
import { expectedS, shortly } from "./minutes.js";

const SAMPLES = { image: "image", painting: "painting", "pixel art": "pixel-art" }; // in /static/styles/

// as worker/recipe.py has them
const COLOURS = {
  "game boy": "#0f380f #306230 #8bac0f #9bbc0f",
  "pico-8": "#000000 #1d2b53 #7e2553 #008751 #ab5236 #5f574f #c2c3c7 #fff1e8 #ff004d #ffa300 #ffec27 #00e436 #29adff #83769c #ff77a8 #ffccaa",
  ink: "#0b0d12 #2b3038 #5a6068 #98a0a5 #d4d3cb #f4f0e6",
  sepia: "#1f140b #4a2f1a #7b5430 #ab8052 #d6b283 #f3e4c6",
  sunset: "#1b1135 #4b1d5e #93285f #d9434f #f47c3c #fbb74c #ffe9a8",
  ocean: "#03152b #0a3556 #12658a #1fa0b0 #6fd0c8 #c8f0e4 #f3e7c4",
  forest: "#0f1a12 #20402a #3c6b35 #7a9a47 #c2c77a #5b3d22 #a8794a #efe9cf",
  neon: "#08060f #1d0f3a #ff2e97 #b026ff #2d7dff #16f0e0 #5dff5a #fff94d",
  pastel: "#fff7f0 #ffd1dc #f5a3b7 #fff3b0 #bfe8cc #86cfc4 #a9d8f5 #6fa3d8 #9180bd #5e5a80",
  "ukiyo-e": "#16233f #274c77 #6a93b3 #b9cfd6 #efe3c8 #d9b779 #c0533a #7a2f2b #5c6b4a",
};

const FIELDS = { style: "styles", quality: "qualities", aspect: "aspects", palette: "palettes" };
export const OFFERED = Object.keys(FIELDS);

const asked = {}; // field -> the choice that was asked for before there were any

const place = (field) => document.querySelector(`[data-options="${field}"]`);
export const chosen = (form, field) => form.querySelector(`[name="${field}"]:checked`)?.value ?? asked[field] ?? null;

/** Chooses; null is the first of them. */
export function choose(form, field, value) {
  asked[field] = value;
  const radios = [...form.querySelectorAll(`[name="${field}"]`)];
  const radio = radios.find((one) => one.value === value) ?? radios[0];
  if (radio) radio.checked = true;
}

/** Draws the choices; what is chosen stays chosen. */
export function offer(form, choices) {
  for (const field of OFFERED) {
    const names = choices[FIELDS[field]];
    if (place(field).dataset.names === String(names)) continue;
    const kept = chosen(form, field);
    place(field).dataset.names = String(names);
    fill(place(field), html`${field === "palette" && anyColours()}${names.map((name) => option(field, name))}`);
    choose(form, field, kept);
  }
}

const anyColours = () => html`<label class="option swatch"><input type="radio" name="palette" value=""><span>${t("Any colours")}</span></label>`;

const option = (field, name) => html`<label class="option ${field === "palette" && "swatch"}">
  <input type="radio" name="${field}" value="${name}">
  ${MARKS[field]?.(name)}<span>${t(capital(name))}</span>
  ${field === "quality" && html`<small data-estimate="${name}"></small>`}
</label>`;

const MARKS = {
  style: (name) => SAMPLES[name] && html`<img src="/static/styles/${SAMPLES[name]}.svg" width="72" height="48" alt="">`,
  aspect: (name) => html`<span class="shape" data-aspect="${name}"></span>`,
  palette: (name) => COLOURS[name] && swatch(COLOURS[name].split(" ")),
};

const swatch = (colours) => html`<svg class="colours" viewBox="0 0 ${colours.length} 1" preserveAspectRatio="none" aria-hidden="true">
  ${colours.map((colour, index) => html`<rect x="${index}" width="1.05" height="1" fill="${colour}"/>`)}</svg>`;

/** Says at each quality how long it takes; `wish` is { style, aspect, size, iterations }. */
export function showEstimates({ painters, paces }, wish) {
  const offered = paces?.[wish.style] ?? {};
  for (const span of place("quality").querySelectorAll("[data-estimate]")) {
    const pace = offered[span.dataset.estimate];
    say(span, pace ? shortly(expectedS(pace, wish)) : "");
  }
  say(document.querySelector('[data-hook="estimate-note"]'), noteFor(painters, Object.keys(offered).length > 0));
}

function noteFor(painters, known) {
  if (painters === 0) return t("No painter is here just now; an order waits until one comes.");
  if (!known) return t("None of the painters here paints in this style; an order waits for one who does.");
  return painters === 1 ? t("Painting times on the one painter who is here.") : t("Painting times on the {n} painters who are here.", { n: painters });
}
