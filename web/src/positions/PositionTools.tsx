import { useEffect, useRef, useState } from "react";

import { chainName, KNOWN_CHAINS } from "../chains";
import { Labelled, PageSize, Select } from "../parts/Select";
import type { ChangeView, View } from "../view";

const SIDES: readonly { value: View["side"]; name: string }[] = [
  { value: "", name: "Assets and debts" },
  { value: "ASSET", name: "Assets" },
  { value: "DEBT", name: "Debts" },
];

const STATUSES: readonly { value: View["status"]; name: string }[] = [
  { value: "", name: "Any" },
  { value: "OPEN", name: "Open" },
  { value: "CLOSED", name: "Closed" },
  { value: "UNKNOWN", name: "Unknown" },
];

const ORDERS = [
  { value: "VALUE DESC", name: "Value, highest first" },
  { value: "VALUE ASC", name: "Value, lowest first" },
  { value: "NAME ASC", name: "Name, A to Z" },
  { value: "NAME DESC", name: "Name, Z to A" },
  { value: "PROTOCOL ASC", name: "Protocol, A to Z" },
  { value: "PROTOCOL DESC", name: "Protocol, Z to A" },
  { value: "CHAIN ASC", name: "Chain ID, lowest first" },
  { value: "CHAIN DESC", name: "Chain ID, highest first" },
] as const;

// Typing goes on for a while; every pause as short as this is a question to the server.
const PAUSE_MS = 250;

/** Filters and order of the positions; both are the server's work. */
export function PositionTools({ view, onChange }: { view: View; onChange: ChangeView }) {
  const chains = [
    { value: 0, name: "All chains" },
    ...[...new Set([...KNOWN_CHAINS, ...(view.chainId === null ? [] : [view.chainId])])].map(
      (chainId) => ({ value: chainId, name: chainName(chainId) }),
    ),
  ];
  return (
    <div className="tools" role="search" aria-label="Positions">
      <Find text={view.text} onChange={onChange} />
      <Select name="Type" value={view.side} options={SIDES} onChange={(side) => onChange({ side })} />
      <Select
        name="Status"
        value={view.status}
        options={STATUSES}
        onChange={(status) => onChange({ status })}
      />
      <Select
        name="Chain"
        value={view.chainId ?? 0}
        options={chains}
        onChange={(chainId) => onChange({ chainId: chainId || null })}
      />
      <Select
        name="Sort by"
        value={`${view.field} ${view.direction}`}
        options={ORDERS}
        onChange={(order) => {
          const [field, direction] = order.split(" ") as [View["field"], View["direction"]];
          onChange({ field, direction });
        }}
      />
      <PageSize size={view.pageSize} onChange={onChange} />
      <label className="check">
        <input
          type="checkbox"
          checked={view.hidesDust}
          onChange={(event) => onChange({ hidesDust: event.target.checked })}
        />
        $1 or more
      </label>
    </div>
  );
}

function Find({ text, onChange }: { text: string; onChange: ChangeView }) {
  const [typed, setTyped] = useState(text);
  // What was typed last, so that a link or going back, but not one's own typing, changes the field.
  const sent = useRef(text);
  useEffect(() => {
    if (text !== sent.current) {
      sent.current = text;
      setTyped(text);
    }
  }, [text]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      // A search is one step to go back over, not one for each letter.
      const continues = sent.current !== "";
      sent.current = typed;
      onChange({ text: typed }, continues);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, onChange]);
  return (
    <Labelled name="Find">
      {(id) => (
        <input
          id={id}
          type="search"
          value={typed}
          maxLength={256}
          placeholder="Name or symbol"
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
    </Labelled>
  );
}
