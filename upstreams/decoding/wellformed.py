"""`is_sound`: whether a record holds only what an upstream can have sent."""

from decimal import Decimal

import msgspec

from upstreams.decoding.decimals import fits

_MOST_BITS = 512


def is_sound(value: object) -> bool:
    """No number in it is NaN, infinite, or of more digits than any that upstreams document."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, Decimal):
            if not fits(each):
                return False
        elif isinstance(each, int):
            if each.bit_length() > _MOST_BITS:
                return False
        elif isinstance(each, float):
            if each != each or each in (float("inf"), float("-inf")):
                return False
        elif isinstance(each, (tuple, list)):
            pending += each
        elif isinstance(each, dict):
            pending += [*each, *each.values()]
        elif isinstance(each, msgspec.Struct):
            pending += msgspec.structs.astuple(each)
    return True
