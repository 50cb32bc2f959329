/* Which words of a wish the small models do not know, and what is nearest: as clipit/sketching/items.py and nearest.py find them. */

const EMOJI = // one as people see it, of several characters or not
  "(?:[\\u{1f1e6}-\\u{1f1ff}]{2}|[0-9#*]\\ufe0f?\\u20e3|" +
  "[\\u00a9\\u00ae\\u203c\\u2049\\u2122\\u2139\\u2190-\\u21ff\\u231a-\\u23ff\\u24c2\\u25aa-\\u27bf\\u2934\\u2935\\u2b05-\\u2b55" +
  "\\u3030\\u303d\\u3297\\u3299\\u{1f000}-\\u{1faff}]" +
  "(?:[\\ufe0f\\u{1f3fb}-\\u{1f3ff}\\u{e0020}-\\u{e007f}]|\\u200d[\\u2190-\\u27bf\\u{1f000}-\\u{1faff}])*)";
const WORD = "[\\p{L}\\p{N}]+(?:['’][\\p{L}\\p{N}]+)*|&";
const TOKEN = new RegExp(`(?<word>${EMOJI}|${WORD})|[,;.:!?|()\\[\\]/\\n]+`, "gu");
const NOT_SHOWN = /[\ufe0f\u{1f3fb}-\u{1f3ff}]/gu; // variation selectors and skin tones
const MOST_GUESSES = 40; // words of a text that are compared with all others for their spelling
const LIKE_ENOUGH = 0.83; // from which likeness on a word counts as misspelt

let reading = null; // of the words, begun when they are first needed

/** All words that are known, and their kin; null where they cannot be had just now. */
export async function knownWords() {
  reading ??= readWords();
  const words = await reading;
  if (!words) reading = null;
  return words;
}

async function readWords() {
  try {
    const answer = await fetch("/static/words.json");
    return answer.ok ? tableOf(await answer.json()) : null;
  } catch {
    return null; // not reached, or cut on its way
  }
}

/** From what training/page_words.py writes: `phrases` has { name, noun } of each, where name is "" for what is not drawn. */
export function tableOf({ nouns, others, kin, lookalikes, emoji }) {
  const phrases = new Map([...unfolded(others, false), ...unfolded(nouns, true)]);
  const near = new Map(unfolded(kin).map(([word, { name }]) => [word, name]));
  const longest = new Map(); // first word -> words of the longest phrase, known or near
  for (const phrase of [...phrases.keys(), ...near.keys()]) {
    const [first, ...rest] = phrase.split(" ");
    longest.set(first, Math.max(rest.length + 1, longest.get(first) ?? 0));
  }
  const drawn = [...phrases].filter(([phrase, { name }]) => name && /^\p{L}{4,}$/u.test(phrase)).map(([phrase]) => phrase);
  return {
    phrases,
    longest,
    near,
    spellings: Map.groupBy(drawn, ([letter]) => letter),
    lookalikes: new Set(lookalikes.split("|")),
    emoji: new Map(Object.entries(emoji)),
  };
}

const unfolded = (words, noun) =>
  Object.entries(words).flatMap(([name, phrases]) => phrases.split("|").map((phrase) => [phrase, { name, noun }]));

/** [{ words, nearest }] of a text: runs of nouns in which something is unknown, and the names of what is drawn for them. */
export function unknownIn(text, table) {
  const guesses = { left: MOST_GUESSES };
  const runs = runsOf(itemsOf(tokensOf(text, table), table), table).filter((run) => run.some(({ known }) => !known));
  const found = runs.map((run) => ({ words: written(text, run), nearest: unique(nearestOf(run, table, guesses)) }));
  return [...new Map(found.map((unknown) => [JSON.stringify(unknown), unknown])).values()];
}

const unique = (values) => [...new Set(values)];

function written(text, run) {
  const [first, last] = [run[0].tokens[0], run.at(-1).tokens.at(-1)];
  return text.slice(first.start, last.end).trim().replace(/\s+/g, " ");
}

function tokensOf(text, { emoji }) {
  return [...text.matchAll(TOKEN)].flatMap(({ 0: found, index, groups }) => {
    const word = normal(groups.word ?? "");
    const place = { start: index, end: index + found.length };
    return (emoji.get(word) ?? word).split(" ").map((part) => ({ word: part, ...place }));
  });
}

const normal = (word) => word.toLowerCase().replaceAll("’", "'").replace(NOT_SHOWN, "").replace(/'s$/, "");

/** Cuts the text into the longest phrases that are known. */
function itemsOf(tokens, table) {
  const items = [];
  for (let first = 0; first < tokens.length; first += items.at(-1).tokens.length) items.push(longestAt(tokens, first, table));
  return items;
}

function longestAt(tokens, first, table) {
  const { phrases, longest, near } = table;
  const { word } = tokens[first];
  for (let length = longest.get(word) ?? 1; length > 0; length -= 1) {
    const parts = tokens.slice(first, first + length);
    const known = phrases.get(joined(parts));
    if (parts.length > 1 && !known?.noun && beginsNoun(tokens.slice(first + parts.length - 1), table)) continue;
    if (known) return { known: true, ...known, tokens: parts };
    if (parts.length > 1 && kinOf(joined(parts), near)) return { known: false, tokens: parts };
  }
  return { known: !/[\p{L}\p{N}]/u.test(word) || /^\d+$/.test(word), tokens: tokens.slice(first, first + 1) };
}

/** Whether a thing of several words begins here: "on the beach" is not cut out of "on the beach umbrella". */
function beginsNoun(tokens, { phrases, longest }) {
  const most = longest.get(tokens[0].word) ?? 0;
  return tokens.slice(0, most).some((_, index) => index > 0 && phrases.get(joined(tokens.slice(0, index + 1)))?.noun);
}

const joined = (tokens) => tokens.map(({ word }) => word).join(" ");

/** Nouns and unknown words that stand next to each other are one run; whoever does something begins another. */
function runsOf(items, { near }) {
  const runs = [];
  let open = false;
  for (const item of items) {
    const noun = item.noun || !item.known;
    const [{ word }] = item.tokens;
    const doing = !item.known && word.endsWith("ing") && !kinOf(word, near);
    if (open && noun && !doing) runs.at(-1).push(item);
    else runs.push([item]);
    open = noun && !doing;
  }
  return runs;
}

/** Names of the known nouns of the run or, if it has none, of what its words are kin to or misspell. */
function nearestOf(run, table, guesses) {
  const known = run.filter((item) => item.known);
  if (known.length) return known.map(({ name }) => name);
  const tokens = run.flatMap((item) => item.tokens);
  const found = [];
  for (let first = 0; first < tokens.length; ) {
    const { name, length } = nearestAt(tokens, first, table, guesses);
    if (name) found.push(name);
    first += length;
  }
  return found;
}

function nearestAt(tokens, first, table, guesses) {
  for (let length = Math.min(3, tokens.length - first); length > 0; length -= 1) {
    const words = joined(tokens.slice(first, first + length));
    const name = kinOf(words, table.near) ?? (length === 1 ? guess(words, table, guesses) : null);
    if (name) return { name, length };
  }
  return { name: null, length: 1 };
}

/** The name of what is nearest to words that are not known, or to what they are the plural of. */
function kinOf(words, near) {
  const singulars = [[/ies$/, "y"], [/es$/, ""], [/s$/, ""]].filter(([end]) => end.test(words)).map((way) => words.replace(...way));
  return [words, ...singulars].map((word) => near.get(word)).find(Boolean) ?? null;
}

/** The name of what a misspelt word means; null where nothing is spelt like it, or it is right. */
function guess(word, { spellings, lookalikes, phrases }, guesses) {
  if (!/^[a-z]{5,20}$/.test(word) || lookalikes.has(word) || (guesses.left -= 1) < 0) return null;
  const likely = (spellings.get(word[0]) ?? []).filter((other) => Math.abs(other.length - word.length) <= 2);
  const rated = likely.map((other) => ({ other, likeness: (2 * alike(other, word)) / (other.length + word.length) }));
  const best = rated.reduce((one, two) => (isBetter(two, one) ? two : one), { other: "", likeness: 0 });
  return best.likeness >= LIKE_ENOUGH ? phrases.get(best.other).name : null;
}

const isBetter = (one, two) => one.likeness > two.likeness || (one.likeness === two.likeness && one.other > two.other);

/** How many letters two words have in common, as Python's difflib counts: by their longest common part, and on either side. */
function alike(one, two) {
  let best = { at: 0, in: 0, length: 0 };
  for (let at = 0; at < one.length; at += 1) {
    for (let start = 0; start < two.length; start += 1) {
      let length = 0;
      while (at + length < one.length && one[at + length] === two[start + length]) length += 1;
      if (length > best.length) best = { at, in: start, length };
    }
  }
  if (best.length === 0) return 0;
  const before = alike(one.slice(0, best.at), two.slice(0, best.in));
  return before + best.length + alike(one.slice(best.at + best.length), two.slice(best.in + best.length));
}
