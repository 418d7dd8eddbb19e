"""The scalars JSON cannot carry: exact integers and decimals as text, RFC 3339 moments."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NewType, TypeVar

import strawberry
from graphql import (
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    StringValueNode,
    ValueNode,
)
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
T = TypeVar("T")

_INTEGER = re.compile(r"-?[0-9]{1,78}", re.ASCII)
# As long as any that is sent; the sign, the point and the zeros after it come on top.
_DECIMAL = re.compile(r"-?[0-9]{1,401}(\.[0-9]{1,2000})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


Serialize = Callable[[object], str]


def shortcut(cls: type, text: str, doubt: str = "") -> Callable[[Serialize], Any]:
    """Say how values of this very class are serialised without a call.

    `text` is an expression of the value `w`; it gives what the serializer does unless `doubt`, an
    expression of `w` and that text `t`, holds. Compiled operations contain them: a page of
    positions has thousands of decimals.
    """

    def declare(serialize: Any) -> Any:
        serialize.shortcut = (cls, text, doubt)
        return serialize

    return declare


@shortcut(int, "str(w)")
def serialize_big_int(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise GraphQLError("BigInt cannot represent a value that is not an integer")


def parse_big_int(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise GraphQLError("BigInt takes an integer of at most 78 digits, as a string or a number")


# "1E+3", "-0", "NaN" and "Infinity" are not for clients.
@shortcut(Decimal, "str(w)", "'E' in t or not w or not w.is_finite()")
def serialize_decimal(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        # A third of the time of `format`, and the same text but for exponents.
        text = str(value or value.copy_abs())
        return text if "E" not in text else format(value, "f")
    raise GraphQLError("Decimal cannot represent a value that is not a finite decimal")


def parse_decimal(value: object) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    raise GraphQLError(
        'Decimal takes a number as a string, such as "12.5", its exponent of at most two digits;'
        " floats are not exact"
    )


def serialize_date_time(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise GraphQLError("DateTime cannot represent a value that is not a moment in a time zone")


def parse_date_time(value: object) -> datetime:
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise GraphQLError('DateTime takes an RFC 3339 moment, such as "2025-07-01T00:00:00Z"')


def _literals(parse: Callable[[object], T], *kinds: type[ValueNode]) -> Callable[..., T]:
    """How literals of these kinds are read: by their own digits, which a float would round."""

    def parse_literal(node: ValueNode, variables: object = None) -> T:
        try:
            return parse(getattr(node, "value", None) if isinstance(node, kinds) else None)
        except GraphQLError as error:
            raise GraphQLError(error.message, node) from None

    return parse_literal


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="An integer of any size, sent as a string of decimal digits. As input a "
        "string or an integer literal.",
        serialize=serialize_big_int,
        parse_value=parse_big_int,
        parse_literal=_literals(parse_big_int, IntValueNode, StringValueNode),
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number, sent as a string without an exponent: the digits "
        "the source gave. As input a string, or a number literal in the document.",
        serialize=serialize_decimal,
        parse_value=parse_decimal,
        parse_literal=_literals(parse_decimal, IntValueNode, FloatValueNode, StringValueNode),
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in RFC 3339 form; answers are in UTC and end in Z.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=serialize_date_time,
        parse_value=parse_date_time,
        parse_literal=_literals(parse_date_time, StringValueNode),
    ),
}
