import type { DateTimeString } from "../../client";
import { useNow, useScheduleState } from "../refresh/useRefresh";
import { Badge } from "./Badge";

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const CALENDAR = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function shown(asOf: DateTimeString): string {
  const moment = new Date(asOf);
  const isToday = moment.toDateString() === new Date().toDateString();
  return (isToday ? CLOCK : CALENDAR).format(moment);
}

/** Seconds in words: "12 s", "5 min", "3 h", "2 d". */
export function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** How old the figures are, by the server's clock, and whether newer ones should be there. */
export function Age({ asOf, isStale }: { asOf: DateTimeString; isStale: boolean }) {
  const { skew } = useScheduleState();
  const seconds = Math.max(0, Math.floor((useNow() + skew - Date.parse(asOf)) / 1000));
  return (
    <span className="age">
      <span>
        as of <time dateTime={asOf}>{shown(asOf)}</time>,{" "}
        {seconds < 1 ? "just now" : <span className="figure">{span(seconds)} ago</span>}
      </span>
      {isStale && <Older />}
    </span>
  );
}

/** Says of an answer that it is past its time; while a newer one is on its way, just that. */
export function Older() {
  const { isSettling } = useScheduleState();
  if (isSettling) return <Badge>updating…</Badge>;
  return (
    <Badge tone="warn" title="The provider has not given a newer answer yet.">
      older data
    </Badge>
  );
}

/** When the page will refresh itself. */
export function NextRefresh() {
  const { dueAt, isBusy } = useScheduleState();
  const now = useNow();
  if (isBusy) return <>refreshing…</>;
  if (dueAt === null) return null;
  const seconds = Math.ceil((dueAt - now) / 1000);
  return seconds > 0 ? (
    <>
      next refresh in <span className="figure">{span(seconds)}</span>
    </>
  ) : (
    <>refreshing…</>
  );
}
