import type { DateTimeString } from "../../client";
import { Badge } from "./Badge";

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const CALENDAR = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function shown(asOf: DateTimeString): string {
  const moment = new Date(asOf);
  const isToday = moment.toDateString() === new Date().toDateString();
  return (isToday ? CLOCK : CALENDAR).format(moment);
}

/** When the source gave the figures, and whether they are an older answer. */
export function Age({ asOf, isStale }: { asOf: DateTimeString; isStale: boolean }) {
  return (
    <span className="age">
      <span>
        as of <time dateTime={asOf}>{shown(asOf)}</time>
      </span>
      {isStale && (
        <Badge tone="warn" title="No newer answer of the source was at hand.">
          older answer
        </Badge>
      )}
    </span>
  );
}
