import { useId } from "react";

import { shortened } from "../addresses";
import type { WalletCardFragment } from "../generated";
import { addressAdvice, isPassing } from "../errors";
import { parse } from "../money";
import { Older } from "../parts/Age";
import { Badge } from "../parts/Badge";
import { Amount, Usd } from "../parts/Figure";
import { tamed } from "../parts/Untrusted";
import type { Entry } from "./entries";

interface Props extends Entry {
  /** Dollars of all it holds as the portfolio has them; for accounts, whose own answer has none. */
  worthUsd: string | null;
  isChosen: boolean;
  onChoose: () => void;
  onRemove: () => void;
  onRetry: () => void;
}

/** One wallet at a glance; choosing it shows its details below. */
export function WalletCard(props: Props) {
  const { address, wallet, worthUsd, problems, isLoading, isChosen, onChoose, onRemove, onRetry } = props;
  const choice = useId();
  const name = tamed(wallet?.address ?? address, 64);
  const isLost = !wallet && !isLoading && problems.length === 0;
  const canRetry = isLost || problems.some(isPassing);

  return (
    <div className={`card ${isChosen ? "card-chosen" : ""}`}>
      <input
        id={choice}
        type="radio"
        name="wallet"
        checked={isChosen}
        disabled={!wallet}
        onChange={onChoose}
      />
      <label htmlFor={choice}>
        <span className="card-name">
          <code title={name}>{shortened(name)}</code>
          {wallet && <Badge>{wallet.ecosystem === "EVM" ? "EVM" : "Algorand"}</Badge>}
        </span>
        {wallet ? <Worth wallet={wallet} worthUsd={worthUsd} /> : isLoading && <span className="quiet">Loading…</span>}
      </label>
      {(problems.length > 0 || isLost) && (
        <p className="card-problem">
          <span>
            {problems[0]?.text ?? "This wallet could not be loaded."}
            {problems[0]?.code === "BAD_ADDRESS" && ` ${addressAdvice(address)}`}
          </span>
          {problems[0] && <code>{problems[0].code}</code>}
          {canRetry && (
            <button type="button" className="button button-small" onClick={onRetry}>
              Try again
            </button>
          )}
        </p>
      )}
      <button
        type="button"
        className="card-remove"
        onClick={onRemove}
        aria-label={`Remove ${shortened(name)}`}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M4 4l8 8M12 4l-8 8" />
        </svg>
      </button>
    </div>
  );
}

function Worth({ wallet, worthUsd }: { wallet: WalletCardFragment; worthUsd: string | null }) {
  const { positions, algo, algorandAssets } = wallet;
  if (positions) {
    return (
      <>
        <Usd className="card-worth" value={parse(positions.totalValueUsd)} isTight />
        <span className="quiet">
          {positions.totalCount === 1 ? "1 position" : `${count(positions.totalCount)} positions`}
        </span>
        {positions.isStale && <Older />}
        {!positions.isComplete && <Badge tone="warn">not complete</Badge>}
      </>
    );
  }
  if (algo) {
    const assets = algorandAssets?.totalCount;
    return (
      <>
        <span className="card-worth">
          <Amount value={algo.balance.algos} /> ALGO
        </span>
        {worthUsd !== null && <Usd value={parse(worthUsd)} isTight />}
        {assets != null && <span className="quiet">{assets === 1 ? "1 asset" : `${count(assets)} assets`}</span>}
        {algo.isStale && <Older />}
      </>
    );
  }
  return <span className="card-worth quiet">not available</span>;
}

function count(whole: number): string {
  return whole.toLocaleString("en-US");
}
