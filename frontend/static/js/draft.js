/* What one wrote outlives a reload: kept for this tab, but never an address. */

import { keep, recall } from "./kept.js";

const WORDS = "text2art.draft";
const PICTURE = "text2art.draft.picture";

export const keepDraft = (draft) => keep("sessionStorage", WORDS, JSON.stringify(draft));

/** The draft, null where there is none. */
export const recallDraft = () => JSON.parse(recall("sessionStorage", WORDS));

let latest = null; // the file that is to be kept

/** Keeps the picture to start from; null forgets. One too large for the browser's store is not kept. */
export async function keepPicture(file) {
  latest = file;
  keep("sessionStorage", PICTURE, null);
  const data = file && (await base64(file));
  if (data && file === latest) keep("sessionStorage", PICTURE, JSON.stringify({ name: file.name, type: file.type, data }));
}

/** The picture as a File, null where there is none. */
export function recallPicture() {
  const { name, type, data } = JSON.parse(recall("sessionStorage", PICTURE)) ?? {};
  return data ? new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], name, { type }) : null;
}

const base64 = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
