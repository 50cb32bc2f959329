/* The scores of a painting as a small line, from its first step at the left to its last at the right. */

const [WIDTH, HEIGHT, MARGIN] = [100, 24, 2];

/** Draws into an <svg> whose only child is a polyline; `of` is the number of steps. */
export function showScores(svg, scores, of) {
  const known = scores.map(({ score }) => score);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const y = (score) => HEIGHT - MARGIN - ((score - low) / (high - low || 1)) * (HEIGHT - 2 * MARGIN);
  const points = scores.map(({ step, score }) => `${((step / of) * WIDTH).toFixed(1)},${y(score).toFixed(1)}`);
  svg.firstElementChild.setAttribute("points", scores.length > 1 ? points.join(" ") : "");
}
