"""Running a plan: the flow of graphql-core's executor over plan nodes, step for step.

`run` is the CompiledExecutor of the operation: what is subtle and rare (the text and place of
errors, null propagation, settling what nobody waits for any more) is graphql-core's own code,
inherited by it. Here is the order in which things happen, with the work that does not depend
on the records already done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import Any

from graphql import Undefined
from graphql.execution.executor import collect_iterator_awaitables, invalid_return_type_error
from graphql.pyutils import gather_with_cancel

from compiler.fields import CLASSES_KEPT
from compiler.leaves import PLAIN, complete_leaf, must_await, null_error
from compiler.links import Link, freeze, of_field, to_path
from compiler.plan import Abstract, FieldPlan, Leaf, Listing, Object, Selection, Shape
from compiler.signals import Pending


def run_selection(selection: Selection, record: Any, link: Link, run: Any) -> Any:
    """The dict of a selection over one record, or an awaitable of it."""
    fast = selection.fast
    if fast is None:
        selection.heat += 1
        if selection.heat <= selection.hot:
            return run_fields(selection.fields, record, link, run, {}, [])
        fast = selection.make(selection)
    try:
        return fast(record, link, run)
    except Pending as pending:
        return pending.awaitable


def run_fields(
    fields: list[FieldPlan],
    record: Any,
    link: Link,
    run: Any,
    done: dict[str, Any],
    waiting: list[str],
) -> Any:
    """Put `fields` into `done`; the dict, or an awaitable of it if any key is waiting."""
    try:
        for field in fields:
            value = run_field(field, record, (link, field), run)
            done[field.key] = value
            if type(value) not in PLAIN and must_await(value):
                waiting.append(field.key)
    except Exception:
        if waiting:
            run.settle_in_background([done[key] for key in waiting])
        raise
    return gather_fields(done, waiting) if waiting else done


async def gather_fields(done: dict[str, Any], waiting: list[str]) -> dict[str, Any]:
    """Await the waiting keys together."""
    if len(waiting) == 1:
        done[waiting[0]] = await done[waiting[0]]
    else:
        values = await gather_with_cancel(*(done[key] for key in waiting))
        done.update(zip(waiting, values, strict=True))
    return done


def run_field(field: FieldPlan, record: Any, link: Link, run: Any) -> Any:
    """One field: its value, None after an error, or an awaitable of either."""
    if field.serial and run.keep is not None and record.list_cache is not None:
        return kept_field(field, record, link, run)
    return fresh_field(field, record, link, run)


def kept_field(field: FieldPlan, record: Any, link: Link, run: Any) -> Any:
    """A field whose completed list is in the list cache, or is put there if it is wanted."""
    list_cache = record.list_cache
    kept = list_cache.get(field.serial)
    if kept is not None:
        return kept
    before = run.error_count()
    done = fresh_field(field, record, link, run)
    if type(done) not in PLAIN and run.size_of(done) is None and must_await(done):
        return kept_later(field, list_cache, before, done, run)
    return keep(field, list_cache, before, done, run)


async def kept_later(
    field: FieldPlan, list_cache: Any, before: int, done: Awaitable[Any], run: Any
) -> Any:
    """The same for a list that took several turns."""
    return keep(field, list_cache, before, await done, run)


def keep(field: FieldPlan, list_cache: Any, before: int, done: Any, run: Any) -> Any:
    """What a completed list comes to, kept if it is wanted and has no errors in it."""
    size = None if type(done) is list else run.size_of(done)
    is_whole = (type(done) is list or size is not None) and run.error_count() == before
    if is_whole and list_cache.wants(field.serial):
        if size is None:
            done, size = run.keep(done)
        list_cache.put(field.serial, done, size)
    return done


def fresh_field(field: FieldPlan, record: Any, link: Link, run: Any) -> Any:
    """The same, from the record."""
    try:
        value = field.read(record, link, run)
        if type(value) not in PLAIN and must_await(value):
            return complete_awaitable(field.shape, field, link, value, run)
        done = complete(field.shape, field, link, value, run)
        if type(done) not in PLAIN and must_await(done):
            return settle(done, field.shape, field, link, run)
    except Exception as error:
        return failed(error, field.shape, field, link, run)
    return done


def failed(error: Exception, shape: Shape, field: FieldPlan, link: Link, run: Any) -> Any:
    """Record the error and give null, or raise it located if null is not allowed here."""
    return run.handle_field_error(error, shape.declared, field.details, to_path(link))


async def complete_awaitable(
    shape: Shape, field: FieldPlan, link: Link, value: Awaitable[Any], run: Any
) -> Any:
    """Await what a resolver or an item gave, then complete it."""
    try:
        given = await value
        if run.pace is not None and run.pace.is_due():
            await run.pace.turn()
        done = complete(shape, field, link, given, run)
        if type(done) not in PLAIN and must_await(done):
            done = await done
    except Exception as error:
        return failed(error, shape, field, link, run)
    return done


async def settle(done: Awaitable[Any], shape: Shape, field: FieldPlan, link: Link, run: Any) -> Any:
    """Await a value whose inside is being completed."""
    try:
        return await done
    except Exception as error:
        return failed(error, shape, field, link, run)


def complete(shape: Shape, field: FieldPlan, link: Link, value: Any, run: Any) -> Any:
    """Complete a value that is not awaitable; may give an awaitable, raises field errors."""
    if isinstance(value, Exception):
        # It may stand at many places: each begins its traceback anew.
        raise value.with_traceback(None)
    if value is None or value is Undefined:
        if shape.non_null:
            raise null_error(str(field.parent), field.name)
        return None
    if type(shape) is Leaf:
        return complete_leaf(shape, value)
    if type(shape) is Object:
        return complete_object(shape.selection, field, link, value, run)
    if type(shape) is Listing:
        return complete_list(shape, field, link, value, run)
    return complete_abstract(shape, field, link, value, run)  # type: ignore[arg-type]


def complete_list(shape: Listing, field: FieldPlan, link: Link, value: Any, run: Any) -> Any:
    """A list or a tuple here; other iterables, async ones and mistakes by graphql-core itself."""
    if type(value) is not list and type(value) is not tuple:
        declared: Any = shape.declared
        declared = declared.of_type if shape.non_null else declared
        info = make_info(field, of_field(link), run)
        return run.complete_list_value(declared, field.details, info, to_path(link), value, None)
    if shape.loop is not None and is_hot(shape.item.selection, len(value)):  # type: ignore[union-attr]
        try:
            return shape.loop(shape, field, value, link, run)
        except Pending as pending:
            return pending.awaitable
    return fill(shape, field, link, iter(value), [], [], run)


def is_hot(selection: Selection, count: int) -> bool:
    """Whether `count` more objects are worth a generated function; makes it if it is missing."""
    if selection.fast is None:
        selection.heat += count
        if selection.heat <= selection.hot:
            selection.heat -= count
            return False
        selection.make(selection)
    return True


def fill(
    shape: Listing,
    field: FieldPlan,
    link: Link,
    iterator: Iterator[Any],
    items: list[Any],
    waiting: list[int],
    run: Any,
) -> Any:
    """Complete what the iterator still holds behind `items`."""
    inner = shape.item
    pace = run.pace
    left = run.stretch
    try:
        for value in iterator:
            item, waits = complete_item(inner, field, (link, len(items)), value, run)
            if waits:
                waiting.append(len(items))
            items.append(item)
            if pace is not None:
                left -= 1
                if left <= 0:
                    left = run.stretch
                    if pace.is_due():
                        return fill_later(shape, field, link, iterator, items, waiting, run)
    except Exception:
        abandon(iterator, [items[index] for index in waiting], run)
        raise
    return gather_items(items, waiting) if waiting else items


async def fill_later(
    shape: Listing,
    field: FieldPlan,
    link: Link,
    iterator: Iterator[Any],
    items: list[Any],
    waiting: list[int],
    run: Any,
) -> Any:
    """The same, when others have had their turn."""
    try:
        await run.pace.turn()
    except Exception:
        abandon(iterator, [items[index] for index in waiting], run)
        raise
    done = fill(shape, field, freeze(link), iterator, items, waiting, run)
    return done if done is items else await done


def abandon(iterator: Iterator[Any], waiting: list[Any], run: Any) -> None:
    """Settle what a list that has failed still waits for, completed or not."""
    abandoned = [*waiting, *collect_iterator_awaitables(iterator, run.is_awaitable)]
    if abandoned:
        run.settle_in_background(abandoned)


def complete_item(
    shape: Shape, field: FieldPlan, link: Link, value: Any, run: Any
) -> tuple[Any, bool]:
    """One item of a list, and whether it is an awaitable."""
    if type(value) not in PLAIN and must_await(value):
        return complete_awaitable(shape, field, link, value, run), True
    try:
        done = complete(shape, field, link, value, run)
    except Exception as error:
        return failed(error, shape, field, link, run), False
    if type(done) not in PLAIN and must_await(done):
        return settle(done, shape, field, link, run), True
    return done, False


async def gather_items(items: list[Any], waiting: list[int]) -> list[Any]:
    """Await the waiting items together."""
    if len(waiting) == 1:
        items[waiting[0]] = await items[waiting[0]]
    else:
        values = await gather_with_cancel(*(items[index] for index in waiting))
        for index, value in zip(waiting, values, strict=True):
            items[index] = value
    return items


def make_info(field: FieldPlan, link: Link, run: Any) -> Any:
    """The GraphQLResolveInfo of the field at this place."""
    return run.build_resolve_info(field.definition, list(field.nodes), field.parent, to_path(link))


def complete_abstract(shape: Abstract, field: FieldPlan, link: Link, value: Any, run: Any) -> Any:
    """Ask for the value's type, then complete it as that."""
    known = shape.known.get(type(value))
    if known is not None:
        return run_selection(known, value, link, run)
    info = make_info(field, of_field(link), run)
    resolve_type = shape.type.resolve_type or run.type_resolver
    name: Any = resolve_type(value, info, shape.type)
    if type(name) is not str and run.is_awaitable(name):
        return complete_abstract_later(shape, field, link, value, name, info, run)
    type_ = run.ensure_valid_runtime_type(name, shape.type, field.details, info, value)
    selection = shape.select(type_)
    if len(shape.known) < CLASSES_KEPT and shape.by_class(value):
        shape.known[type(value)] = selection
    return complete_object(selection, field, link, value, run)


async def complete_abstract_later(
    shape: Abstract,
    field: FieldPlan,
    link: Link,
    value: Any,
    name: Awaitable[Any],
    info: Any,
    run: Any,
) -> Any:
    """The same, when the type's name has to be awaited."""
    type_ = run.ensure_valid_runtime_type(await name, shape.type, field.details, info, value)
    done = complete_object(shape.select(type_), field, link, value, run)
    return await done if type(done) not in PLAIN and must_await(done) else done


def complete_object(
    selection: Selection, field: FieldPlan, link: Link, value: Any, run: Any
) -> Any:
    """Check the value's type where the schema can, then run the selection over it."""
    test = selection.test
    if test is not None and type(value) not in test.classes:
        info = make_info(field, of_field(link), run) if test.needs_info else None
        answer = test.function(value, info)
        if answer is not True and run.is_awaitable(answer):
            return complete_object_later(selection, field, link, value, answer, run)
        if not answer:
            raise invalid_return_type_error(selection.type, value, field.details)
        test.remember(value)
    return run_selection(selection, value, link, run)


async def complete_object_later(
    selection: Selection,
    field: FieldPlan,
    link: Link,
    value: Any,
    answer: Awaitable[Any],
    run: Any,
) -> Any:
    """The same, when is_type_of has to be awaited."""
    if not await answer:
        raise invalid_return_type_error(selection.type, value, field.details)
    done = run_selection(selection, value, link, run)
    return await done if type(done) not in PLAIN and must_await(done) else done
