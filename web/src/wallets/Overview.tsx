import { useQuery } from "@apollo/client/react";
import { useState } from "react";

import { Allocation } from "../allocation/Allocation";
import { at, problems } from "../errors";
import { OverviewDocument } from "../generated";
import { Notice } from "../parts/Notice";
import { Total } from "./Total";
import { WalletCard } from "./WalletCard";
import { WalletDetails } from "./WalletDetails";

// More cards than this scroll in a box of their own, so that the details stay near.
const MANY = 12;

interface Props {
  addresses: readonly string[];
  onRemove: (address: string) => void;
  onRefresh: () => void;
}

/** All wallets together, a card for each, and one of them in detail. */
export function Overview({ addresses, onRemove, onRefresh }: Props) {
  const { data, previousData, error, loading, refetch } = useQuery(OverviewDocument, {
    variables: { addresses: [...addresses] },
    notifyOnNetworkStatusChange: true,
  });
  const [chosen, setChosen] = useState<string | null>(null);

  const all = problems(error);
  const retry = () => void refetch();
  const isUnread = !data?.wallets && !previousData?.wallets;
  if (isUnread) {
    return loading ? (
      <Loading />
    ) : (
      <Notice title="The wallets could not be read." problems={all} onRetry={retry} />
    );
  }

  // While a changed list is on its way, what is known already stays in view.
  const known = new Map((data ? [] : (previousData?.wallets ?? [])).map((w) => [w?.address, w]));
  const entries = addresses.map((address, index) => ({
    address,
    wallet:
      data?.wallets?.[index] ??
      [...known.values()].find((w) => w?.address.toLowerCase() === address.toLowerCase()) ??
      null,
    problems: at(all, "wallets", index),
    isLoading: !data,
  }));
  const readable = entries.filter(({ wallet }) => wallet !== null);
  const priced = readable
    .filter(({ wallet }) => wallet?.ecosystem === "EVM")
    .map(({ address }) => address);
  const selected = entries.find((e) => e.address === chosen && e.wallet) ?? readable[0];

  return (
    <>
      {error !== undefined && !loading && all.every(({ path }) => path.length === 0) && (
        <Notice title="The wallets could not be read anew." problems={all} onRetry={retry} />
      )}
      <div className="overview" aria-busy={loading}>
        <Total entries={entries} isLoading={loading} onRefresh={onRefresh} />
        {priced.length > 0 && <Allocation addresses={priced} isWaiting={!data} />}
      </div>
      <fieldset className={entries.length > MANY ? "wallets wallets-many" : "wallets"}>
        <legend>{entries.length === 1 ? "Wallet" : `${entries.length} wallets`}</legend>
        {entries.map((entry) => (
          <WalletCard
            key={entry.address}
            {...entry}
            isChosen={entry === selected}
            onChoose={() => setChosen(entry.address)}
            onRemove={() => onRemove(entry.address)}
            onRetry={retry}
          />
        ))}
      </fieldset>
      {selected?.wallet && (
        <WalletDetails key={selected.wallet.id} address={selected.address} wallet={selected.wallet} />
      )}
    </>
  );
}

function Loading() {
  return (
    <div className="overview" role="status">
      <span className="unseen">Reading the wallets…</span>
      <div className="panel skeleton" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <div className="panel skeleton" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
    </div>
  );
}
