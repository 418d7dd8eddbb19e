"""Numbers that came in another form than documented, made what the record's type asks for."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from msgspec import inspect

from upstreams.decoding import decimals

_TRUE: tuple[object, ...] = ("true", "1", 1)
_FALSE: tuple[object, ...] = ("false", "0", 0)

Mender = Callable[[Any], Any]


class Misfit(Exception):
    """A value that is no number of the kind asked for; `str()` names the place."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(f"{what} - at `${place}`")
        self.what = what
        self.place = place


def mended(value: Any, kind: Any) -> Any:
    """The JSON value, changed in place, with exact numbers where a record of that type has them.

    A string counts if it spells a JSON number, in ASCII; an integer may have a fraction of zero.
    All else is left as it is, for the decoder to judge.
    """
    mend = _mender_of(kind)
    return value if mend is None else mend(value)


@lru_cache(maxsize=64)
def _mender_of(kind: Any) -> Mender | None:
    return _mender(inspect.type_info(kind))


def _mender(info: inspect.Type) -> Mender | None:
    """What mends a value of that type; None where there is never anything to mend."""
    match info:
        case inspect.StructType():
            parts = [(each.encode_name, _mender(each.type)) for each in info.fields]
            return _of_object({name: mend for name, mend in parts if mend is not None})
        case inspect.DictType():
            return _of_values(_mender(info.value_type))
        case inspect.ListType() | inspect.VarTupleType():
            return _of_items(_mender(info.item_type))
        case inspect.UnionType(types=(one, inspect.NoneType())):
            return _mender(one)
        case inspect.IntType():
            return _integer
        case inspect.DecimalType():
            return _figure
        case inspect.BoolType():
            return _boolean
    return None


def _of_object(menders: dict[str, Mender]) -> Mender:
    def mend(value: Any) -> Any:
        if type(value) is dict:
            for name in menders.keys() & value.keys():
                try:
                    value[name] = menders[name](value[name])
                except Misfit as misfit:
                    raise Misfit(misfit.what, f".{name}{misfit.place}") from None
        return value

    return mend


def _of_values(of_value: Mender | None) -> Mender | None:
    if of_value is None:
        return None

    def mend(value: Any) -> Any:
        if type(value) is dict:
            for key, item in value.items():
                try:
                    value[key] = of_value(item)
                except Misfit as misfit:
                    raise Misfit(misfit.what, f"[...]{misfit.place}") from None
        return value

    return mend


def _of_items(of_item: Mender | None) -> Mender | None:
    if of_item is None:
        return None

    def mend(value: Any) -> Any:
        if type(value) is list:
            for number, item in enumerate(value):
                try:
                    value[number] = of_item(item)
                except Misfit as misfit:
                    raise Misfit(misfit.what, f"[{number}]{misfit.place}") from None
        return value

    return mend


def _boolean(value: Any) -> Any:
    if type(value) not in (str, int):
        return value
    return True if value in _TRUE else False if value in _FALSE else value


def _integer(value: Any) -> Any:
    if type(value) not in (str, Decimal):
        return value
    whole = decimals.whole(_figure(value))
    if whole is None:
        raise Misfit("Expected an integer")
    return whole


def _figure(value: Any) -> Any:
    found: Decimal | None
    if type(value) is Decimal:
        found = decimals.bounded(value)
    elif type(value) is str:
        found = decimals.parse(value)
    elif type(value) is int:
        found = decimals.bounded(Decimal(value))
    else:
        return value
    if found is None:
        raise Misfit("No number that can be printed")
    return found
