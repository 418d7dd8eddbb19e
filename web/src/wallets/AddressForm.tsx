import { useId, useState, type FormEvent } from "react";

import { DEMOS } from "../demo";

interface Props {
  isFirst: boolean;
  isSandbox: boolean;
  /** Takes the addresses in a text; false where they are too many. */
  onAdd: (text: string) => boolean;
}

/** Where addresses are entered; before the first, also what the page is. */
export function AddressForm({ isFirst, isSandbox, onAdd }: Props) {
  const [text, setText] = useState("");
  const field = useId();
  const hint = useId();
  const [isRefused, setRefused] = useState(false);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!text.trim()) return;
    const isTaken = onAdd(text);
    setRefused(!isTaken);
    if (isTaken) setText("");
  }

  const demos = (
    <div className="demos" role="group" aria-label="Invented wallets to try">
      {DEMOS.map(({ name, address }) => (
        <button key={address} type="button" className="chip" onClick={() => onAdd(address)}>
          {name}
        </button>
      ))}
    </div>
  );

  return (
    <section className={isFirst ? "ask ask-first" : "ask"} aria-label="Addresses">
      {isFirst ? (
        <>
          <h1>What does a wallet hold?</h1>
          <p className="lead">
            Tokens, pools, loans and rewards on the supported EVM chains, and the assets of Algorand
            accounts. Nothing is stored: the addresses stay in this page’s link.
          </p>
        </>
      ) : (
        <h1 className="unseen">Wallets</h1>
      )}
      <form onSubmit={submit}>
        <label htmlFor={field}>{isFirst ? "One or several addresses" : "Add addresses"}</label>
        <div className="ask-line">
          <input
            id={field}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setRefused(false);
            }}
            aria-describedby={isFirst ? hint : undefined}
            aria-invalid={isRefused}
            placeholder="0x… or an Algorand address"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
          <button type="submit" className="button button-main">
            {isFirst ? "Show" : "Add"}
          </button>
        </div>
        {isFirst && (
          <p className="hint" id={hint}>
            Up to 100 EVM and Algorand addresses, in any mix, separated by spaces or commas.
          </p>
        )}
        {isRefused && (
          <p className="hint owed" role="alert">
            Nothing was added: these are more addresses than one link can hold. Up to 100 are shown
            at once.
          </p>
        )}
      </form>
      {isSandbox &&
        (isFirst ? (
          <>
            <p className="demos-title">Invented wallets to try</p>
            {demos}
          </>
        ) : (
          <details>
            <summary>Invented wallets to try</summary>
            {demos}
          </details>
        ))}
    </section>
  );
}
