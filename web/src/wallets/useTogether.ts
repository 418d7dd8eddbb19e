import type { ErrorLike } from "@apollo/client";
import { skipToken, useQuery } from "@apollo/client/react";
import { useRef } from "react";

import type { Portfolio } from "../allocation/slices";
import { TogetherDocument } from "../generated";
import { useRefreshed } from "../refresh/useRefresh";

interface Together {
  portfolio: Portfolio | null;
  isLoading: boolean;
  error: ErrorLike | undefined;
}

/**
 * All wallets as one portfolio. What cannot be had for now stays as it was, and is called old; of
 * other wallets it is forgotten.
 */
export function useTogether(addresses: readonly string[]): Together {
  const { data, error, loading, refetch } = useQuery(
    TogetherDocument,
    addresses.length > 0
      ? { variables: { addresses: [...addresses] }, notifyOnNetworkStatusChange: true }
      : skipToken,
  );
  useRefreshed(() => refetch());
  const key = addresses.join();
  const known = useRef<{ key: string; portfolio: Portfolio } | null>(null);
  const found = data?.portfolio ?? null;
  if (found && found.totalValueUsd !== null) known.current = { key, portfolio: found };
  const old = known.current?.key === key ? known.current.portfolio : null;
  const portfolio = found === known.current?.portfolio || !old ? found : { ...old, isStale: true };
  return { portfolio, isLoading: loading, error };
}
