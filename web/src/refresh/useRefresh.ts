/** The page's one schedule, for its parts. */
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from "react";

import { Schedule, type State } from "./schedule";

export const ScheduleContext = createContext(new Schedule());

const SECOND_MS = 1_000;

export function useScheduleState(): State {
  const schedule = useContext(ScheduleContext);
  return useSyncExternalStore(schedule.subscribe, () => schedule.state);
}

/** Has `task` done at every refresh. */
export function useRefreshed(task: () => Promise<unknown>): void {
  const schedule = useContext(ScheduleContext);
  const latest = useRef(task);
  useEffect(() => {
    latest.current = task;
  });
  useEffect(() => schedule.join(() => latest.current()), [schedule]);
}

let now = Date.now();

/** A second on, also when the page comes back into view; nothing happens while nobody looks. */
function everySecond(listener: () => void): () => void {
  const tick = () => {
    if (document.visibilityState === "hidden") return;
    now = Date.now();
    listener();
  };
  const timer = setInterval(tick, SECOND_MS);
  document.addEventListener("visibilitychange", tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  };
}

/** This machine's time in milliseconds, a second exact, while the page is in view. */
export function useNow(): number {
  return useSyncExternalStore(everySecond, () => now);
}

/** Keeps the schedule going while the page is in view. */
export function useTicking(): void {
  const schedule = useContext(ScheduleContext);
  useEffect(() => everySecond(() => schedule.tick()), [schedule]);
}
