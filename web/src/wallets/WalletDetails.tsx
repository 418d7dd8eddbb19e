import type { WalletCardFragment } from "../generated";
import { Holdings } from "../holdings/Holdings";
import { Positions } from "../positions/Positions";
import { AlgoBalance } from "../holdings/AlgoBalance";

interface Props {
  address: string;
  wallet: WalletCardFragment;
}

/** Everything one wallet holds. */
export function WalletDetails({ address, wallet }: Props) {
  return (
    <section className="panel details" aria-labelledby="details-title">
      <h2 id="details-title">
        {wallet.ecosystem === "ALGORAND" ? "Algorand account" : "Positions"}
      </h2>
      <p className="details-address">
        <code>{wallet.address}</code>
      </p>
      {wallet.ecosystem === "ALGORAND" ? (
        <>
          {wallet.algo && <AlgoBalance algo={wallet.algo} />}
          <Holdings address={address} />
        </>
      ) : (
        <Positions address={address} />
      )}
    </section>
  );
}
