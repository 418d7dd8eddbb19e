/** What is asked about rows after they are shown: by their ids, a hundred at a time, and kept. */
import { useCallback, useEffect, useRef, useState } from "react";

import { useRefreshed } from "../refresh/useRefresh";

// The graph takes no more ids at once.
const MOST = 100;

export type FetchPolicy = "cache-first" | "network-only";

interface Asked<Node> {
  ids: readonly string[];
  /** What is asked, beside the ids: another one begins anew. */
  question: string;
  /** Asks about up to a hundred; null where one is not known. */
  ask: (ids: string[], fetchPolicy: FetchPolicy) => Promise<readonly (Node | null)[]>;
}

/** The answers so far, by id. What cannot be had is left out: the rows say so by a dash. */
export function useById<Node extends { id: string }>({
  ids,
  question,
  ask,
}: Asked<Node>): ReadonlyMap<string, Node> {
  const [found, setFound] = useState({ question, nodes: new Map<string, Node>() });
  const asked = useRef({ question, ids: new Set<string>() });
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });

  const load = useCallback(
    async (some: readonly string[], fetchPolicy: FetchPolicy) => {
      for (let start = 0; start < some.length; start += MOST) {
        try {
          const nodes = await latest.current(some.slice(start, start + MOST), fetchPolicy);
          setFound((before) => {
            if (asked.current.question !== question) return before;
            const kept = before.question === question ? [...before.nodes] : [];
            const fresh = nodes.filter((node) => node !== null);
            return { question, nodes: new Map([...kept, ...fresh.map((node) => [node.id, node] as const)]) };
          });
        } catch {
          // The rows stand without it, and the next refresh asks again.
        }
      }
    },
    [question],
  );

  const wanted = ids.join(" ");
  useEffect(() => {
    if (asked.current.question !== question) asked.current = { question, ids: new Set() };
    const fresh = (wanted ? wanted.split(" ") : []).filter((id) => !asked.current.ids.has(id));
    for (const id of fresh) asked.current.ids.add(id);
    void load(fresh, "cache-first");
  }, [wanted, question, load]);
  useRefreshed(() => load([...asked.current.ids], "network-only"));

  return found.question === question ? found.nodes : new Map<string, Node>();
}
