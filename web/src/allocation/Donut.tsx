import type { Slice } from "./slices";

const GAP = 3;

/** How much of a slice is drawn: less a gap to the next, and nothing of what is too small to see. */
function drawn(share: number): number {
  return share === 1000 ? share : Math.max(share - GAP, Math.min(share, 1));
}

/** The slices as a ring. Drawn for the eye only: the table beside it says the same in words. */
export function Donut({ slices, label }: { slices: readonly Slice[]; label: string }) {
  return (
    <svg className="donut" viewBox="0 0 120 120" aria-hidden="true" focusable="false">
      <g transform="rotate(-90 60 60)">
        {slices.map(({ key, from, to }, index) => (
          <circle
            key={key}
            className={`arc slice-${key === "others" ? "rest" : index}`}
            cx="60"
            cy="60"
            r="46"
            pathLength="1000"
            strokeDasharray={`${drawn(to - from)} 1000`}
            strokeDashoffset={-from}
          />
        ))}
      </g>
      <text x="60" y="65" textAnchor="middle">
        {label}
      </text>
    </svg>
  );
}
