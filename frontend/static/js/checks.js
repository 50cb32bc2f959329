/* What is wrong with the fields as typed, said before the server has to. It has the last word. */

import { t } from "./i18n.js";
import { grammarProblem } from "./prompts.js";

const MAX_SEED = 2 ** 32 - 1;
// as jobs.order refuses them: controls, lone surrogates, separators of lines, and what has no shape but for joiners
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u;
const ADDRESS = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/** Letters as Python counts them, and whitespace only as it lies on the canvas. */
export const oneLine = (text) => text.trim().replace(/\s+/g, " ");
export const lettersIn = (text) => [...oneLine(text)].length;

const CHECKS = {
  prompt({ prompt }, { max_prompt }) {
    const text = oneLine(prompt);
    if (!text) return t("Write what you would like to see.");
    if (lettersIn(text) > max_prompt) return t("That is longer than {n} characters.", { n: max_prompt });
    const hidden = INVISIBLE.exec(text)?.[0];
    if (hidden) return t("It holds an invisible character ({code}); please write it anew.", { code: codeOf(hidden) });
    const problem = grammarProblem(text);
    return problem && t(...problem);
  },

  email({ email }) {
    if (!email.trim()) return t("Write where to send the picture.");
    return ADDRESS.test(email.trim()) ? null : t("An address looks like you@example.org.");
  },

  size({ width, height }, { min_side, max_side }) {
    if (!width.trim() && !height.trim()) return null;
    const fit = [width, height].every((side) => isWhole(side, min_side, max_side));
    return fit ? null : t("Width and height: whole numbers from {least} to {most}.", { least: min_side, most: max_side });
  },

  seed: ({ seed }) => (seed.trim() ? wholeNumber(seed, 0, MAX_SEED) : null),

  iterations: ({ iterations }, { max_iterations }) => (iterations.trim() ? wholeNumber(iterations, 1, max_iterations) : null),
};

const wholeNumber = (text, least, most) =>
  isWhole(text, least, most) ? null : t("A whole number from {least} to {most}.", { least, most });

function isWhole(text, least, most) {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  return value >= least && value <= most;
}

const codeOf = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/** Field -> message, for the fields that are not as they must be. */
export function problemsIn(values, limits) {
  const found = Object.entries(CHECKS).map(([field, check]) => [field, check(values, limits)]);
  return Object.fromEntries(found.filter(([, message]) => message));
}
