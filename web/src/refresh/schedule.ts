/**
 * When the page asks again. The server says of each answer for how long no newer one can be had; after
 * that time the page refreshes itself. An old answer means that a newer one is on its way, or that the
 * provider is in trouble: the page looks again soon, and ever less often.
 */

export interface Answer {
  /** What was asked, as answers to one question are compared. */
  question: string;
  /** Seconds for which the server has nothing newer; null where it does not say. */
  freshFor: number | null;
  /** Whether it was an old answer, or had failures that may pass. */
  isOld: boolean;
  /** Of an old answer, when its oldest part was given, in milliseconds; null of a failure. */
  asOf: number | null;
  /** The server's clock less ours, in milliseconds; null where it does not say. */
  skew: number | null;
}

const LEAST_MS = 5_000;
const MOST_MS = 300_000;
// Where the server does not say, as beside an address that is none.
const USUAL_MS = 30_000;
// An age is told in whole seconds: at the end of the last one the next answer is new.
const ROUNDING_MS = 1_000;
const FIRST_RETRY_MS = 1_500;
const MOST_RETRY_MS = 60_000;
// A second look is the ordinary course: the first one makes the server ask for a newer answer.
const USUAL_RETRIES = 1;

/** The seconds in a `Cache-Control` header; null where the answer is not to be kept. */
export function maxAge(header: string | null): number | null {
  const found = /(?:^|[\s,])max-age=([0-9]+)/i.exec(header ?? "");
  return found ? Number(found[1]) : null;
}

export interface State {
  /** When the next refresh is due, in milliseconds of this machine's clock; null before any answer. */
  dueAt: number | null;
  isBusy: boolean;
  /** Whether what is old is about to be replaced, as far as one can tell. */
  isSettling: boolean;
  skew: number;
}

export class Schedule {
  state: State = { dueAt: null, isBusy: false, isSettling: false, skew: 0 };
  #tasks = new Set<() => Promise<unknown>>();
  #listeners = new Set<() => void>();
  #retries = 0;
  #hasOld = false;
  /** Whether a question got the same old answer again, or none. */
  #isStuck = false;
  #last = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes part in every refresh until the returned function is called. */
  join(task: () => Promise<unknown>): () => void {
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** Notes an answer that is now shown. */
  note({ question, freshFor, isOld, asOf, skew }: Answer): void {
    if (isOld) {
      this.#hasOld = true;
      if (asOf === null || asOf <= (this.#last.get(question) ?? -Infinity)) this.#isStuck = true;
      if (asOf !== null) this.#last.set(question, asOf);
    }
    const wait = isOld
      ? Math.min(FIRST_RETRY_MS * 2 ** this.#retries, MOST_RETRY_MS)
      : freshFor === null
        ? USUAL_MS
        : Math.min(Math.max(freshFor * 1000 + ROUNDING_MS, LEAST_MS), MOST_MS);
    const at = this.now() + wait;
    const { dueAt, isBusy, isSettling } = this.state;
    this.#set({
      dueAt: dueAt === null || at < dueAt ? at : dueAt,
      // Until all answers of a refresh are there, the old ones of some are still shown.
      isSettling: (isBusy && isSettling) || this.#isSettling(),
      ...(skew !== null && { skew }),
    });
  }

  /** Refreshes if it is time. */
  tick(): void {
    const { dueAt, isBusy } = this.state;
    if (!isBusy && dueAt !== null && this.now() >= dueAt) void this.#refresh();
  }

  /** Refreshes now, because the reader wants it. */
  refresh = (): void => {
    if (this.state.isBusy) return;
    this.#isStuck = false;
    void this.#refresh();
  };

  async #refresh(): Promise<void> {
    this.#retries = this.#hasOld && this.#isStuck ? this.#retries + 1 : 0;
    this.#hasOld = this.#isStuck = false;
    this.#set({ isBusy: true, dueAt: null });
    await Promise.allSettled([...this.#tasks].map((task) => task()));
    this.#set({
      isBusy: false,
      isSettling: this.#isSettling(),
      dueAt: this.state.dueAt ?? this.now() + USUAL_MS,
    });
  }

  #isSettling(): boolean {
    return this.#hasOld && !(this.#isStuck && this.#retries >= USUAL_RETRIES);
  }

  #set(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.#listeners) listener();
  }
}
