import { MOST } from "../addresses";
import { tamed } from "../parts/Untrusted";

interface Props {
  addresses: readonly string[];
  onRemove: () => void;
}

/** The addresses beyond those that can be shown at once: they are in no figure of the page. */
export function LeftOut({ addresses, onRemove }: Props) {
  const count = addresses.length;
  return (
    <div className="notice" role="alert">
      <p className="notice-title">
        Only the first {MOST} addresses are shown. {count === 1 ? "1 more is" : `${count} more are`}{" "}
        left out of every figure on this page.
      </p>
      <p>Remove wallets that you do not need, and the next addresses take their place.</p>
      <details>
        <summary>{count === 1 ? "The address left out" : `The ${count} addresses left out`}</summary>
        <ol className="left-out" start={MOST + 1} tabIndex={0}>
          {addresses.map((address) => (
            <li key={address}>
              <code>{tamed(address, 120)}</code>
            </li>
          ))}
        </ol>
      </details>
      <button type="button" className="button" onClick={onRemove}>
        {count === 1 ? "Remove it" : `Remove these ${count}`}
      </button>
    </div>
  );
}
