import json
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from upstreams.decoding import strict_json
from upstreams.decoding.strict_json import (
    MAX_DEPTH,
    Keys,
    NotAsDocumented,
    check_content_type,
    decode,
    exactly,
    fit,
    most_members,
)

ANY: Decoder[object] = Decoder(object)
CANARY = "canary-77"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**77), 10**77) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)


# Strings that look like the punctuation between a key and its value.
colon_values = st.recursive(
    st.none() | st.text(alphabet=':" ,/\\aé', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet='"aé', max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
separators = st.sampled_from([(",", ":"), (", ", ": "), (",", " :"), (",", "\n:"), (",", " \t:")])


def count_members(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(count_members, value.values()))
    return sum(map(count_members, value)) if isinstance(value, list) else 0


def count_colons(value: object) -> int:
    """Those in the strings of a value, keys not among them."""
    if isinstance(value, dict):
        return sum(map(count_colons, value.values()))
    if isinstance(value, list):
        return sum(map(count_colons, value))
    return value.count(":") if isinstance(value, str) else 0


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "Application/JSON; Charset=UTF8",
        "application/json; charset=utf-8; profile=x",
        'application/json; profile="a;b"; odata.metadata=none',
        "application/json; profile=https://example.com/x",
        "application/json; charset=us-ascii",
        "application/json;",
        "application/problem+json",
        "application/vnd.api+json ; charset=utf8",
    ],
)
def test_json_by_any_of_its_names(content_type: str) -> None:
    check_content_type(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/html",
        "text/json",
        "application/jsonx",
        "application/json; charset=latin-1",
        "application/json, text/html",
        "json",
        "application/+json",
        "application/json; charset=utf-16",
        "application/json; profile=x; charset=latin-1",
        "x" * 1000,
    ],
)
def test_other_content_types_are_refused(content_type: str) -> None:
    with pytest.raises(NotAsDocumented, match="content type"):
        check_content_type(content_type)


@given(json_values)
def test_every_right_json_text_passes(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert decode(text.encode("utf-8", "replace"), ANY) is not NotImplemented


@given(json_values, separators)
def test_the_count_of_members_is_never_too_low(value: object, punctuation: tuple[str, str]) -> None:
    for ensure_ascii in (True, False):
        text = json.dumps(value, separators=punctuation, ensure_ascii=ensure_ascii)
        assert most_members(text.encode()) >= count_members(value)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"\xef\xbb\xbf[]", "byte order mark"),
        (b'["\xff"]', "not UTF-8"),
        (b'["\xed\xa0\x80"]', "not UTF-8"),
        (b"[\x00]", "not JSON"),
        (b"", "not JSON"),
        (b"[1,]", "not JSON"),
        (b"[1] 2", "not JSON"),
        (b"[01]", "not JSON"),
        (b"[NaN]", "not JSON"),
        (b"[-Infinity]", "not JSON"),
        (b'{"a":1,"a":1}', "key that comes twice"),
        (b'{"a":1,"\\u0061":2}', "key that comes twice"),
        (b'{"a" :1 , "a" :2}', "key that comes twice"),
        (b'[[{"b":{"":1,"":2}}]]', "key that comes twice"),
        (b"[" + b"9" * 402 + b"]", "integer of more than 401 digits"),
        (b"[-" + b"9" * 402 + b"]", "integer of more than 401 digits"),
        (b"[" * 65 + b"]" * 65, "nesting"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nesting"),
        (b"[" * 100_000 + b"]" * 100_000, "nesting"),
        (b'{"a":' * 100_000, "nesting"),
    ],
    ids=lambda text: repr(text)[:40],
)
def test_what_is_no_strict_json_is_refused_by_name(body: bytes, what: str) -> None:
    with pytest.raises(NotAsDocumented, match=what) as caught:
        decode(body, ANY)
    assert caught.value.__context__ is None
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    "body",
    [
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b'[{"a":' * (MAX_DEPTH // 2) + b"1" + b"}]" * (MAX_DEPTH // 2),
        b"[" + b"9" * 401 + b",-" + b"9" * 401 + b",1.5e300]",
        b'{"a":{"a":1},"b":{"a":1}}',
        b"null\n",
    ],
    ids=lambda text: repr(text)[:40],
)
def test_the_limits_themselves_are_allowed(body: bytes) -> None:
    decode(body, ANY)


def test_a_wrong_type_is_named_by_its_place_alone() -> None:
    decoder = Decoder(dict[str, list[bool]])

    with pytest.raises(NotAsDocumented) as caught:
        decode(f'{{"{CANARY}":[true,"{CANARY}"]}}'.encode(), decoder)

    assert str(caught.value) == "Expected `boolean`, got `string` - at `$[...][1]`"


def test_the_exact_check_is_spared_only_where_the_record_accounts_for_every_key() -> None:
    class Pair(msgspec.Struct):
        a: int
        b: int = 0

    decoder = Decoder(Pair)
    twice = b'{"a":1,"a":2}'

    assert decode(b'{"a":1,"b":2}', decoder, lambda _: 2) == Pair(1, 2)
    assert decode(b'{"a":1,"b":2}', decoder, lambda _: 1) == Pair(1, 2)
    with pytest.raises(NotAsDocumented):
        decode(twice, decoder, lambda _: 1)


@given(colon_values, separators, st.booleans())
def test_the_quick_count_spares_the_exact_check_and_misses_no_key_that_comes_twice(
    value: object, punctuation: tuple[str, str], ensure_ascii: bool
) -> None:
    def members(record: object) -> Keys:
        return Keys(count_members(record), count_colons(record))

    text = json.dumps(value, separators=punctuation, ensure_ascii=ensure_ascii)
    with patch.object(strict_json, "_check_exactly") as slow:
        assert decode(text.encode(), ANY, members) == value
    if "\\" not in text:
        slow.assert_not_called()

    one = f'"a"{punctuation[1]}{text}'
    for twice in (f"{{{one},{one}}}", f'{{"a"{punctuation[1]}0,{one}}}', f'[{{{one},"a":":"}}]'):
        with pytest.raises(NotAsDocumented, match="comes twice"):
            decode(twice.encode(), ANY, members)


def count_strings(value: object) -> int:
    """Those among the values of a value, keys not among them."""
    if isinstance(value, dict):
        return sum(map(count_strings, value.values()))
    return sum(map(count_strings, value)) if isinstance(value, list) else isinstance(value, str)


@given(colon_values, separators, st.booleans())
def test_quotes_tell_of_every_key_and_string_that_was_not_counted(
    value: object, punctuation: tuple[str, str], ensure_ascii: bool
) -> None:
    counted = Keys(count_members(value), strings=count_strings(value))
    text = json.dumps(value, separators=punctuation, ensure_ascii=ensure_ascii)

    with patch.object(strict_json, "_check_exactly") as slow:
        assert decode(text.encode(), ANY, lambda _: counted) == value
        if "\\\\" not in text:
            slow.assert_not_called()
        for more in (f'[{text},""]', f'[{text},{{"":0}}]', f'[{text},{{":\\"":0}}]'):
            slow.reset_mock()
            decode(more.encode(), ANY, lambda _: counted)
            slow.assert_called_once()


@pytest.mark.parametrize("colon", [r"\u003a", r"\u003A", r"http:\/\/x", r"\": "])
def test_a_colon_that_an_escape_made_does_not_stand_for_a_key(colon: str) -> None:
    body = f'{{"a":{{}},"a":"{colon}"}}'.encode()

    with pytest.raises(NotAsDocumented, match="comes twice"):
        decode(body, ANY, lambda record: Keys(1, count_colons(record)))


class Inner(msgspec.Struct, frozen=True):
    whole: int = 0
    name: str = ""


class Kinds(msgspec.Struct, frozen=True):
    whole: int | None = None
    figure: Decimal | None = None
    is_so: bool | None = None
    more: dict[str, list[int]] | None = None
    kinds: tuple[Inner, ...] = ()
    names: tuple[str, ...] | dict[str, str] = ()


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ('{"whole": 9007199254740993.0}', Kinds(whole=9007199254740993)),
        ('{"whole": "-12"}', Kinds(whole=-12)),
        ('{"whole": 1E2}', Kinds(whole=100)),
        ('{"whole": null, "figure": null}', Kinds()),
        ('{"figure": 1, "whole": "1"}', Kinds(figure=Decimal(1), whole=1)),
        ('{"figure": 1.50, "whole": "1"}', Kinds(figure=Decimal("1.50"), whole=1)),
        ('{"figure": "1.50", "whole": 1.0}', Kinds(figure=Decimal("1.50"), whole=1)),
        ('{"is_so": "true", "whole": "0"}', Kinds(is_so=True, whole=0)),
        ('{"is_so": 0}', Kinds(is_so=False)),
        ('{"more": {"a": [1.0, "2"]}}', Kinds(more={"a": [1, 2]})),
        ('{"kinds": [{"whole": "3", "name": "3"}], "names": []}', Kinds(kinds=(Inner(3, "3"),))),
    ],
)
def test_numbers_may_come_in_another_form(body: str, kinds: Kinds) -> None:
    assert repr(fit(exactly(body.encode()), Kinds)) == repr(kinds)


@pytest.mark.parametrize(
    "body",
    [
        '{"whole": 0.9999999999999999999}',
        '{"whole": 1e-400}',
        '{"whole": 1e999999999}',
        '{"whole": 1e99999999999999999999}',
        '{"whole": " 1"}',
        '{"whole": "1_0"}',
        '{"whole": "\u0663"}',
        '{"whole": true}',
        '{"whole": "1", "figure": "NaN"}',
        '{"whole": "1", "figure": "Infinity"}',
        '{"whole": "1", "figure": 1e401}',
        '{"is_so": 2}',
        '{"is_so": "yes"}',
        '{"more": {"a": ["x"]}}',
        '{"kinds": [{"whole": "x"}]}',
        '{"whole": "1", "whole": "1"}',
        '{"whole": "1", "more": {"a": ["\\ud83d"]}}',
    ],
)
def test_no_number_is_guessed_or_rounded(body: str) -> None:
    with pytest.raises(NotAsDocumented):
        fit(exactly(body.encode()), Kinds)


def test_a_figure_that_came_as_other_text_is_noticed_by_its_quotes() -> None:
    class Priced(msgspec.Struct):
        price: Decimal
        name: str

    decoder, numbers = Decoder(Priced), frozenset({"price"})

    def members(_: Priced) -> Keys:
        return Keys(2, strings=1)

    for name in ("plain", '\\"', "\\\\", '\\\\\\"', "é", "price", '\\"price\\":\\"x\\"'):
        number = f'{{"price":1.5,"name":"{name}"}}'.encode()
        assert decode(number, decoder, members, numbers).price == Decimal("1.5")
        text = f'{{"price":"1.5","name":"{name}"}}'.encode()
        assert decode(text, decoder, members, numbers).price == Decimal("1.5")
        for odd in ("1_5", " 1.5", "NaN", "\u0661"):
            other = f'{{"price":"{odd}","name":"{name}"}}'.encode()
            with pytest.raises(NotAsDocumented):
                decode(other, decoder, members, numbers)


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (int, b'"1"', "Expected `integer`, got `string`"),
        (int | None, b"true", "Expected `integer | null`, got `boolean`"),
        (Decimal, b"[]", "Expected `number`, got `array`"),
        (dict[str, float], b'{"int": null}', "Expected `number`, got `null` - at `$[...]`"),
    ],
)
def test_what_is_wrong_is_said_in_words_of_json(kind: Any, body: bytes, said: str) -> None:
    with pytest.raises(NotAsDocumented) as caught:
        decode(body, Decoder(kind))
    assert str(caught.value) == said
