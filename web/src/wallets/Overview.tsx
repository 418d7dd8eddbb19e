import { useQuery } from "@apollo/client/react";
import { useContext, useEffect, useMemo, useRef } from "react";

import { canonical, MOST } from "../addresses";
import { Allocation } from "../allocation/Allocation";
import { problems } from "../errors";
import { OverviewDocument, type WalletCardFragment } from "../generated";
import { WorthOverTime } from "../history/WorthOverTime";
import { together } from "../parts/Gaps";
import { Notice } from "../parts/Notice";
import { Tokens } from "../tokens/Tokens";
import { ScheduleContext, useRefreshed } from "../refresh/useRefresh";
import { UNFILTERED, type ChangeView, type View } from "../view";
import { entriesOf } from "./entries";
import { LeftOut } from "./LeftOut";
import { Total } from "./Total";
import { useTogether } from "./useTogether";
import { WalletCard } from "./WalletCard";
import { WalletDetails } from "./WalletDetails";

// More cards than this scroll in a box of their own, so that the details stay near.
const MANY = 12;

interface Props {
  view: View;
  onChange: ChangeView;
  onRemove: (addresses: readonly string[]) => void;
  onAnswer: () => void;
}

/** All wallets together, a card for each, and one of them in detail. */
export function Overview({ view, onChange, onRemove, onAnswer }: Props) {
  const addresses = useMemo(() => view.addresses.slice(0, MOST), [view.addresses]);
  const leftOut = view.addresses.slice(MOST);
  const { refresh } = useContext(ScheduleContext);
  const { data, error, loading, refetch } = useQuery(OverviewDocument, {
    variables: { addresses },
    notifyOnNetworkStatusChange: true,
  });
  useRefreshed(() => refetch());
  useEffect(() => {
    if (data || error) onAnswer();
  }, [data, error, onAnswer]);

  const known = useRef(new Map<string, WalletCardFragment>());
  const all = problems(error);
  const entries = entriesOf(addresses, data?.wallets, known.current, all, loading);
  for (const { spellings, wallet } of entries) {
    for (const address of spellings) if (wallet) known.current.set(canonical(address), wallet);
  }
  const readable = entries.filter(({ wallet }) => wallet !== null);
  const held = readable.map(({ wallet, address }) => wallet?.address ?? address);
  const { portfolio, isLoading: isAdding, error: gap } = useTogether(held);
  if (!data?.wallets && entries.every(({ wallet }) => wallet === null)) {
    return loading ? (
      <Loading />
    ) : (
      <Notice title="The wallets could not be loaded." problems={all} onRetry={refresh} />
    );
  }

  const hasWorth =
    portfolio?.totalValueUsd != null || readable.some(({ wallet }) => wallet?.ecosystem === "EVM");
  const priced = readable.flatMap(({ wallet }) =>
    wallet?.ecosystem === "EVM" ? [wallet.address] : [],
  );
  const worths = new Map(
    (portfolio?.byWallet ?? []).map((part) => [part.wallet.id, part.valueUsd ?? null]),
  );
  const lists = readable.flatMap(({ wallet }) => wallet?.positions ?? []);
  const selected =
    readable.find(({ spellings }) => view.open !== null && spellings.includes(view.open)) ??
    readable[0];

  return (
    <>
      {error !== undefined && !loading && all.every(({ path }) => path.length === 0) && (
        <Notice
          title="The wallets could not be refreshed, so these figures may be out of date."
          problems={all}
          onRetry={refresh}
        />
      )}
      {gap !== undefined && !isAdding && !loading && portfolio === null && (
        <Notice
          title="What the wallets are worth together could not be loaded."
          problems={problems(gap)}
          onRetry={refresh}
        />
      )}
      {leftOut.length > 0 && (
        <LeftOut addresses={leftOut} onRemove={() => onRemove(leftOut)} />
      )}
      <div className="overview" aria-busy={loading}>
        <Total
          entries={entries}
          portfolio={portfolio}
          isLoading={isAdding}
          leftOut={leftOut.length}
          onRefresh={refresh}
        />
        {hasWorth && (
          <Allocation
            portfolio={portfolio}
            gaps={together(lists, portfolio)}
            cut={view.cut}
            onCut={(cut) => onChange({ cut })}
            isLoading={isAdding || loading}
          />
        )}
      </div>
      {priced.length > 0 && (
        <WorthOverTime
          addresses={priced}
          range={view.range}
          onRange={(range) => onChange({ range })}
        />
      )}
      {hasWorth && <Tokens addresses={held} hidesDust={view.hidesDust} onChange={onChange} />}
      <fieldset className={entries.length > MANY ? "wallets wallets-many" : "wallets"} tabIndex={-1}>
        <legend>{entries.length === 1 ? "Wallet" : `${entries.length} wallets`}</legend>
        {entries.map((entry) => (
          <WalletCard
            {...entry}
            key={entry.key}
            worthUsd={worths.get(entry.wallet?.id ?? "") ?? null}
            isChosen={entry === selected}
            onChoose={() => onChange({ ...UNFILTERED, open: entry.address })}
            onRemove={() => onRemove(entry.spellings)}
            onRetry={refresh}
          />
        ))}
      </fieldset>
      {selected?.wallet && (
        <WalletDetails
          key={selected.wallet.id}
          wallet={selected.wallet}
          view={view}
          onChange={onChange}
        />
      )}
    </>
  );
}

function Loading() {
  return (
    <div className="overview" role="status">
      <span className="unseen">Loading the wallets…</span>
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
