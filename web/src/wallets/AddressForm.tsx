import { useId, useState, type FormEvent } from "react";

import { DEMOS } from "../demo";

interface Props {
  isFirst: boolean;
  isSandbox: boolean;
  onAdd: (text: string) => void;
}

/** Where addresses are entered; before the first, also what the page is. */
export function AddressForm({ isFirst, isSandbox, onAdd }: Props) {
  const [text, setText] = useState("");
  const field = useId();
  const hint = useId();

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!text.trim()) return;
    onAdd(text);
    setText("");
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
            Tokens, pools, loans and rewards on every EVM chain the source reads, and the assets of
            Algorand accounts. Nothing is stored: addresses stay in this page’s link.
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
            onChange={(event) => setText(event.target.value)}
            aria-describedby={isFirst ? hint : undefined}
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
            EVM and Algorand may be mixed, with spaces or commas between them; 100 at most.
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
