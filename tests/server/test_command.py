"""Every failure of a command is one sentence on standard error, and an exit code other than 0."""

import errno
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from server.command import OneSentence
from tests.server.process import COMMAND


@click.group(cls=OneSentence)
def commands() -> None:
    """Commands that fail in each way there is."""


@commands.command()
@click.option("--number", type=int)
def fine(number: int | None) -> None:
    click.echo("done")


@commands.command()
@click.argument("how")
def failing(how: str) -> None:
    raise {
        "known": click.ClickException("it does not work"),
        "interrupted": KeyboardInterrupt(),
        "full": OSError(errno.ENOSPC, "No space left on device"),
        "nameless": OSError("odd"),
    }[how]


@pytest.mark.parametrize(
    ("arguments", "code", "stdout", "stderr"),
    [
        (["fine"], 0, "done\n", ""),
        (["failing", "known"], 1, "", "Error: it does not work\n"),
        (["failing", "interrupted"], 1, "", "\nError: interrupted\n"),
        (["failing", "full"], 1, "", "Error: cannot read or write: No space left on device\n"),
        (["failing", "nameless"], 1, "", "Error: cannot read or write: OSError\n"),
        (
            ["fine", "more"],
            2,
            "",
            "Error: Got unexpected extra argument (more). See `commands fine --help`.\n",
        ),
        (
            ["fine", "--number", "-1.5"],
            2,
            "",
            "Error: Invalid value for '--number': '-1.5' is not a valid integer."
            " See `commands fine --help`.\n",
        ),
        (
            ["fine", "--nope"],
            2,
            "",
            "Error: No such option '--nope'. See `commands fine --help`.\n",
        ),
        (["failing"], 2, "", "Error: Missing argument 'HOW'. See `commands failing --help`.\n"),
        (["fail"], 2, "", None),
    ],
)
def test_one_sentence_and_a_code(
    arguments: list[str], code: int, stdout: str, stderr: str | None
) -> None:
    result = CliRunner().invoke(commands, arguments)

    assert (result.exit_code, result.stdout) == (code, stdout)
    if stderr is None:
        assert result.stderr.startswith("Error: No such command 'fail'.")
        assert result.stderr.count("\n") == 1
    else:
        assert result.stderr == stderr


def test_help_is_no_failure_and_no_command_gets_help() -> None:
    asked = CliRunner().invoke(commands, ["--help"])
    assert (asked.exit_code, asked.stderr) == (0, "")
    assert "Usage: commands" in asked.stdout
    alone = CliRunner().invoke(commands, [])
    assert (alone.exit_code, alone.stdout) == (2, "")
    assert "Usage: commands" in alone.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "stderr"),
    [
        (["schema"], 1, "Error: cannot read or write: No space left on device\n"),
        (
            ["sandbox", "--port", "-1"],
            2,
            "Error: Invalid value for '--port': -1 is not in the range 0<=x<=65535."
            " See `walletgraph sandbox --help`.\n",
        ),
        (
            ["sandbox", "--host", "ü" * 70, "--port", "0"],
            1,
            f"Error: cannot listen on {'ü' * 70}:0: Not a host name; choose another HOST or PORT\n",
        ),
    ],
)
def test_the_real_command_fails_so(arguments: list[str], code: int, stderr: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )

    assert (done.returncode, done.stderr) == (code, stderr)
