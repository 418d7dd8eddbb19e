import { memo } from "react";

import type { HoldingRowFragment, KnownAssetFragment } from "../generated";
import { multiply, parse, ZERO, type Decimal } from "../money";
import { Badge } from "../parts/Badge";
import { Explored } from "../parts/Explored";
import { Amount, Usd } from "../parts/Figure";
import { Logo } from "../parts/Logo";
import { Untrusted } from "../parts/Untrusted";
import { Picture } from "./Picture";

interface Props {
  holding: HoldingRowFragment;
  /** Undefined until it is there, and where it cannot be had. */
  known: KnownAssetFragment | undefined;
  /** Whether there is a column for what holdings are worth. */
  isPriced: boolean;
}

/** Dollars, where there is a price; of nothing, none is needed. */
function worth(held: Decimal, price: string | undefined): Decimal | null {
  if (held.units === 0n) return ZERO;
  return price === undefined ? null : multiply(held, parse(price));
}

/** One asset of an account. Its name, unit and url are whatever its creator wrote. */
export const HoldingRow = memo(function HoldingRow({ holding, known, isPriced }: Props) {
  const { amount, displayAmount, isFrozen, asset } = holding;
  const value = displayAmount === null ? null : worth(parse(displayAmount), known?.price?.usd);
  const name = asset?.name || asset?.unitName;
  return (
    <tr role="row">
      <th scope="row" role="rowheader" className="cell-name">
        {known?.resolvedUrl && asset?.isNft && <Picture url={known.resolvedUrl} />}
        {isPriced && <Logo url={known?.logoUrl} symbol={asset?.unitName || name || null} />}
        {name ? (
          <Untrusted text={name} most={48} />
        ) : (
          <span className="quiet">
            {asset?.isDestroyed ? "Destroyed asset" : asset?.nameBase64 ? "Unreadable name" : "Unnamed asset"}
          </span>
        )}
        {" "}
        <span className="marks">
          {isFrozen && <Badge tone="bad">frozen</Badge>}
          {known?.verification === "VERIFIED" && <Badge tone="good">verified</Badge>}
          {known?.verification === "SUSPICIOUS" && <Badge tone="bad">suspicious</Badge>}
          {asset?.isDestroyed && <Badge tone="warn">destroyed</Badge>}
          {asset?.isNft && <Badge tone="accent">NFT</Badge>}
          {asset?.standards?.map((standard) => (
            <Badge key={standard}>{standard.replace("ARC", "ARC-")}</Badge>
          ))}
        </span>
        {asset?.url && (
          <span className="cell-url">
            <Untrusted text={asset.url} most={60} />
          </span>
        )}
      </th>
      <td role="cell" className="cell-id figure">
        <Explored url={asset?.explorerUrl}>{asset?.assetId ?? "unknown"}</Explored>
      </td>
      <td role="cell" className="cell-decimals figure">
        {asset?.decimals ?? "–"}
      </td>
      <td role="cell" className={isPriced ? "cell-tokens" : "cell-value"}>
        {displayAmount === null ? (
          <>
            <Amount value={amount} /> <span className="quiet">base units</span>
          </>
        ) : (
          <>
            <Amount value={displayAmount} />{" "}
            {asset?.unitName && <Untrusted text={asset.unitName} most={10} />}
          </>
        )}
      </td>
      {isPriced && (
        <td role="cell" className="cell-value">
          {value ? (
            <Usd value={value} isTight />
          ) : (
            <span className="quiet">no price</span>
          )}
        </td>
      )}
    </tr>
  );
});
