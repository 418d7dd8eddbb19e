import { memo } from "react";

import { chainName } from "../chains";
import type { PositionRowFragment, RowTokenFragment } from "../generated";
import { Badge } from "../parts/Badge";
import { Explored } from "../parts/Explored";
import { Amount, UsdField } from "../parts/Figure";
import { Untrusted } from "../parts/Untrusted";
import { Profit, type Earned } from "./Profit";

function title(position: PositionRowFragment): string {
  const symbols = (position.underlyingTokens ?? []).map(({ token }) => token.symbol || "unnamed token");
  return (
    position.contractName || position.contractSymbol || symbols.join(" / ") || "Unnamed position"
  );
}

/** The protocol, and its product where the position's own name does not say it already. */
function place(group: string, product: string | null | undefined, name: string): string {
  return product && !name.includes(product) ? `${group} · ${product}` : group;
}

interface TokensProps {
  tokens: readonly RowTokenFragment[] | null;
  isReward?: boolean;
}

function Tokens({ tokens, isReward = false }: TokensProps) {
  if (!tokens?.length) return null;
  return (
    <ul>
      {tokens.map(({ amount, token }, index) => (
        <li key={`${token.id} ${index}`}>
          {isReward && <Badge tone="good">reward</Badge>} <Amount value={amount} />{" "}
          <Explored url={token.explorerUrl}>
            <Untrusted text={token.symbol || token.name || "unnamed token"} most={18} />
          </Explored>
        </li>
      ))}
    </ul>
  );
}

interface Props {
  position: PositionRowFragment;
  earned: Earned | null | undefined;
}

/** One position. The roles keep it a table where narrow screens stack its cells. */
export const PositionRow = memo(function PositionRow({ position, earned }: Props) {
  const { chainId, protocol, side, status, locked, tokenId, valueUsd } = position;
  const name = title(position);
  const where = protocol && place(protocol.group.name, protocol.subGroup?.name, name);
  return (
    <tr role="row" className={side === "DEBT" ? "row-debt" : undefined}>
      <th scope="row" role="rowheader" className="cell-name">
        <Untrusted text={name} most={56} />
        <span className="marks">
          {side === "DEBT" && <Badge tone="bad">debt</Badge>}
          {locked && <Badge>locked</Badge>}
          {status === "CLOSED" && <Badge>closed</Badge>}
          {status === "UNKNOWN" && <Badge tone="warn">status unknown</Badge>}
          {tokenId !== null && tokenId !== "0" && (
            <Badge title={tokenId}>NFT #{tokenId.length > 10 ? `${tokenId.slice(0, 4)}…${tokenId.slice(-4)}` : tokenId}</Badge>
          )}
        </span>
      </th>
      <td role="cell" className="cell-where">
        <Untrusted text={where || "Unknown protocol"} most={40} />
      </td>
      <td role="cell" className="cell-chain">
        {chainName(chainId)}
      </td>
      <td role="cell" className="cell-tokens">
        <Tokens tokens={position.underlyingTokens} />
        <Tokens tokens={position.rewardTokens} isReward />
      </td>
      <td role="cell" className="cell-profit">
        <Profit earned={earned} />
      </td>
      <td role="cell" className="cell-value">
        <UsdField value={valueUsd} />
      </td>
    </tr>
  );
});
