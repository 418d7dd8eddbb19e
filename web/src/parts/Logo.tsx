import { useState } from "react";

import { tamed } from "./Untrusted";

/** A token's logo, or the first letter of its symbol where there is none that can be shown. */
export function Logo({ url, symbol }: { url: string | null | undefined; symbol: string | null }) {
  const [failed, setFailed] = useState<string | null>(null);
  if (url?.startsWith("https://") && url !== failed) {
    return (
      <img
        className="logo"
        src={url}
        alt=""
        width="24"
        height="24"
        loading="lazy"
        decoding="async"
        referrerPolicy="no-referrer"
        onError={() => setFailed(url)}
      />
    );
  }
  const [letter = "?"] = Array.from(tamed(symbol ?? "", 8).trim().toUpperCase());
  return (
    <span className="logo" aria-hidden="true">
      {letter}
    </span>
  );
}
