"""Where generated code hands over: an odd value, the rest of a list, the rest of an object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from compiler.leaves import PLAIN, Cell, must_await
from compiler.links import Link, freeze
from compiler.plan import FieldPlan, Listing, Object, Selection, Shape
from compiler.run import (
    abandon,
    complete,
    complete_awaitable,
    failed,
    fill,
    gather_fields,
    run_field,
    run_fields,
    run_selection,
    settle,
)
from compiler.signals import Pending, Raw

MOST_INLINE = 256
"""Items of a list that are completed without a look at the time, and left as they are."""

MOST_KEPT = 8
"""Objects a record keeps: operations in use, as far as they ask for different fields of it."""


def odd_value(shape: Shape, field: FieldPlan, cell: Cell | None) -> Callable[[Any, Link, Any], Any]:
    """Completes a value that the inline check did not know, and teaches the check its class."""

    def odd(value: Any, link: Link, run: Any) -> Any:
        return complete_odd(shape, field, cell, value, link, run)

    return odd


def complete_odd(
    shape: Shape, field: FieldPlan, cell: Cell | None, value: Any, link: Link, run: Any
) -> Any:
    """The same, for whoever has them at hand."""
    cls = type(value)
    if cls not in PLAIN and must_await(value):
        raise Raw(value)
    done = complete(shape, field, freeze(link), value, run)
    if type(done) not in PLAIN and must_await(done):
        raise Pending(done)
    if cell is not None and done is not None:
        test = shape.selection.test if isinstance(shape, Object) else None
        if test is None or cls in test.classes:
            cell.cls = cls
    return done


def kept_object(shape: Object) -> Callable[[Any, Link, Any], Any]:
    """Completes a record of a usual class that keeps its objects, and keeps this one."""
    selection = shape.selection

    def make(record: Any, link: Link, run: Any) -> Any:
        before = run.error_count()
        done = run_selection(selection, record, freeze(link), run)
        if type(done) not in PLAIN and must_await(done):
            raise Pending(done)
        if run.keep is None or run.error_count() != before:
            return done
        if len(record.kept) >= MOST_KEPT:
            record.kept.clear()
        done, _ = run.keep(done)
        record.kept[selection.serial] = done
        return done

    return make


def loop_of(shape: Listing) -> Loop | None:
    """A tight loop over objects that never wait; None for other lists."""
    item = shape.item
    if not isinstance(item, Object) or item.selection.may_wait:
        return None
    return Loop(item.selection)


class Loop:
    """Completes lists of objects of one selection; raises Pending where that takes several turns.

    It is told the list's shape and field anew each time: plans are trees, so that one that is
    given up goes at once.
    """

    __slots__ = ("cell", "selection")

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.cell = Cell()

    def __call__(self, shape: Listing, field: FieldPlan, values: Any, link: Link, run: Any) -> Any:
        if run.refusal is not None:
            raise run.refusal.with_traceback(None)
        return self.more(shape, field, iter(values), len(values), [], link, run)

    def more(
        self,
        shape: Listing,
        field: FieldPlan,
        iterator: Iterator[Any],
        count: int,
        items: list[Any],
        link: Link,
        run: Any,
    ) -> Any:
        """Complete what the iterator still holds, of `count` items in all."""
        fast: Any = self.selection.fast
        cell, item, append = self.cell, shape.item, items.append
        inner = (link, items)
        pace = run.pace
        stretch = count if pace is None else run.stretch
        while True:
            try:
                for value in islice(iterator, stretch):
                    if type(value) is cell.cls:
                        append(fast(value, inner, run))
                    else:
                        append(complete_odd(item, field, cell, value, inner, run))
            except Exception as error:
                return complete_rest(shape, field, error, items, iterator, link, run)
            if len(items) >= count:
                return items if run.pack is None or count < MOST_INLINE else run.pack(items)
            if pace.is_due():
                link = freeze(link)
                raise Pending(self.later(shape, field, iterator, count, items, link, run))

    async def later(
        self,
        shape: Listing,
        field: FieldPlan,
        iterator: Iterator[Any],
        count: int,
        items: list[Any],
        link: Link,
        run: Any,
    ) -> Any:
        """The same, when others have had their turn."""
        try:
            await run.pace.turn()
        except Exception:
            abandon(iterator, [], run)
            raise
        try:
            return self.more(shape, field, iterator, count, items, link, run)
        except Pending as pending:
            return await pending.awaitable


def rest_of_list(
    shape: Listing, field: FieldPlan
) -> Callable[[Exception, list[Any], Iterator[Any], Link, Any], Any]:
    """Deals with the item at which a loop stopped, then with those behind it."""

    def rest(
        error: Exception, items: list[Any], iterator: Iterator[Any], link: Link, run: Any
    ) -> Any:
        return complete_rest(shape, field, error, items, iterator, link, run)

    return rest


def complete_rest(
    shape: Listing,
    field: FieldPlan,
    error: Exception,
    items: list[Any],
    iterator: Iterator[Any],
    link: Link,
    run: Any,
) -> Any:
    """The same, for whoever has them at hand."""
    link = freeze(link)
    here = (link, len(items))
    waiting: list[int] = []
    try:
        item, waits = outcome(error, shape.item, field, here, run)
    except Exception:
        abandon(iterator, [], run)
        raise
    if waits:
        waiting.append(len(items))
    items.append(item)
    done = fill(shape, field, link, iterator, items, waiting, run)
    if done is not items:
        raise Pending(done)
    return done


def outcome(
    error: Exception, shape: Shape, field: FieldPlan, link: Link, run: Any
) -> tuple[Any, bool]:
    """What a raised signal or error makes of the value at `link`, and whether that waits."""
    if type(error) is Raw:
        return complete_awaitable(shape, field, link, error.awaitable, run), True
    if type(error) is Pending:
        return settle(error.awaitable, shape, field, link, run), True
    return failed(error, shape, field, link, run), False


def rest_of_object(
    fields: list[FieldPlan], before: str = ""
) -> Callable[[Any, Link, Any, dict[str, Any], Exception], Any]:
    """Deals with the field at which the function stopped, then with those behind it.

    `values` are the function's variables: n is the index of the field, and the v are what the
    fields before it gave; those of this object have `before` in their names.
    """

    def rest(record: Any, link: Link, run: Any, values: dict[str, Any], error: Exception) -> Any:
        index = values[f"n{before}"]
        done: dict[str, Any] = {}
        waiting: list[str] = []
        for number, field in enumerate(fields[:index]):
            value = done[field.key] = values[f"v{before}{number}"]
            if type(value) not in PLAIN and must_await(value):
                waiting.append(field.key)
        # The snapshot of the frame's variables holds the error, and the error the frame.
        values.clear()
        link = freeze(link)
        field = fields[index]
        try:
            value, waits = outcome(error, field.shape, field, (link, field), run)
        except Exception:
            if waiting:
                run.settle_in_background([done[key] for key in waiting])
            raise
        done[field.key] = value
        if waits:
            waiting.append(field.key)
        result = run_fields(fields[index + 1 :], record, link, run, done, waiting)
        if result is not done:
            raise Pending(result)
        return result

    return rest


def whole_field(field: FieldPlan) -> Callable[[Any, Link, Any], Any]:
    """A field that may wait, from reading to completion."""
    return lambda record, link, run: run_field(field, record, (freeze(link), field), run)


def kept_list(field: FieldPlan) -> Callable[[Any, Link, Any], Any]:
    """A list that is kept and never waits, as far as is known, from reading to completion."""
    whole = whole_field(field)

    def made(record: Any, link: Link, run: Any) -> Any:
        done = whole(record, link, run)
        if type(done) not in PLAIN and must_await(done):
            # A long one lets others have their turn.
            raise Pending(done)
        return done

    return made


def finish(keys: list[str]) -> Callable[[dict[str, Any], Any], Any]:
    """The dict of a function with fields that may wait, or an awaitable of it."""

    def finished(done: dict[str, Any], run: Any) -> Any:
        waiting = [key for key in keys if type(done[key]) not in PLAIN and must_await(done[key])]
        return gather_fields(done, waiting) if waiting else done

    return finished
