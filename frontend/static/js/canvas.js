/* The pictures on the canvas: a newer one is laid over the older only once it is loaded, so nothing flickers. */

/**
 * Returns show(url, alt), which paints the newest url asked for; show(null) wipes the canvas.
 * `laid(width, height)` hears of each picture that came onto the canvas, `failed()` of one that did not load.
 */
export function canvas(frame, { laid, failed }) {
  let wanted = null; // { url, alt, sitting }: the newest picture asked for; a wipe ends a sitting
  let loading = false;

  async function catchUp() {
    let tried = null;
    while (wanted && wanted !== tried) {
      tried = wanted;
      const picture = await load(tried.url);
      if (wanted?.sitting !== tried.sitting) continue;
      if (picture) layOver(picture, tried.alt);
      else failed();
    }
  }

  function layOver(picture, alt) {
    frame.lastElementChild?.setAttribute("alt", "");
    picture.alt = alt;
    frame.append(picture);
    while (frame.children.length > 2) frame.firstElementChild.remove();
    laid(picture.naturalWidth, picture.naturalHeight);
  }

  function wipe() {
    wanted = null;
    frame.replaceChildren();
  }

  return async function show(url, alt) {
    if (!url) return wipe();
    if (url === wanted?.url) return;
    wanted = { url, alt, sitting: wanted?.sitting ?? Symbol("sitting") };
    if (loading) return;
    loading = true;
    await catchUp();
    loading = false;
  };
}

async function load(url) {
  const picture = new Image();
  picture.src = url;
  return picture.decode().then(() => picture, () => null);
}
