/* The grammar of prompts, as clipit reads it: `castle | gold:0.5 | people:-1`, scenes parted by `^`. Text in, text out. */

const CHANGE = /(?<!\S)\^(?!\S)/;
const NUMBER = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;
const MEANT_AS_NUMBER = /^(?=.*\d)[-+\d.,_e%]+$/i;
const WEIGHTS = [-2, -1.5, -1, -0.5, -0.25, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5];

function number(text) {
  const value = NUMBER.test(text.trim()) ? Number(text.replaceAll("_", "")) : NaN;
  return Math.abs(value) < 1e6 ? value : null;
}

/** What lies before and behind the last colon; nothing before where there is none. */
function parted(text) {
  const colon = text?.lastIndexOf(":") ?? -1;
  return colon < 0 ? [null, text] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** One prompt: at most two numbers are peeled from its right, weight and stop. */
export function parsePrompt(raw) {
  const [head, last] = parted(raw);
  const [before, middle] = parted(head);
  const value = head === null ? null : number(last);
  const weight = before === null ? null : number(middle);
  const stop = last?.trim() === "-inf" ? -Infinity : value;
  if (weight !== null && stop !== null) return { text: before.trim(), weight, stop };
  if (value !== null) return { text: head.trim(), weight: value, stop: -Infinity };
  return { text: raw.trim(), weight: 1, stop: -Infinity };
}

/** The shortest way to write a prompt that is read as meant. */
function written({ text, weight, stop }) {
  const ways = [text, `${text}:${weight}`, `${text}:${weight}:${stop === -Infinity ? "-inf" : stop}`];
  return ways.find((way) => {
    const read = parsePrompt(way);
    return read.text === text && read.weight === weight && read.stop === stop;
  });
}

const scenesOf = (text) => text.split(CHANGE).map((scene) => scene.split("|").map((raw) => raw.trim()));
const joined = (scenes) => scenes.map((parts) => parts.join(" | ")).join(" ^ ");

/** Every prompt that has a text, in order: { scene, part, text, weight, stop }. */
export function wishesIn(text) {
  const all = scenesOf(text).flatMap((parts, scene) => parts.map((raw, part) => ({ scene, part, ...parsePrompt(raw) })));
  return all.filter((wish) => wish.text);
}

/** The text with the words of each wish changed by `change(words, wish)`; wishes that lose all their words go. */
export function reworded(text, change) {
  const scenes = scenesOf(text).map((parts, scene) =>
    parts.flatMap((raw, part) => {
      const wish = { scene, part, ...parsePrompt(raw) };
      const words = wish.text && change(wish.text, wish);
      if (words === wish.text) return [raw];
      return words ? [written({ ...wish, text: words })] : [];
    }),
  );
  return joined(scenes.filter((parts) => parts.length));
}

export function reweighed(text, { scene, part, ...wish }, weight) {
  const scenes = scenesOf(text);
  scenes[scene][part] = written({ ...wish, weight });
  return joined(scenes);
}

export const without = (text, { scene, part }) =>
  reworded(text, (words, wish) => (wish.scene === scene && wish.part === part ? "" : words));

/** The text made ready for one more wish at its end. */
export function withRoom(text) {
  const last = scenesOf(text).at(-1).at(-1);
  return last ? `${text.trimEnd()} | ` : text;
}

export const heavier = (weight) => WEIGHTS.find((step) => step > weight) ?? null;
export const lighter = (weight) => WEIGHTS.findLast((step) => step < weight) ?? null;

/** Whether this wish alone says what its scene shows: the others are avoided, or left out. */
export const isAlone = (wishes, wish) =>
  wish.weight > 0 && !wishes.some((other) => other !== wish && other.scene === wish.scene && other.weight > 0);

/** What clipit would not take, or not take as it is meant: [message, its values]; null for nothing. */
export function grammarProblem(text) {
  for (const parts of scenesOf(text)) {
    const problem = parts.map(weightProblem).find(Boolean) ?? sceneProblem(parts.map(parsePrompt));
    if (problem) return problem;
  }
  return null;
}

function weightProblem(raw) {
  const [head, last] = parted(raw);
  const weight = last?.trim();
  if (!head || weight === "-inf") return null;
  if (weight === "") return ["A number is missing after the colon, such as 0.5."];
  if (!MEANT_AS_NUMBER.test(weight) || number(weight) !== null) return null;
  return ["“{weight}” is no weight; write a number such as 0.5.", { weight }];
}

function sceneProblem(wishes) {
  const kept = wishes.filter(({ text, weight }) => text && weight);
  if (kept.length === 0) return ["Nothing is left to paint: write a wish, with a weight above 0."];
  return kept.every(({ weight }) => weight < 0) ? ["Every wish is to be avoided; say what to paint too."] : null;
}
