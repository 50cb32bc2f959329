/* The picture to start from: a file chosen, dropped or pasted, or one that the server has already. Looked at before it is sent. */

import { keepPicture } from "./draft.js";
import { hook } from "./hooks.js";
import { t } from "./i18n.js";

const SIGNATURES = {
  "image/png": /^\x89PNG\r\n\x1a\n/,
  "image/jpeg": /^\xff\xd8\xff/,
  "image/webp": /^RIFF[^]{4}WEBP/,
};

/** `limits()` gives { max_bytes, types }, or null while nobody knows; `complain(message)` shows what is wrong with a file. */
export function mountStartImage(form, { limits, complain }) {
  const { start_image: input, start_key: key } = form.elements;
  let asked = 0;

  async function look() {
    const file = input.files[0];
    const turn = ++asked;
    if (!file) return clear();
    key.value = "";
    const problem = await problemOf(file, limits());
    if (turn !== asked) return;
    if (problem) drop();
    complain(problem);
    keepPicture(problem ? null : file);
    show(problem ? null : { name: file.name, words: sizeInWords(file.size), url: URL.createObjectURL(file) });
  }

  function take(file) {
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function clear() {
    keepPicture(null);
    show(null);
  }

  function drop() {
    input.value = "";
    key.value = "";
  }

  input.addEventListener("change", look);
  key.addEventListener("change", () => {
    asked += 1;
    input.value = "";
    keepPicture(null);
    show(key.value ? { name: t("A picture painted here"), words: "", url: key.dataset.picture } : null);
  });
  hook("drop-start-image").addEventListener("click", () => {
    drop();
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  });
  listenForDrops(take);
  listenForPastes(take);
  return { take };
}

async function problemOf(file, limits) {
  if (limits && file.size > limits.max_bytes) return t("That file is too large: at most {n} MB.", { n: limits.max_bytes / 1e6 });
  const begin = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  const type = Object.keys(SIGNATURES).find((name) => SIGNATURES[name].test(begin));
  if (!type || (limits && !limits.types.includes(type))) return t("That is no PNG, JPEG or WebP picture.");
  const picture = await createImageBitmap(file).catch(() => null);
  picture?.close();
  return picture ? null : t("That picture cannot be read.");
}

function show(picture) {
  const row = hook("start-image");
  const image = row.querySelector("img");
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  row.toggleAttribute("data-filled", Boolean(picture));
  if (picture) image.src = picture.url;
  else image.removeAttribute("src");
  image.hidden = !picture;
  hook("start-name").textContent = picture?.name ?? "";
  hook("start-size").textContent = picture?.words ?? "";
}

const sizeInWords = (bytes) => (bytes < 1e6 ? t("{n} kB", { n: Math.ceil(bytes / 1e3) }) : t("{n} MB", { n: (bytes / 1e6).toFixed(1) }));

const imageIn = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
const isShown = () => hook("studio").dataset.phase === "empty";

function listenForDrops(take) {
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const lift = (lifted) => hook("studio").toggleAttribute("data-dragging", lifted);
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault(); // else the browser leaves the page for the file
    lift(isShown());
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || lift(false));
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    lift(false);
    const file = event.dataTransfer.files[0];
    if (file && isShown() && hook("studio").contains(event.target)) take(file);
  });
}

function listenForPastes(take) {
  document.addEventListener("paste", (event) => {
    const file = isShown() ? imageIn(event.clipboardData) : null;
    if (!file) return;
    event.preventDefault();
    take(file);
  });
}
