/* The page in the visitor's language. The key of every text is its English; /static/i18n/ holds the dictionaries. */

import { keep } from "./kept.js";

const KEY = "text2art.language";
const ATTRIBUTES = ["placeholder", "aria-label", "alt", "title"];
const TRANSLATED = ATTRIBUTES.map((name) => `[${name}]`).join(",");
const LEFT_ALONE = "[translate=no], .notranslate, script, style, noscript";

const html = document.documentElement;
const language = html.lang.split("-")[0]; // as language.js chose it
const dictionary = language === "en" ? {} : await read(`/static/i18n/${language}.json`);
const patterns = Object.keys(dictionary).filter((key) => /\{\w+\}.*\p{L}{2}|\p{L}{2}.*\{\w+\}/u.test(key)).map(patternOf);

async function read(path) {
  try {
    const answer = await fetch(path);
    if (answer.ok) return await answer.json();
  } catch {
    // not reached, or cut on its way
  }
  html.lang = "en"; // what is shown now
  return {};
}

/** Finds texts whose blanks were filled before they came here, as the server's were. */
function patternOf(key) {
  const parts = key.split(/\{(\w+)\}/);
  const source = parts.map((part, index) => (index % 2 ? `(?<${part}>.+?)` : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return { key, pattern: new RegExp(`^${source.join("")}$`, "s") };
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (blank, name) => (name in values ? values[name] : blank));

/** The text in the visitor's language, its {blanks} filled. English where the dictionary lacks it. */
export function t(text, values = {}) {
  if (Object.hasOwn(dictionary, text)) return filled(dictionary[text], values);
  if (Object.keys(values).length) return filled(text, values);
  const { key, found } = matched(text);
  return found ? filled(dictionary[key], found) : text;
}

function matched(text) {
  for (const { key, pattern } of patterns) {
    const found = pattern.exec(text)?.groups;
    if (found) return { key, found };
  }
  return {};
}

/** Translates the texts and the attributes in an element, but for what is marked translate=no: prompts, names. */
export function translate(root) {
  if (language === "en" || root.closest(LEFT_ALONE)) return;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    node.nodeType === Node.ELEMENT_NODE && node.matches(LEFT_ALONE) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) translateText(node);
    else if (node.matches(TRANSLATED)) translateAttributes(node);
  }
}

function translateText(node) {
  const [, before, text, after] = /^(\s*)(.*?)(\s*)$/s.exec(node.data);
  if (!text) return;
  const parts = node.parentElement.matches("title") ? text.split(" | ") : [text.replace(/\s+/g, " ")];
  node.data = `${before}${parts.map((part) => t(part)).join(" | ")}${after}`;
}

function translateAttributes(element) {
  for (const name of ATTRIBUTES) {
    const text = element.getAttribute(name);
    if (text) element.setAttribute(name, t(text));
  }
}

/** The buttons that offer the other language. The page is read anew: what one wrote and the job on the canvas stay. */
function offerOther(button) {
  const other = html.lang === "en" ? { tag: "zh-Hans", name: "中文", key: "zh" } : { tag: "en", name: "English", key: "en" };
  button.lang = other.tag;
  button.textContent = other.name;
  button.translate = false;
  button.hidden = false;
  button.addEventListener("click", () => {
    keep("localStorage", KEY, other.key);
    location.reload();
  });
}

translate(html);
document.querySelectorAll("[data-language]").forEach(offerOther);
html.removeAttribute("data-translating");
