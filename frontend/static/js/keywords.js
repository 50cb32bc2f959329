/* The keywords: words that change how a picture is painted, each switched on and off within the prompt. */

import { t } from "./i18n.js";
import { reworded, wishesIn } from "./prompts.js";

/** `words` are written into the prompt, `also` are other ways of saying them. */
const KEYWORDS = [
  { label: "Trending", words: "trending on artstation" },
  { label: "Artstation", words: "artstation" },
  { label: "Pixel art", words: "pixel art", also: ["pixelart"] },
  { label: "Painting", words: "painting" },
  { label: "2D game art", words: "2D game art" },
  { label: "8K HD", words: "8K HD" },
  { label: "Unreal engine", words: "unreal engine" },
  { label: "Matte drawing", words: "matte drawing", also: ["matte painting"] },
  { label: "Charcoal drawing", words: "charcoal drawing" },
  { label: "Watercolour", words: "watercolour", also: ["watercolor"] },
  { label: "Oil painting", words: "oil painting" },
  { label: "Pencil sketch", words: "pencil sketch", also: ["pencil drawing"] },
  { label: "Low poly", words: "low poly" },
  { label: "Black and white", words: "black and white" },
  { label: "Neon", words: "neon" },
  { label: "Stained glass", words: "stained glass" },
  { label: "Ukiyo-e", words: "ukiyo-e", also: ["ukiyoe"] },
];

const phrasesOf = ({ words, also = [] }) => [words, ...also];
const patternOf = (phrase) => phrase.replaceAll(/[\s-]+/g, "[\\s-]*");
const OWNERS = new Map(KEYWORDS.flatMap((keyword) => phrasesOf(keyword).map((phrase) => [bare(phrase), keyword])));
// the longest first: "oil painting" is no "painting"
const LONGEST_FIRST = KEYWORDS.flatMap(phrasesOf).toSorted((one, other) => other.length - one.length);
const ANY = new RegExp(`(?<![\\p{L}\\p{N}])(?:${LONGEST_FIRST.map(patternOf).join("|")})(?![\\p{L}\\p{N}])`, "giu");

function bare(phrase) {
  return phrase.toLowerCase().replaceAll(/[\s-]/g, "");
}

const found = (text) => [...text.matchAll(ANY)].map((match) => ({ match, keyword: OWNERS.get(bare(match[0])) }));
const has = (text, keyword) => found(text).some((place) => place.keyword === keyword);

function toggled(text, keyword) {
  return has(text, keyword) ? switchedOff(text, keyword) : switchedOn(text, keyword);
}

/** The words go to the first wish of each scene. */
function switchedOn(text, { words }) {
  const wishes = wishesIn(text);
  if (wishes.length === 0) return words;
  const firsts = new Map(wishes.toReversed().filter(({ weight }) => weight > 0).map(({ scene, part }) => [scene, part]));
  return reworded(text, (wish, { scene, part }) =>
    firsts.get(scene) === part ? `${wish.replace(/[\s,.;]+$/, "")}, ${words}` : wish,
  );
}

function switchedOff(text, keyword) {
  return reworded(text, (wish) => {
    const places = found(wish).filter((place) => place.keyword === keyword);
    const cut = places.toReversed().reduce((rest, { match }) => cutOut(rest, match.index, match[0].length), wish);
    return cut === wish ? wish : tidy(cut);
  });
}

/** Without the words at `start`, nor what only led to them: "a watercolour of a whale", "a whale in the style of ukiyo-e". */
function cutOut(text, start, length) {
  let before = text.slice(0, start);
  let after = text.slice(start + length);
  if (/^\s+of\s/i.test(after)) {
    after = after.replace(/^\s+of\s+/i, "");
    before = before.replace(/(?<!\S)(?:an?|the)\s+$/i, "");
  } else if (/^\s*(?:style\s*)?(?:$|[,.;])/i.test(after)) {
    after = after.replace(/^\s*style/i, "");
    before = before.replace(/(?<!\S)(?:(?:as|in|by|with)\s+)?(?:(?:an?|the)\s+)?(?:style\s+of\s+)?$/i, "");
  }
  return `${before} ${after}`;
}

const tidy = (text) =>
  text.replace(/\s*,(?:\s*,)*\s*/g, ", ").replace(/[^\S\n]{2,}/g, " ").replace(/\s+([.;])/g, "$1").replace(/^[\s,]+|[\s,]+$/g, "");

/** Draws the keywords as one toolbar: arrow keys lead from one to the next. Returns show(text). */
export function mountKeywords(bar, { text, write }) {
  const pills = KEYWORDS.map((keyword, index) => pill(t(keyword.label), index));
  bar.replaceChildren(...pills);
  pills.forEach((button, index) => button.addEventListener("click", () => write(toggled(text(), KEYWORDS[index]))));
  bar.addEventListener("keydown", (event) => rove(event, pills));
  bar.addEventListener("focusin", ({ target }) => pills.forEach((button) => (button.tabIndex = button === target ? 0 : -1)));
  return (shown) => pills.forEach((button, index) => (button.ariaPressed = String(has(shown, KEYWORDS[index]))));
}

function pill(label, index) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.tabIndex = index === 0 ? 0 : -1;
  button.ariaPressed = "false";
  return button;
}

function rove(event, pills) {
  const here = pills.indexOf(document.activeElement);
  const steps = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: -1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  pills.at(steps[event.key] % pills.length).focus();
}
