import type { ReactNode } from "react";

/** Something with a page on a public explorer, which learns nothing of where its reader came from. */
export function Explored({ url, children }: { url: string | null | undefined; children: ReactNode }) {
  if (!url?.startsWith("https://")) return children;
  return (
    <a className="explored" href={url} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}
