/* What the painters who are here do not know of a prompt, said under it before anything is ordered. */

import { oneLine } from "./checks.js";
import { say } from "./hooks.js";
import { t } from "./i18n.js";
import { wishesIn } from "./prompts.js";
import { knownWords, unknownIn } from "./words.js";

const SMALL = "small"; // the models whose words are known here; what published ones have seen, nobody can list
const PAUSE_MS = 700; // in the middle of a word it is none yet

/** Returns show(text, models), where `models` are those that judge at the painters who are here. */
export function mountUnknown(place) {
  let pause = null;
  return (text, models) => {
    clearTimeout(pause);
    const judged = models.length > 0 && models.every((name) => name === SMALL);
    if (!judged || !text.trim()) return say(place, "");
    pause = setTimeout(async () => say(place, await caveat(text)), PAUSE_MS);
  };
}

/** A sentence on what is unknown of the wishes that are to be seen; "" where all is known. */
async function caveat(text) {
  const words = await knownWords();
  if (!words) return "";
  const unknown = wishesIn(oneLine(text)).filter(({ weight }) => weight > 0).flatMap((wish) => unknownIn(wish.text, words));
  return unknown.length ? sentence(unknown) : "";
}

function sentence(unknown) {
  const words = [...new Set(unknown.map((each) => `'${each.words}'`))].join(", ");
  const nearest = [...new Set(unknown.flatMap((each) => each.nearest))].join(", ");
  if (nearest) return t("These models do not know {words}; nearest: {nearest}", { words, nearest });
  return t("These models do not know {words}, and nothing near it", { words });
}
