import type { ReactNode } from "react";

import type { Problem } from "../errors";

interface Props {
  title: string;
  problems?: readonly Problem[];
  onRetry?: () => void;
  children?: ReactNode;
}

/** Something failed, why as far as it is known, and a way to try it again. */
export function Notice({ title, problems = [], onRetry, children }: Props) {
  const reasons = [...new Map(problems.map((problem) => [problem.text, problem])).values()];
  return (
    <div className="notice" role="alert">
      <p className="notice-title">{title}</p>
      {reasons.map(({ code, text }) => (
        <p key={text}>
          {text} <code>{code}</code>
        </p>
      ))}
      {children}
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
