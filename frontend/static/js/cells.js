/* Pixel art with crisp cells: the canvas is as many times as wide as its grid as there is room for (see studio.css). */

let shown = null;

/** Tells the stylesheet how many cells there are across, as the picture of one pixel a cell has it; null: none are known. */
export async function fitCells(studio, link) {
  if (link === shown) return;
  shown = link;
  studio.style.removeProperty("--columns");
  if (!link) return;
  const grid = new Image();
  grid.src = link;
  const columns = await grid.decode().then(() => grid.naturalWidth, () => 0);
  if (columns && shown === link) studio.style.setProperty("--columns", columns);
}
