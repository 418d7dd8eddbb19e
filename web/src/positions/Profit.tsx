import { parse, signedPercent } from "../money";
import { Usd } from "../parts/Figure";

export interface Earned {
  profitUsd: string | null;
  apr: string | null;
}

/** What a position earned over the range of the chart; a dash where it is not known, or not yet. */
export function Profit({ earned }: { earned: Earned | null | undefined }) {
  if (!earned || (earned.profitUsd === null && earned.apr === null)) {
    return (
      <span className="quiet" title="not known">
        –
      </span>
    );
  }
  return (
    <>
      {earned.profitUsd !== null && <Usd value={parse(earned.profitUsd)} isTight />}
      {earned.apr !== null && (
        <data className="quiet figure cell-share" value={earned.apr} title={`${earned.apr} a year, as a ratio`}>
          {signedPercent(parse(earned.apr))} APR
        </data>
      )}
    </>
  );
}
