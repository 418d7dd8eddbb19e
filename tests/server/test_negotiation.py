"""The type of an answer follows Accept, and whether it is packed Accept-Encoding."""

import pytest

from server.negotiation import negotiate, takes_gzip
from tests.server.harness import Bench, codes

MODERN = "application/graphql-response+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("accept", "offer"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        (MODERN, MODERN),
        (f"{MODERN},application/json;q=0.9", MODERN),
        (f"application/json, {MODERN}", MODERN),
        (f"application/json, {MODERN};q=0.5", "application/json"),
        (f"{MODERN}, application/json, multipart/mixed", MODERN),
        (BROWSER, "application/json"),
        ("*/*, text/html;q=0.5", "application/json"),
        (JAVA, "application/json"),
        ("text/html, */*;q=0.001", "application/json"),
        ("text/html, application/*;q=.5", "application/json"),
        ("*", "application/json"),
        (f"{MODERN}, */*", MODERN),
        (f"{MODERN};q=0.5, */*", "application/json"),
        (f"{MODERN};q=0, */*;q=0.1", "application/json"),
        ("application/json;q=0, */*", MODERN),
        ("text/html", None),
        ("application/xml", None),
        ("*/*;q=0", None),
        ("application/*;q=0, */*", None),
        ("application/json;q=0", None),
        (f"application/json;q=0, {MODERN};q=0, */*", None),
        ("application/json;q=x", None),
        (f"{MODERN};q=7", MODERN),
        (",,", "application/json"),
    ],
)
def test_the_best_offer_wins(accept: str, offer: str | None) -> None:
    assert negotiate(accept.encode()) == offer


@pytest.mark.parametrize(
    ("accept", "offer"),
    [
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("*/*, text/html;q=0.5", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/*", None),
    ],
)
def test_a_page_is_offered_where_there_is_one_and_it_is_named(
    accept: str, offer: str | None
) -> None:
    assert negotiate(accept.encode(), has_page=True) == offer


async def test_preferring_html_is_not_refusing_json() -> None:
    bench = Bench()
    for accept in (BROWSER, JAVA):
        response = await bench.raw(b'{"query": "{ hello }"}', accept=accept)
        assert response.json() == {"data": {"hello": "hello world"}}
        assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_lines_of_one_name_are_one_list() -> None:
    bench = Bench()
    ask = {"content": b'{"query": "{ hello }"}'}
    kind = ("content-type", "application/json")
    both = [kind, ("accept", "application/xml"), ("accept", "application/json")]
    assert (await bench.http.post("/graphql", headers=both, **ask)).status_code == 200  # type: ignore[arg-type]
    twice = [kind, ("content-type", "text/plain")]
    response = await bench.http.post("/graphql", headers=twice, **ask)  # type: ignore[arg-type]
    assert codes(response) == ["UNSUPPORTED_MEDIA_TYPE"]


@pytest.mark.parametrize(
    ("encodings", "taken"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("gzip, *;q=0", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.0, deflate", False),
        ("gzip;q=0, *", False),
    ],
)
def test_gzip_is_for_those_who_take_it(encodings: str, taken: bool) -> None:
    assert takes_gzip(encodings.encode()) is taken


async def test_long_answers_are_packed_and_say_what_that_hangs_on() -> None:
    bench = Bench()
    query = "query ($name: String!) { hello(name: $name) }"

    async def ask(length: int, encodings: str) -> tuple[str | None, str, int]:
        response = await bench.http.post(
            "/graphql",
            json={"query": query, "variables": {"name": "a" * length}},
            headers={"accept-encoding": encodings},
        )
        assert response.json() == {"data": {"hello": "hello " + "a" * length}}
        head = response.headers
        return head.get("content-encoding"), head["vary"], int(head["content-length"])

    whole = "Accept, Accept-Encoding, Origin"
    assert await ask(10, "gzip") == (None, whole, 37)
    assert await ask(5_000, "gzip;q=0") == (None, whole, 5_027)
    packed, vary, length = await ask(5_000, "gzip, br")
    assert (packed, vary, length < 100) == ("gzip", whole, True)
