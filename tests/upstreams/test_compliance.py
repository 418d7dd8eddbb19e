"""Verdicts on addresses: read where the operator says, and a doubt everywhere else."""

from pathlib import Path

import pytest

from upstreams.compliance import BadRule, Rule, Verdict, read_list
from upstreams.decoding import strict_json

SAMPLES = Path(__file__).parents[1] / "samples" / "oneinch"
GOOD = "0xd470055c6189b921c4d44b3d277ad868f79c0f75"
BAD = "0xe3411d7ba6e99d4228e304ed1bbb4dff14813070"
OTHER = "0x" + "0" * 39 + "1"
MAP = Rule.read("/{address}/is_compliant", "true", "false")
REASON = Rule.read("/{address}/reason", "null", '"blacklist"')
LIST = Rule.read("/result/{address}/is_allowed", "true", "false")


@pytest.mark.parametrize(
    ("name", "rule", "verdicts"),
    [
        ("map", MAP, ["CLEAR", "FLAGGED", "UNKNOWN"]),
        ("envelope", LIST, ["CLEAR", "FLAGGED", "UNKNOWN"]),
        ("empty", MAP, ["UNKNOWN"] * 3),
        ("envelope", MAP, ["UNKNOWN"] * 3),
        ("map", LIST, ["UNKNOWN"] * 3),
        ("map", REASON, ["CLEAR", "FLAGGED", "UNKNOWN"]),
    ],
)
def test_a_rule_reads_guessed_bodies(name: str, rule: Rule, verdicts: list[str]) -> None:
    body = strict_json.exactly((SAMPLES / f"guess_address_check_{name}.json").read_bytes())

    found = [rule.verdict(body, address).value for address in (GOOD, BAD, OTHER)]
    assert found == verdicts


@pytest.mark.parametrize(
    "body",
    [
        None,
        True,
        [],
        {GOOD: True},
        {GOOD: {"is_compliant": 1}},
        {GOOD: {"is_compliant": "true"}},
        {GOOD: {"is_compliant": None}},
        {GOOD: {"is_compliant": True}, GOOD.upper(): {"is_compliant": False}},
        [{"address": GOOD, "is_compliant": True}, {"address": GOOD, "is_compliant": True}],
        [{"address": OTHER, "is_compliant": True}],
    ],
)
def test_every_doubt_is_unknown(body: object) -> None:
    assert MAP.verdict(body, GOOD) is Verdict.UNKNOWN


def test_a_spelling_is_no_doubt() -> None:
    assert MAP.verdict({GOOD.upper(): {"is_compliant": False}}, GOOD) is Verdict.FLAGGED
    found = MAP.verdict([{"address": GOOD.upper(), "is_compliant": True}], GOOD)
    assert found is Verdict.CLEAR


@pytest.mark.parametrize(
    ("pointer", "clear", "flagged"),
    [
        ("{address}", "true", "false"),
        ("/is_compliant", "true", "false"),
        ("/{address}/{address}", "true", "false"),
        ("/{address}", "yes", "false"),
        ("/{address}", "1", "1"),
    ],
)
def test_a_rule_that_cannot_tell_is_refused(pointer: str, clear: str, flagged: str) -> None:
    with pytest.raises(BadRule):
        Rule.read(pointer, clear, flagged)


def test_escapes_of_a_pointer() -> None:
    rule = Rule.read("/a~1b/~0/{address}", '"ok"', '"no"')

    assert rule.verdict({"a/b": {"~": {GOOD: "ok"}}}, GOOD) is Verdict.CLEAR


def test_a_list_says_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"# ours\n\n0x{GOOD[2:].upper()} clear # a friend\n{BAD}\n{OTHER} FLAGGED\n")

    assert read_list(str(path)) == {
        GOOD: Verdict.CLEAR,
        BAD: Verdict.FLAGGED,
        OTHER: Verdict.FLAGGED,
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{GOOD}\nnobody\n", "line 2"),
        (f"{GOOD} FINE", "line 1"),
        (f"{GOOD} CLEAR for now", "line 1"),
        (f"{GOOD}\n{GOOD} CLEAR", "two things"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text)

    with pytest.raises(BadRule, match=problem):
        read_list(str(path))


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRule, match="readable"):
        read_list(str(tmp_path / "none"))
