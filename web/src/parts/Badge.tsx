import type { ReactNode } from "react";

export type Tone = "plain" | "warn" | "bad" | "good" | "accent";

/** A word or two about a figure, coloured by what it means for trusting it. */
export function Badge({ tone = "plain", title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span className={`badge badge-${tone}`} title={title}>
      {children}
    </span>
  );
}
