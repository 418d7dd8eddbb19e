import { useEffect, useId, useState, type ReactNode } from "react";

import { chainName, KNOWN_CHAINS } from "../chains";
import type { OrderDirection, PositionOrderField, PositionSide, PositionStatus } from "../generated";

export interface Wanted {
  text: string;
  side: PositionSide | "";
  status: PositionStatus | "";
  chainId: number | null;
  hidesDust: boolean;
  field: PositionOrderField;
  direction: OrderDirection;
}

export const EVERYTHING: Wanted = {
  text: "",
  side: "",
  status: "",
  chainId: null,
  hidesDust: false,
  field: "VALUE",
  direction: "DESC",
};

const ORDERS: readonly [PositionOrderField, OrderDirection, string][] = [
  ["VALUE", "DESC", "Highest value first"],
  ["VALUE", "ASC", "Lowest value first"],
  ["NAME", "ASC", "Name, A to Z"],
  ["NAME", "DESC", "Name, Z to A"],
  ["PROTOCOL", "ASC", "Protocol, A to Z"],
  ["PROTOCOL", "DESC", "Protocol, Z to A"],
  ["CHAIN", "ASC", "Chain number, lowest first"],
  ["CHAIN", "DESC", "Chain number, highest first"],
];

// Typing goes on for a while; every pause as short as this is a question to the server.
const PAUSE_MS = 250;

interface Props {
  wanted: Wanted;
  onChange: (change: Partial<Wanted>) => void;
}

/** Filters and order of the positions; both are the server's work. */
export function PositionTools({ wanted, onChange }: Props) {
  const [text, setText] = useState(wanted.text);
  useEffect(() => {
    if (text === wanted.text) return;
    const timer = setTimeout(() => onChange({ text }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, wanted.text, onChange]);
  useEffect(() => setText(wanted.text), [wanted.text]);

  return (
    <div className="tools" role="search" aria-label="Positions">
      <Labelled name="Find">
        {(id) => (
          <input
            id={id}
            type="search"
            value={text}
            maxLength={256}
            placeholder="Name, symbol or protocol"
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Labelled>
      <Labelled name="Side">
        {(id) => (
          <select
            id={id}
            value={wanted.side}
            onChange={(event) => onChange({ side: event.target.value as Wanted["side"] })}
          >
            <option value="">Assets and debts</option>
            <option value="ASSET">Assets</option>
            <option value="DEBT">Debts</option>
          </select>
        )}
      </Labelled>
      <Labelled name="State">
        {(id) => (
          <select
            id={id}
            value={wanted.status}
            onChange={(event) => onChange({ status: event.target.value as Wanted["status"] })}
          >
            <option value="">Any</option>
            <option value="OPEN">Open</option>
            <option value="CLOSED">Closed</option>
            <option value="UNKNOWN">Unknown</option>
          </select>
        )}
      </Labelled>
      <Labelled name="Chain">
        {(id) => (
          <select
            id={id}
            value={wanted.chainId ?? ""}
            onChange={(event) =>
              onChange({ chainId: event.target.value === "" ? null : Number(event.target.value) })
            }
          >
            <option value="">All chains</option>
            {KNOWN_CHAINS.map((chainId) => (
              <option key={chainId} value={chainId}>
                {chainName(chainId)}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <Labelled name="Order">
        {(id) => (
          <select
            id={id}
            value={`${wanted.field} ${wanted.direction}`}
            onChange={(event) => {
              const [field, direction] = event.target.value.split(" ");
              onChange({
                field: field as PositionOrderField,
                direction: direction as OrderDirection,
              });
            }}
          >
            {ORDERS.map(([field, direction, name]) => (
              <option key={name} value={`${field} ${direction}`}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <label className="check">
        <input
          type="checkbox"
          checked={wanted.hidesDust}
          onChange={(event) => onChange({ hidesDust: event.target.checked })}
        />
        $1 or more
      </label>
    </div>
  );
}

function Labelled({ name, children }: { name: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      {children(id)}
    </div>
  );
}
