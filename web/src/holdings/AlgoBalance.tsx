import type { WalletCardFragment } from "../generated";
import { Age } from "../parts/Age";
import { Amount } from "../parts/Figure";

/** An account's own coin, and how much of it may be spent. */
export function AlgoBalance({ algo }: { algo: NonNullable<WalletCardFragment["algo"]> }) {
  return (
    <>
      <dl className="facts">
        <div>
          <dt>Balance</dt>
          <dd>
            <Amount value={algo.balance.algos} /> ALGO
          </dd>
        </div>
        <div>
          <dt>Spendable</dt>
          <dd>
            <Amount value={algo.spendable.algos} /> ALGO
          </dd>
        </div>
        <div>
          <dt>Minimum balance</dt>
          <dd>
            <Amount value={algo.minimumBalance.algos} /> ALGO
          </dd>
        </div>
        <div>
          <dt>Participation</dt>
          <dd>{algo.status}</dd>
        </div>
      </dl>
      <p className="list-summary quiet">
        <span>
          round <span className="figure">{algo.round}</span>
        </span>
        <Age asOf={algo.asOf} isStale={algo.isStale} />
      </p>
    </>
  );
}
