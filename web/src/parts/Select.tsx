import { useId, type ReactNode } from "react";

import { PAGE_SIZES, type ChangeView } from "../view";

interface Props<T extends string | number> {
  name: string;
  value: T;
  options: readonly { value: T; name: string }[];
  onChange: (value: T) => void;
}

/** A labelled choice of one of several. */
export function Select<T extends string | number>({ name, value, options, onChange }: Props<T>) {
  return (
    <Labelled name={name}>
      {(id) => (
        <select
          id={id}
          value={value}
          onChange={({ target }) => {
            const chosen = options[target.selectedIndex];
            if (chosen) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

export function Labelled({ name, children }: { name: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      {children(id)}
    </div>
  );
}

/** How many rows are loaded at a time. */
export function PageSize({ size, onChange }: { size: number; onChange: ChangeView }) {
  return (
    <Select
      name="Rows per page"
      value={size}
      options={PAGE_SIZES.map((value) => ({ value: value as number, name: String(value) }))}
      onChange={(pageSize) => onChange({ pageSize })}
    />
  );
}
