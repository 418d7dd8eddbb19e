import { memo } from "react";

import type { HoldingRowFragment } from "../generated";
import { Badge } from "../parts/Badge";
import { Amount } from "../parts/Figure";
import { Untrusted } from "../parts/Untrusted";

/** One asset of an account. Its name, unit and url are whatever its creator wrote. */
export const HoldingRow = memo(function HoldingRow({ holding }: { holding: HoldingRowFragment }) {
  const { amount, displayAmount, isFrozen, asset } = holding;
  const name = asset?.name || asset?.unitName;
  return (
    <tr role="row">
      <th scope="row" role="rowheader" className="cell-name">
        {name ? (
          <Untrusted text={name} most={48} />
        ) : (
          <span className="quiet">
            {asset?.isDestroyed ? "Destroyed asset" : asset?.nameBase64 ? "Unreadable name" : "Unnamed asset"}
          </span>
        )}
        <span className="marks">
          {isFrozen && <Badge tone="bad">frozen</Badge>}
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
        {asset?.assetId ?? "unknown"}
      </td>
      <td role="cell" className="cell-decimals figure">
        {asset?.decimals ?? "–"}
      </td>
      <td role="cell" className="cell-value">
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
    </tr>
  );
});
