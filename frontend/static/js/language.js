/* The language, chosen before anything is painted: a plain script in the head, so that no English flashes up first. */

(() => {
  const LANGUAGES = ["en", "zh"];
  const known = (tag) => LANGUAGES.find((language) => tag?.toLowerCase().split("-")[0] === language);
  let chosen = null;
  try {
    chosen = localStorage.getItem("text2art.language");
  } catch {
    // a browser that keeps nothing: what it prefers decides
  }
  const language = known(chosen) ?? navigator.languages.map(known).find(Boolean) ?? "en";
  const { documentElement: html } = document;
  html.lang = language === "zh" ? "zh-Hans" : language;
  html.toggleAttribute("data-translating", language !== "en"); // style.css hides the page so long, but not for ever
})();
