/* The pictures on the canvas: a newer one is laid over the older only once it is loaded, so nothing flickers. */

/**
 * Returns show(url, alt), which paints the newest url asked for; show(null) wipes the canvas.
 * `laid(width, height)` hears of each picture that came onto the canvas, `failed()` of one that did not load.
 */
export function canvas(frame, { laid, failed }) {
  let sitting = null; // { wanted: the newest { url, alt } asked for, loading }, until the canvas is wiped

  async function paint(own) {
    let tried = null;
    while (own.wanted !== tried) {
      tried = own.wanted;
      const picture = await load(tried.url);
      if (own !== sitting) return;
      if (picture) layOver(picture, tried.alt);
      else failed();
    }
    own.loading = false;
  }

  function layOver(picture, alt) {
    frame.lastElementChild?.setAttribute("alt", "");
    picture.alt = alt;
    frame.append(picture);
    while (frame.children.length > 2) frame.firstElementChild.remove();
    laid(picture.naturalWidth, picture.naturalHeight);
  }

  function wipe() {
    sitting = null;
    frame.replaceChildren();
  }

  return function show(url, alt) {
    if (!url) return wipe();
    sitting ??= { wanted: null, loading: false };
    if (url === sitting.wanted?.url) return;
    sitting.wanted = { url, alt };
    if (sitting.loading) return;
    sitting.loading = true;
    paint(sitting);
  };
}

async function load(url) {
  const picture = new Image();
  picture.src = url;
  return picture.decode().then(() => picture, () => null);
}
