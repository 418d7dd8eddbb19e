import { describe, expect, it } from "vitest";

import { maxAge, Schedule, type Answer } from "../src/refresh/schedule";

const FRESH: Answer = { question: "q", freshFor: 28, isOld: false, asOf: null, skew: null };
const OLD: Answer = { ...FRESH, freshFor: null, isOld: true, asOf: 7 };

/** A schedule on a clock of its own, whose only task is answered with these in turn. */
function playing(...answers: Answer[]) {
  const clock = { now: 0 };
  const schedule = new Schedule(() => clock.now);
  let asked = 0;
  schedule.join(async () => {
    const answer = answers[asked];
    asked += 1;
    if (answer) schedule.note(answer);
  });
  return {
    schedule,
    asked: () => asked,
    async until(moment: number) {
      for (; clock.now < moment; clock.now += 500) {
        schedule.tick();
        await Promise.resolve().then(() => {});
        await new Promise(setImmediate);
      }
    },
  };
}

it("reads how long an answer is fresh", () => {
  expect(maxAge("public, max-age=28")).toBe(28);
  expect(maxAge("private,max-age=5")).toBe(5);
  expect(maxAge("s-max-age=5")).toBe(null);
  expect(maxAge("no-store")).toBe(null);
  expect(maxAge(null)).toBe(null);
});

describe("a refresh", () => {
  it("comes when the answers' time is over, and not before", async () => {
    const { schedule, asked, until } = playing(FRESH, FRESH);
    schedule.note(FRESH);
    await until(29_000);
    expect(asked()).toBe(0);
    await until(29_500);
    expect(asked()).toBe(1);
    expect(schedule.state).toMatchObject({ isBusy: false, dueAt: 58_000, isSettling: false });
  });

  it("follows the answer that is out of date first", async () => {
    const { schedule, asked, until } = playing(FRESH);
    schedule.note(FRESH);
    schedule.note({ ...FRESH, freshFor: 9 });
    schedule.note({ ...FRESH, freshFor: 20 });
    await until(10_500);
    expect(asked()).toBe(1);
  });

  it("looks again soon where it was given the old answer once more, until there is a new one", async () => {
    const { schedule, asked, until } = playing(OLD, FRESH);
    schedule.refresh();
    await until(500);
    expect([asked(), schedule.state.isSettling]).toEqual([1, true]);
    await until(2_500);
    expect([asked(), schedule.state.isSettling]).toEqual([2, false]);
    await until(20_000);
    expect(asked()).toBe(2);
  });

  it("asks ever less often where nothing newer comes, and stops promising it", async () => {
    const { schedule, asked, until } = playing(...Array.from({ length: 50 }, () => OLD));
    schedule.note(OLD);
    expect(schedule.state.isSettling).toBe(true);
    await until(2_000);
    expect([asked(), schedule.state.isSettling]).toEqual([1, true]);
    await until(3_500);
    expect([asked(), schedule.state.isSettling]).toEqual([2, false]);
    await until(30_000);
    expect([asked(), schedule.state.isSettling]).toEqual([5, false]);
    await until(600_000);
    expect(asked()).toBeLessThan(16);
  });

  it("does not call old what is newer than before, however soon it is out of date", async () => {
    const { schedule, until } = playing(...[8, 9, 10, 11, 12].map((asOf) => ({ ...OLD, asOf })));
    schedule.note(OLD);
    for (const moment of [2_000, 3_500, 5_000, 6_500]) {
      await until(moment);
      expect(schedule.state.isSettling).toBe(true);
    }
  });

  it("does not hurry where the server does not say, or says very little", async () => {
    const unsaid = playing({ ...FRESH, freshFor: null });
    unsaid.schedule.note({ ...FRESH, freshFor: null });
    await unsaid.until(29_500);
    expect(unsaid.asked()).toBe(0);
    const brief = playing({ ...FRESH, freshFor: 1 });
    brief.schedule.note({ ...FRESH, freshFor: 1 });
    await brief.until(5_000);
    expect(brief.asked()).toBe(0);
  });

  it("calls old figures on their way until all answers of a refresh are there", async () => {
    const schedule = new Schedule(() => 0);
    let end = () => {};
    schedule.join(() => new Promise<void>((resolve) => (end = resolve)));
    schedule.note(OLD);
    schedule.refresh();
    schedule.note({ ...FRESH, question: "another" });
    expect(schedule.state.isSettling).toBe(true);
    end();
    await Promise.resolve().then(() => {}).then(() => {}).then(() => {});
    expect(schedule.state).toMatchObject({ isBusy: false, isSettling: false });
  });

  it("is one at a time", async () => {
    const clock = new Schedule(() => 0);
    let asked = 0;
    clock.join(() => {
      asked += 1;
      return new Promise(() => {});
    });
    clock.refresh();
    clock.refresh();
    clock.tick();
    expect(asked).toBe(1);
  });
});
