import { useEffect, useRef, useState } from "react";

import { atGateway, pictureAt } from "./ipfs";

/** Where pictures in IPFS may be fetched; null where the operator names no gateway. */
export const GATEWAY =
  document.querySelector<HTMLMetaElement>('meta[name="ipfs-gateway"]')?.content.replace(/\/+$/, "") ?? null;

/** The picture of an NFT, fetched once its row comes into view; nothing where there is none. */
export function Picture({ url }: { url: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const [shown, setShown] = useState<{ url: string; source: string } | null>(null);
  useEffect(() => {
    const whole = GATEWAY && atGateway(url, GATEWAY);
    if (!GATEWAY || !whole || !place.current) return;
    const stop = new AbortController();
    const watch = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      watch.disconnect();
      pictureAt(whole, GATEWAY, stop.signal).then(
        (source) => source && !stop.signal.aborted && setShown({ url, source }),
        // The row stands without its picture.
        () => undefined,
      );
    });
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      stop.abort();
    };
  }, [url]);
  return (
    <span ref={place}>
      {shown?.url === url && (
        <img
          className="picture"
          src={shown.source}
          alt=""
          width="48"
          height="48"
          loading="lazy"
          decoding="async"
          referrerPolicy="no-referrer"
          onError={() => setShown(null)}
        />
      )}
    </span>
  );
}
