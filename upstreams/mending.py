"""Numbers that came in another form than documented, made what the record's type asks for."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

from msgspec import inspect

from upstreams import figures

_TRUE: tuple[object, ...] = ("true", "1", 1)
_FALSE: tuple[object, ...] = ("false", "0", 0)
_info = lru_cache(maxsize=64)(inspect.type_info)


class Misfit(Exception):
    """A value that is no number of the kind asked for; `str()` names the place."""


def mended(value: Any, kind: Any) -> Any:
    """The JSON value with exact numbers where a record of that type has them.

    A string counts if it spells a JSON number, in ASCII; an integer may have a fraction of zero.
    All else is left as it is, for the decoder to judge.
    """
    return _mended(value, _info(kind), "$")


def _mended(value: Any, info: inspect.Type, place: str) -> Any:
    match info:
        case inspect.StructType() if type(value) is dict:
            return value | {
                field.encode_name: _mended(
                    value[field.encode_name], field.type, f"{place}.{field.encode_name}"
                )
                for field in info.fields
                if field.encode_name in value
            }
        case inspect.DictType() if type(value) is dict:
            return {
                key: _mended(item, info.value_type, f"{place}[...]") for key, item in value.items()
            }
        case inspect.ListType() | inspect.VarTupleType() if type(value) is list:
            return [
                _mended(item, info.item_type, f"{place}[{number}]")
                for number, item in enumerate(value)
            ]
        case inspect.UnionType(types=(one, inspect.NoneType())) if value is not None:
            return _mended(value, one, place)
        case inspect.IntType():
            return _integer(value, place)
        case inspect.DecimalType():
            return _figure(value, place)
        case inspect.BoolType() if type(value) in (str, int):
            return True if value in _TRUE else False if value in _FALSE else value
    return value


def _integer(value: object, place: str) -> object:
    if type(value) not in (str, Decimal):
        return value
    figure = _figure(value, place)
    whole = figures.whole(figure) if isinstance(figure, Decimal) else None
    if whole is None:
        raise Misfit(f"Expected an integer - at `{place}`")
    return whole


def _figure(value: object, place: str) -> object:
    found: Decimal | None
    if type(value) is int:
        found = figures.bounded(Decimal(value))
    elif isinstance(value, Decimal):
        found = figures.bounded(value)
    elif isinstance(value, str):
        found = figures.parse(value)
    else:
        return value
    if found is None:
        raise Misfit(f"No number that can be printed - at `{place}`")
    return found
