import type { WalletCardFragment } from "../generated";
import { AlgoBalance } from "../holdings/AlgoBalance";
import { Holdings } from "../holdings/Holdings";
import { Positions } from "../positions/Positions";
import { Explored } from "../parts/Explored";
import type { ChangeView, View } from "../view";

interface Props {
  wallet: WalletCardFragment;
  view: View;
  onChange: ChangeView;
}

/** Everything one wallet holds. */
export function WalletDetails({ wallet, view, onChange }: Props) {
  const isAlgorand = wallet.ecosystem === "ALGORAND";
  return (
    <section className="panel details" aria-labelledby="details-title" tabIndex={-1}>
      <h2 id="details-title">{isAlgorand ? "Algorand account" : "Positions"}</h2>
      <p className="details-address">
        <Explored url={wallet.explorerUrl}>
          <code>{wallet.address}</code>
        </Explored>
      </p>
      {isAlgorand ? (
        <>
          {wallet.algo && <AlgoBalance algo={wallet.algo} />}
          <Holdings address={wallet.address} view={view} onChange={onChange} />
        </>
      ) : (
        <Positions address={wallet.address} view={view} onChange={onChange} />
      )}
    </section>
  );
}
