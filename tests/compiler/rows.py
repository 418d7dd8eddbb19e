"""Records with values that fit their schema and values that do not, by a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, NewType

import msgspec
import strawberry

Big = NewType("Big", int)
Exact = NewType("Exact", Decimal)
Fussy = NewType("Fussy", object)


def fussy(value: Any) -> Any:
    """Serialise; refuse thirteen, and give nothing for zero."""
    if value == 13:
        raise ValueError("thirteen")
    return None if value == 0 else value


class Record(msgspec.Struct, frozen=True):
    """A row without a dictionary. All values follow from the seed."""

    seed: int
    text: object = None
    solid: object = None
    count: object = None
    ratio: object = None
    flag: object = None
    fussy: object = None
    big: int = 0
    exact: Decimal = Decimal(0)
    mood: object = None
    tags: object = None
    solid_tags: object = None
    all_tags: object = None
    matrix: object = None
    solid_matrix: object = None


class Loose(Record, frozen=True, dict=True):
    """The same with an instance dictionary."""


class Rude(ValueError):
    """An error with extensions."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.extensions = {"code": "RUDE"}


class Mood(Enum):
    CALM = "calm"
    CROSS = "cross"


strawberry.enum(Mood)

TEXTS = ["a", "b", None, 7, True, 1.5, ["no"], ValueError("as a value"), Rude("rude"), "c", "d"]
SOLIDS = ["x", "y", "z", "x", None, "w", "v", 3, "u", "t", "s", {"no": 1}]
COUNTS = [1, 2, 2**31, None, "3", "x", 1.0, 1.5, True, -5, 6, 7]
RATIOS = [0.5, 1, None, float("nan"), "2.5", "x", True, 3.25, Decimal("1.5")]
FLAGS = [True, False, None, 1, 0.0, "yes", True]
FUSSIES = [1, "s", 0, 13, None, {"a": [1]}, Decimal(2)]
MOODS: list[object] = [Mood.CALM, Mood.CROSS, "calm", "bad", None, 5, Mood.CALM]
TAGS: list[object] = [
    ("a", "b"), ["c", None, "d"], None, [], "string", (1, [2], "x"), iter("ab"), {"k": 1}, 5,
    [ValueError("item"), "e"], {"s"}, ["f"], ("g",), ("h", "i"),
]  # fmt: skip
MATRICES: list[object] = [
    [[1, 2], [3]], None, [None, [4, None]], [[5, "x"]], [["y"], [6]], [7], ((8,), (9, 2**40)),
]  # fmt: skip


def pick(values: Sequence[object], seed: int, salt: int) -> object:
    value = values[(seed * 7 + salt * 3 + seed // 5) % len(values)]
    return fresh(value)


def fresh(value: Any) -> Any:
    """Iterators and exceptions anew: an exception raised again keeps all it went through."""
    if isinstance(value, Iterator):
        return iter(("i", "j"))
    if isinstance(value, Exception):
        return type(value)(*value.args)
    return [fresh(each) for each in value] if isinstance(value, list) else value


def record(seed: int) -> Record:
    """The row of a seed; seeds below zero have none."""
    cls = Loose if seed % 4 == 3 else Record
    return cls(
        seed=seed,
        text=pick(TEXTS, seed, 1),
        solid=pick(SOLIDS, seed, 2),
        count=pick(COUNTS, seed, 3),
        ratio=pick(RATIOS, seed, 4),
        flag=pick(FLAGS, seed, 5),
        fussy=pick(FUSSIES, seed, 6),
        big=seed * 10**12,
        exact=Decimal(seed).scaleb(-2),
        mood=pick(MOODS, seed, 7),
        tags=pick(TAGS, seed, 8),
        solid_tags=pick(TAGS, seed, 9),
        all_tags=pick([("p", "q"), ("r",), (), ["s"], ["t", None]], seed, 10),
        matrix=pick(MATRICES, seed, 11),
        solid_matrix=pick(MATRICES, seed, 12),
    )


class Stone(msgspec.Struct, frozen=True):
    seed: int
    label: object
    big: int = 5
    count: object = 1


class Leafy(msgspec.Struct, frozen=True):
    seed: int
    label: object
    big: int = 6
    ratio: float = 0.5


def thing(seed: int) -> object:
    choice = seed % 8
    if choice < 3:
        return Stone(seed, pick(SOLIDS, seed, 13), count=pick(COUNTS, seed, 14))
    if choice < 6:
        return Leafy(seed, pick(SOLIDS, seed, 15))
    return None if choice == 6 else object.__new__(Foreign)


class Foreign:
    """Of no type of the schema."""

    seed = 1

    def __repr__(self) -> str:
        return "<Foreign>"


def kid(seed: int) -> object:
    if seed % 9 == 7:
        return Rude(f"kid {seed}")
    return None if seed % 10 == 8 else record(seed)


SCALARS: Any = {
    Big: strawberry.scalar(name="Big", serialize=str, parse_value=int),
    Exact: strawberry.scalar(
        name="Exact", serialize=lambda value: format(value, "f"), parse_value=Decimal
    ),
    Fussy: strawberry.scalar(name="Fussy", serialize=fussy),
}
