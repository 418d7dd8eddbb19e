"""In process: the stock executor, the compiled one and a hand-written floor, side by side.

Run with `python -m bench.inprocess`. All three answer the same wide query over the same
records; rounds are interleaved, so that a busy machine slows all of them, and processor time
is counted. Then: how long a dashboard's query takes to compile.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
import strawberry
from aiodataloader import DataLoader
from graphql import parse

from bench.sample import BATCH, DASHBOARD, TINY, WIDE, Row, floor, rows, schema
from compiler import CompiledExecutor, compile  # noqa: A004
from compiler.generate import code_of
from compiler.plan import selections


def count_fields(data: Any) -> int:
    """Response keys in an answer."""
    if isinstance(data, dict):
        return len(data) + sum(map(count_fields, data.values()))
    if isinstance(data, list):
        return sum(map(count_fields, data))
    return 0


def seconds(function: Callable[[], Any]) -> float:
    """The processor time of one call, which a busy machine disturbs less than the clock."""
    gc.collect()
    start = time.thread_time()
    function()
    return time.thread_time() - start


def main(rounds: int = 15) -> None:
    """Print the table."""
    given = rows(1000)
    small = rows(50)
    loop = asyncio.new_event_loop()
    stock, compiled = schema(None), schema(CompiledExecutor)

    def ask(on: strawberry.Schema, text: str, context: Any) -> Any:
        return loop.run_until_complete(on.execute(text, context_value=context)).data

    assert ask(stock, WIDE, given) == ask(compiled, WIDE, given) == floor(given)
    assert list(ask(compiled, WIDE, given)["positions"][0]) == list(floor(given)["positions"][0])
    encode = msgspec.json.encode
    raw = encode(given)
    decoder = msgspec.json.Decoder(list[Row])

    async def batch(on: strawberry.Schema) -> Any:
        async def load(numbers: list[int]) -> list[list[Row]]:
            return [given[number * 10 : number * 10 + 10] for number in numbers]

        return await on.execute(BATCH, context_value=DataLoader(load))

    assert (
        loop.run_until_complete(batch(stock)).data == loop.run_until_complete(batch(compiled)).data
    )
    runs: dict[str, Callable[[], Any]] = {
        "wide, floor": lambda: floor(given),
        "wide, compiled": lambda: ask(compiled, WIDE, given),
        "wide, stock": lambda: ask(stock, WIDE, given),
        "wide, floor + encode": lambda: encode(floor(given)),
        "wide, compiled + encode": lambda: encode({"data": ask(compiled, WIDE, given)}),
        "wide, stock + encode": lambda: encode({"data": ask(stock, WIDE, given)}),
        "wide, decode + floor + encode": lambda: encode(floor(decoder.decode(raw))),
        "wide, decode + compiled + encode": lambda: encode(
            {"data": ask(compiled, WIDE, decoder.decode(raw))}
        ),
        "batch, compiled": lambda: loop.run_until_complete(batch(compiled)),
        "batch, stock": lambda: loop.run_until_complete(batch(stock)),
        "dashboard, compiled": lambda: ask(compiled, DASHBOARD, small),
        "dashboard, stock": lambda: ask(stock, DASHBOARD, small),
        "tiny, compiled": lambda: ask(compiled, TINY, small),
        "tiny, stock": lambda: ask(stock, TINY, small),
    }
    for run in runs.values():
        for _ in range(3):
            run()
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(seconds(run))
    print(f"{sys.version.split()[0]}; {count_fields(floor(given))} fields; medians of {rounds}")
    for name, taken in times.items():
        print(f"{name:34} {statistics.median(taken) * 1e3:9.3f} ms")

    def ratio(a: str, b: str) -> float:
        pairs = zip(times[a], times[b], strict=True)
        return statistics.median(left / right for left, right in pairs)

    print(f"wide: stock / compiled             {ratio('wide, stock', 'wide, compiled'):7.2f}")
    print(f"wide: compiled / floor             {ratio('wide, compiled', 'wide, floor'):7.2f}")
    both = ratio("wide, compiled + encode", "wide, floor + encode")
    print(f"wide: the same, with encode        {both:7.2f}")
    whole = ratio("wide, decode + compiled + encode", "wide, decode + floor + encode")
    print(f"wide: the same, with both codecs   {whole:7.2f}")
    print(f"batch: stock / compiled            {ratio('batch, stock', 'batch, compiled'):7.2f}")
    print(
        f"dashboard: stock / compiled        "
        f"{ratio('dashboard, stock', 'dashboard, compiled'):7.2f}"
    )
    print(f"tiny: stock / compiled             {ratio('tiny, stock', 'tiny, compiled'):7.2f}")
    compile_times(stock, loop, small)


def compile_times(stock: strawberry.Schema, loop: Any, small: list[Row]) -> None:
    """How long a plan takes to make, and after how many uses it has paid for itself."""
    document = parse(DASHBOARD)
    core: Any = stock._schema

    def plan() -> None:
        made = compile(core, document)
        assert made is not None
        variables = CompiledExecutor.build(core, document).variable_values
        made.root(variables)

    plan()
    taken = statistics.median(seconds(plan) for _ in range(15))
    print(f"dashboard: a plan takes            {taken * 1e3:7.2f} ms")
    made = compile(core, document)
    assert made is not None
    root = made.root(CompiledExecutor.build(core, document).variable_values)
    assert root is not None

    def generated() -> None:
        for each in selections(root):
            each.fast = None
        for each in selections(root):
            if each.fast is None and not each.is_inlined:
                each.make(each)

    def generated_anew() -> None:
        code_of.cache_clear()
        generated()

    cold = statistics.median(seconds(generated_anew) for _ in range(15))
    warm = statistics.median(seconds(generated) for _ in range(15))
    print(f"dashboard: its functions, once hot {cold * 1e3:7.2f} ms")
    print(f"dashboard: of a structure known    {warm * 1e3:7.2f} ms")
    spent = {"stock": 0.0, "compiled": 0.0}
    for use in range(1, 6):
        for name in spent:
            used: list[float] = []
            for _ in range(5):
                on = schema(CompiledExecutor if name == "compiled" else None)
                loop.run_until_complete(on.execute(TINY, context_value=small))
                CompiledExecutor.plans.clear()
                total = 0.0
                for _ in range(use):
                    total += seconds(
                        lambda: loop.run_until_complete(
                            on.execute(DASHBOARD, context_value=small)  # noqa: B023
                        )
                    )
                used.append(total)
            spent[name] = statistics.median(used)
        print(
            f"dashboard: first {use} uses, stock {spent['stock'] * 1e3:7.2f} ms,"
            f" compiled {spent['compiled'] * 1e3:7.2f} ms"
        )


if __name__ == "__main__":
    main()
