"""How a command fails: one sentence on standard error, and an exit code other than 0."""

import sys
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError


class OneSentence(click.Group):
    """A group of commands. It exits with 0 for success, 1 for failure, 2 for wrong usage."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, and exit. click alone prints the usage before an error, and some as tracebacks."""
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else self.name
            message = error.format_message().rstrip(".")
            _fail(f"{message}. See `{command} --help`.", error.exit_code)
        except click.ClickException as error:
            _fail(error.format_message(), error.exit_code)
        except click.Abort:
            _fail("interrupted", 1)
        except OSError as error:
            _fail(f"cannot read or write: {error.strerror or type(error).__name__}", 1)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(sentence: str, code: int) -> None:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(code)
