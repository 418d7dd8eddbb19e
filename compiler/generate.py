"""Source for the hot loops: one small function a selection, made from the schema's names alone.

The function reads a record's fields in order into v0, v1, ... and returns the dict. Response
keys, resolvers and everything else the client or the schema supplies are constants of its
namespace; in its text are only names of records' attributes and expressions of scalars, from the
schema. It knows the usual case. For anything else (null, an error, an awaitable, a value of
another class) it calls a helper, and when something is raised it hands over what it has to
`rest_of_object`, which goes on with the plain functions of run.py: no resolver runs twice. Objects
below that never wait are written into the function itself, in a block with a helper of its own.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from keyword import iskeyword
from threading import Lock
from types import CodeType, FunctionType
from typing import Any

from cachetools import LRUCache, cached
from graphql import Undefined

from compiler.leaves import Cell, OddLeaf, refused
from compiler.links import freeze
from compiler.plan import Fast, FieldPlan, Leaf, Listing, Object, Selection, Shape
from compiler.resume import (
    MOST_INLINE,
    finish,
    kept_list,
    kept_object,
    odd_value,
    rest_of_list,
    rest_of_object,
    whole_field,
)

CODES_BYTES = 10_000_000


def code_bytes(code: CodeType) -> int:
    """Estimated bytes of a function's code with the text that it is kept by."""
    # Measured: with what it refers to it takes 2.8 times its own size, and the text 0.7 times.
    return 7 * sys.getsizeof(code) // 2


@cached(LRUCache(CODES_BYTES, code_bytes), lock=Lock())
def code_of(text: str) -> CodeType:
    """The code of the function that `text` defines; operations of one structure share it."""
    module = compile(text, "<plan>", "exec", dont_inherit=True)
    return next(each for each in module.co_consts if isinstance(each, CodeType))


INT = "not -2147483648 <= {v} <= 2147483647"
CHECKS = {
    "text": "type({v}) is not str",
    "int": f"type({{v}}) is not int or {INT}",
    "float": "type({v}) is not float or {v} - {v}",
    "bool": "type({v}) is not bool",
}


MOST_NESTED = 8
"""Strokes in a number: Python allows 20 blocks in each other, and a stroke is two at most."""


class Writer:
    """Writes the text of one selection's function and collects its namespace.

    A field has a number: its index, after that of the field whose object it is part of, if any.
    What belongs to it is named by it; an item of a list has the list's number and a stroke.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.space: dict[str, Any] = {}

    def write(self, depth: int, text: str) -> None:
        """One line."""
        self.lines.append(" " * depth + text)

    def name(self, prefix: str, number: str, value: Any) -> str:
        """Bind a constant."""
        self.space[prefix + number] = value
        return prefix + number

    def fields(self, selection: Selection, record: str, link: str, before: str, depth: int) -> None:
        """Each field of the record into its variable; n is the index of the field at hand."""
        for index, field in enumerate(selection.fields):
            number = f"{before}{index}"
            self.write(depth, f"n{before} = {index}")
            self.name("K", number, field.key)
            if field.may_wait:
                whole = self.name("Y", number, whole_field(field))
                self.write(depth, f"v{number} = {whole}({record}, {link}, r)")
                continue
            indent = depth
            if field.serial:
                whole = self.name("Y", number, kept_list(field))
                self.write(depth, f"if {record}.list_cache is not None:")
                self.write(depth + 1, f"v{number} = {whole}({record}, {link}, r)")
                self.write(depth, "else:")
                indent += 1
            self.read(field, record, link, number, indent)
            if field.reader.kind != "constant":
                self.name("N", number, field)
                here = f"({link}, N{number})"
                self.complete(field.shape, field, f"v{number}", number, here, indent)

    def answer(self, selection: Selection, before: str) -> str:
        """The expression of the selection's dict."""
        numbers = [f"{before}{index}" for index in range(len(selection.fields))]
        return f"{{{', '.join(f'K{number}: v{number}' for number in numbers)}}}"

    def read(self, field: FieldPlan, record: str, link: str, number: str, depth: int) -> None:
        """v = what the field's resolver gives."""
        reader = field.reader
        v = f"v{number}"
        if reader.kind == "constant":
            self.write(depth, f"{v} = {self.name('T', number, reader.function)}")
        elif reader.kind == "record":
            self.write(depth, f"{v} = {record}")
        elif reader.kind == "attribute":
            name = reader.name
            if name.isidentifier() and not iskeyword(name) and not name.startswith("__"):
                self.write(depth, f"{v} = {record}.{name}")
            else:
                self.write(depth, f"{v} = getattr({record}, {self.name('T', number, name)})")
        elif reader.kind == "function" and not reader.takes_info:
            self.write(depth, f"{v} = {self.name('F', number, reader.function)}({record})")
        else:
            read = self.name("R", number, field.read)
            self.space["Q"] = freeze
            here = f"(Q({link}), {self.name('N', number, field)})"
            self.write(depth, f"{v} = {read}({record}, {here}, r)")

    def complete(
        self, shape: Shape, field: FieldPlan, v: str, number: str, link: str, depth: int
    ) -> None:
        """v = v completed; `link` is the expression of its link."""
        if isinstance(shape, Leaf):
            self.leaf(shape, field, v, number, depth)
        elif isinstance(shape, Object):
            self.object(shape, field, v, number, link, depth)
        elif isinstance(shape, Listing):
            self.listing(shape, field, v, number, link, depth)

    def leaf(self, shape: Leaf, field: FieldPlan, v: str, number: str, depth: int) -> None:
        """A scalar or an enum."""
        cell = Cell()
        odd = self.name("L", number, OddLeaf(shape, str(field.parent), field.name, cell))
        if shape.style in CHECKS:
            check = CHECKS[shape.style].format(v=v)
            if not shape.non_null:
                check = f"({check}) and {v} is not None"
            self.write(depth, f"if {check}: {v} = {odd}({v})")
        elif shape.style == "enum":
            names = self.name("M", number, shape.names.get)
            self.write(depth, f"{v} = {names}(id({v})) or {odd}({v})")
        else:
            self.name("D", number, cell)
            self.name("C", number, shape.coerce)
            indent = depth
            if not shape.non_null:
                self.write(depth, f"if {v} is not None:")
                indent += 1
            self.write(indent, f"w = {v}")
            if shape.shortcut is not None:
                cls, text, doubt = shape.shortcut
                self.name("U", number, cls)
                self.write(indent, f"if type(w) is U{number}:")
                self.write(indent + 1, f"t = {text}")
                self.write(indent + 1, f"{v} = {odd}(w) if {doubt} else t" if doubt else f"{v} = t")
                self.write(indent, f"else: {v} = {odd}(w)")
                return
            self.write(indent, f"if type(w) is D{number}.cls:")
            self.write(indent + 1, f"{v} = C{number}(w)")
            if shape.coerce is not str:
                odd_result = self.name("B", number, result_check(shape))
                self.write(indent + 1, f"if type({v}) is not str: {odd_result}(w, {v})")
            self.write(indent, f"else: {v} = {odd}(w)")

    def object(
        self, shape: Object, field: FieldPlan, v: str, number: str, link: str, depth: int
    ) -> None:
        """An object whose selection never waits, as far as is known."""
        cell = Cell()
        selection = shape.selection
        odd = self.name("X", number, odd_value(shape, field, cell))
        self.name("D", number, cell)
        indent = depth
        if not shape.non_null:
            self.write(depth, f"if {v} is not None:")
            indent += 1
        self.write(indent, f"if type({v}) is D{number}.cls:")
        if selection.serial:
            made = self.name("P", number, kept_object(shape))
            serial = self.name("J", number, selection.serial)
            self.write(indent + 1, f"{v} = {v}.kept.get({serial}) or {made}({v}, {link}, r)")
        elif number.count("_") < MOST_NESTED:
            selection.is_inlined = True
            before = f"{number}_"
            self.write(indent + 1, "try:")
            self.fields(selection, v, link, before, indent + 2)
            self.write(indent + 2, f"{v} = {self.answer(selection, before)}")
            rest = self.name("H", number, rest_of_object(selection.fields, before))
            self.write(
                indent + 1, f"except Exception as e: {v} = {rest}({v}, {link}, r, locals(), e)"
            )
        else:
            fast = self.name("O", number, selection.fast or generate(selection))
            self.write(indent + 1, f"{v} = {fast}({v}, {link}, r)")
        self.write(indent, f"else: {v} = {odd}({v}, {link}, r)")

    def listing(
        self, shape: Listing, field: FieldPlan, v: str, number: str, link: str, depth: int
    ) -> None:
        """A loop over a list or a tuple."""
        odd = self.name("X", number, odd_value(shape, field, None))
        rest = self.name("Z", number, rest_of_list(shape, field))
        x, items, inner, it = f"x{number}", f"l{number}", f"q{number}", f"i{number}"
        indent = depth
        if not shape.non_null:
            self.write(depth, f"if {v} is not None:")
            indent += 1
        self.write(
            indent,
            f"if type({v}) is not tuple and type({v}) is not list or len({v}) > {MOST_INLINE}:",
        )
        self.write(indent + 1, f"{v} = {odd}({v}, {link}, r)")
        self.write(indent, f"elif not {v}: {v} = []")
        self.write(indent, "else:")
        self.write(indent + 1, f"{it} = iter({v}); {v} = {items} = []")
        if not isinstance(shape.item, Leaf):
            self.write(indent + 1, f"{inner} = ({link}, {items})")
        self.write(indent + 1, "try:")
        self.write(indent + 2, f"for {x} in {it}:")
        self.complete(shape.item, field, x, f"{number}_", inner, indent + 3)
        self.write(indent + 3, f"{items}.append({x})")
        self.write(indent + 1, f"except Exception as e: {v} = {rest}(e, {items}, {it}, {link}, r)")


def result_check(shape: Leaf) -> Callable[[Any, Any], None]:
    """Raises for a scalar that serialised to nothing."""

    def check(value: Any, result: Any) -> None:
        if result is None or result is Undefined:
            raise refused(shape, value, result)

    return check


def generate(selection: Selection) -> Fast:
    """The function of a selection; kept in it."""
    text, space = write(selection)
    space["H"] = rest_of_object(selection.fields)
    space["__builtins__"] = builtins
    fast = FunctionType(code_of(text), space, selection.type.name)
    selection.written = len(text)
    selection.fast = fast
    return fast


def write(selection: Selection) -> tuple[str, dict[str, Any]]:
    """The text and the namespace."""
    writer = Writer()
    writer.write(0, "def plan(s, p, r):")
    writer.write(1, "try:")
    writer.fields(selection, "s", "p", "", 2)
    answer = writer.answer(selection, "")
    if selection.may_wait:
        waiting = [field.key for field in selection.fields if field.may_wait]
        writer.name("W", "", finish(waiting))
        answer = f"W({answer}, r)"
    writer.write(2, f"return {answer}")
    writer.write(1, "except Exception as e: return H(s, p, r, locals(), e)")
    return "\n".join(writer.lines) + "\n", writer.space
