import { expect, it } from "vitest";

import { HEIGHT, paths, WIDTH } from "../src/history/line";

const point = (day: number, valueUsd: string) => ({ at: `2026-01-0${day}T00:00:00Z`, valueUsd });

it("draws nothing of what is no line", () => {
  expect(paths([])).toEqual({ line: "", area: "" });
  expect(paths([point(1, "5")])).toEqual({ line: "", area: "" });
});

it("spans the width by time and the height by value, with 0 in it", () => {
  const { line, area } = paths([point(1, "0"), point(2, "50"), point(5, "100")]);
  const places = line.slice(1).split("L").map((place) => place.split(",").map(Number));
  expect(places.map(([x]) => x)).toEqual([0, WIDTH / 4, WIDTH]);
  const heights = places.map(([, y]) => y ?? NaN);
  expect(heights[1]).toBeCloseTo(HEIGHT / 2);
  expect(Math.max(...heights)).toBeLessThan(HEIGHT);
  expect(Math.min(...heights)).toBeGreaterThan(0);
  expect(area.startsWith(line)).toBe(true);
});

it("draws a line that does not move, and one below 0", () => {
  expect(paths([point(1, "7"), point(2, "7")]).line).not.toContain("NaN");
  const { area } = paths([point(1, "-7"), point(2, "-3")]);
  expect(area).not.toContain("NaN");
});
