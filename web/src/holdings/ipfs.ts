/** Pictures that NFTs keep in IPFS, through a gateway. What NFTs say is whatever their creators wrote. */

// Metadata is a page of JSON; what is longer is none.
const MOST_METADATA = 100_000;

/** Where the gateway has what an ipfs:// url names; null of any other url. */
export function atGateway(url: string, gateway: string): string | null {
  const [, cid, path = ""] = /^ipfs:\/\/(?:ipfs\/)?([A-Za-z0-9]{46,100})((?:\/[^?#]*)?)/.exec(url) ?? [];
  if (cid === undefined) return null;
  const parts = path.split("/").map((part) => encodeURIComponent(decoded(part)));
  return parts.includes("..") ? null : `${gateway}/ipfs/${cid}${parts.join("/")}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The picture itself, or the one that ARC-3 metadata names; null where there is neither. */
export async function pictureAt(place: string, gateway: string, signal: AbortSignal): Promise<string | null> {
  const answer = await fetch(place, { signal, referrerPolicy: "no-referrer", credentials: "omit" });
  const kind = answer.headers.get("content-type") ?? "";
  if (kind.startsWith("image/")) {
    await answer.body?.cancel();
    return answer.ok ? place : null;
  }
  const text = answer.ok ? await bounded(answer) : null;
  if (text === null) return null;
  const metadata: unknown = JSON.parse(text);
  if (typeof metadata !== "object" || metadata === null || !("image" in metadata)) return null;
  return typeof metadata.image === "string" ? atGateway(metadata.image, gateway) : null;
}

async function bounded(answer: Response): Promise<string | null> {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const part = await reader?.read();
    if (!part || part.done) return text + decoder.decode();
    text += decoder.decode(part.value, { stream: true });
    if (text.length > MOST_METADATA) {
      await reader?.cancel();
      return null;
    }
  }
}
