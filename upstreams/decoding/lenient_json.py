"""JSON read object by object where the quick decoder refuses the whole: what is odd stays apart.

It is slow, and reads only what `strict.decode` has refused. Integers are exact however they are
written: `9007199254740993.0` is one, and `"7"` where an integer is due.
"""

import json
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec.inspect import IntType, StrType, StructType, Type, UnionType, VarTupleType, type_info

from upstreams.decoding.strict_json import MAX_DEPTH, MAX_DIGITS, NotAsDocumented, in_json

T = TypeVar("T")

# The longest spelling of a number that is looked at, digits, point and exponent.
_MOST_LETTERS = 400


class Odd:
    """Stands in the place of what cannot be taken, and of every object around it.

    It fits no record. `reason` says what is wrong, and quotes none of it.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason


_TOO_DEEP = Odd(f"nesting deeper than {MAX_DEPTH}")
_HALF = Odd("text with half a surrogate pair")
_TWICE = Odd("a key that comes twice in one object")


def read(body: bytes, kind: type[T]) -> T:
    """The record in a body; NotAsDocumented where it is odd."""
    return record(tree(body, integers=integers(kind)), kind)


def tree(body: bytes, *, integers: Collection[str], rows: str = "") -> Any:
    """The body's value, whose odd objects are `Odd`; NotAsDocumented where the text is no JSON.

    `integers` are the keys whose value may be an integer in quotes. Objects in the list under the
    key `rows` may be odd by themselves; elsewhere one odd object makes odd all that it is part of.
    """

    def collected(pairs: list[tuple[str, Any]]) -> object:
        found: dict[str, Any] = {}
        for key, value in pairs:
            odd = _oddity(value) if key != rows else None
            if odd is None and not _is_text(key):
                odd = _HALF
            if odd is None and key in found:
                odd = _TWICE
            if odd is not None:
                return odd
            found[key] = _integer_of(value) if key in integers else value
        return found

    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=collected,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_refuse,
        )
        odd = _oddity(value)
    except UnicodeDecodeError:
        odd = Odd("text that is not UTF-8")
    except RecursionError:
        odd = _TOO_DEEP
    except ValueError:
        odd = Odd("text that is not JSON, or is cut short")
    else:
        if odd is None and _is_too_deep(value):
            odd = _TOO_DEEP
        if odd is None:
            return value
    raise NotAsDocumented(odd.reason)


def record(value: object, kind: type[T]) -> T:
    """A record made of a part of the tree; NotAsDocumented where it does not fit."""
    odd = _oddity(value)
    if odd is not None:
        raise NotAsDocumented(odd.reason)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        what = in_json(error)
    raise NotAsDocumented(what)


def integers(*kinds: Any) -> frozenset[str]:
    """The keys under which these records, and those inside them, have integers and no text."""
    found: set[str] = set()
    for kind in kinds:
        _collect(type_info(kind), found)
    return frozenset(found)


def _collect(info: Type, found: set[str]) -> bool:
    """Whether it is an integer; the keys of those inside it are added to `found`."""
    if isinstance(info, StructType):
        found.update(each.encode_name for each in info.fields if _collect(each.type, found))
    if isinstance(info, VarTupleType):
        _collect(info.item_type, found)
    if isinstance(info, UnionType):
        of_integer = [_collect(each, found) for each in info.types]
        # Where text may stand it is none that was meant for an integer.
        return any(of_integer) and not any(isinstance(each, StrType) for each in info.types)
    return isinstance(info, IntType)


def _oddity(value: Any) -> Odd | None:
    """What is odd about a value, unless it is an object, which would be `Odd` itself."""
    if type(value) is Odd:
        return value
    if type(value) is str and not _is_text(value):
        return _HALF
    if type(value) is list:
        return next(filter(None, map(_oddity, value)), None)
    return None


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_too_deep(value: object) -> bool:
    layer, depth = [value], 0
    while layer:
        depth += 1
        inner: list[object] = []
        for each in layer:
            if type(each) is dict:
                inner.extend(each.values())
            elif type(each) is list:
                inner.extend(each)
        layer = [each for each in inner if type(each) in (dict, list)]
        if layer and depth >= MAX_DEPTH:
            return True
    return False


def _integer(digits: str) -> Any:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        return Odd(f"an integer of more than {MAX_DIGITS} digits")
    return int(digits)


def _number(text: str) -> Any:
    """An integer where the number is one, however it is written; else a float, to be refused."""
    if len(text) > _MOST_LETTERS:
        return Odd(f"a number of more than {_MOST_LETTERS} letters")
    try:
        number = Decimal(text)
    except InvalidOperation:
        # The exponent is beyond all that decimals have.
        return float(text)
    if not number:
        return 0
    if not 0 <= number.adjusted() < MAX_DIGITS or number != number.to_integral_value():
        return float(text)
    return int(number)


def _integer_of(value: Any) -> Any:
    is_integer = type(value) is str and value.isascii() and value.isdigit()
    return _integer(value) if is_integer else value


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
