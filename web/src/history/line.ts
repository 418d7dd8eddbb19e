/** Where the points of a chart are drawn. The figures themselves are never taken from here. */
export interface Point {
  at: string;
  valueUsd: string;
}

export const WIDTH = 720;
export const HEIGHT = 180;
const MARGIN = 6;

/** The line through the points and the area below it, as SVG paths; empty for fewer than two. */
export function paths(points: readonly Point[]): { line: string; area: string } {
  if (points.length < 2) return { line: "", area: "" };
  const moments = points.map(({ at }) => Date.parse(at));
  const values = points.map(({ valueUsd }) => Number(valueUsd));
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const [low, high] = [Math.min(...values, 0), Math.max(...values, 0)];
  const x = (moment: number) => (WIDTH * (moment - first)) / (last - first || 1);
  const y = (value: number) =>
    HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (value - low)) / (high - low || 1);
  const places = points.map(
    (_, index) => `${x(moments[index] ?? 0).toFixed(1)},${y(values[index] ?? 0).toFixed(1)}`,
  );
  const ground = y(0).toFixed(1);
  const line = `M${places.join("L")}`;
  return { line, area: `${line}L${WIDTH},${ground}L0,${ground}Z` };
}
