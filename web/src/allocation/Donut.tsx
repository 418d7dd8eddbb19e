import type { Slice } from "./slices";

const GAP = 3;

/** The slices as a ring. Drawn for the eye only: the table beside it says the same in words. */
export function Donut({ slices, label }: { slices: readonly Slice[]; label: string }) {
  return (
    <svg className="donut" viewBox="0 0 120 120" aria-hidden="true" focusable="false">
      <g transform="rotate(-90 60 60)">
        {slices.map(({ key, from, to }, index) => (
          <circle
            key={key}
            className={`arc slice-${key === "rest" ? "rest" : index}`}
            cx="60"
            cy="60"
            r="46"
            pathLength="1000"
            strokeDasharray={`${slices.length > 1 ? Math.max(to - from - GAP, 1) : 1000} 1000`}
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
