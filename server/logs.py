"""Log lines to standard error: JSON or text, every secret taken out, few of a kind a minute."""

import logging
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from cachetools import LRUCache

from server import request_log

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MINUTE_SECONDS = 60.0
_MOST_OF_A_KIND = 10
_MOST_KINDS = 500
# What may be in an operation is not for a log. (What httpx writes is off from its import on.)
_QUIET = ("strawberry.execution",)


class Redacting(logging.Formatter):
    """Text for people. Replaces the secrets in the finished line, tracebacks included."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(_FORMAT)
        self._secrets = sorted(map(self._written, secrets), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = self._line(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line

    def _written(self, secret: str) -> str:
        """The secret as a line has it."""
        return secret

    def _line(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        more = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        return f"{line} {more}" if more else line


class RedactingJson(Redacting):
    """A JSON object a line, for programs."""

    def _written(self, secret: str) -> str:
        return msgspec.json.encode(secret).decode()[1:-1]

    def _line(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "event": record.getMessage(),
            "logger": record.name,
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says beside its message."""
    found: dict[str, Any] = getattr(record, "fields", {})
    return found


class FewOfAKind(logging.Filter):
    """Lets few lines of a kind pass in a minute, as clients can cause as many as they like.

    The line that each request has passes always.

    A kind is a place in the code, and of an exception the place that raised it. The first line
    after those left out says how many they were.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: LRUCache[tuple[object, ...], _Minute] = LRUCache(_MOST_KINDS)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == request_log.logger.name:
            return True
        now = self._clock()
        kind = _kind(record)
        minute = self._kinds.get(kind)
        left_out = 0
        if minute is None or now >= minute.end:
            left_out = minute.left_out if minute else 0
            minute = self._kinds[kind] = _Minute(now + _MINUTE_SECONDS)
        if minute.passed == _MOST_OF_A_KIND:
            minute.left_out += 1
            return False
        minute.passed += 1
        if left_out:
            record.msg = f"{record.getMessage()} ({left_out} like this were left out)"
            record.args = ()
        return True


class _Minute:
    """How many lines of one kind passed and were left out, until its end."""

    __slots__ = ("end", "left_out", "passed")

    def __init__(self, end: float) -> None:
        self.end = end
        self.passed = 0
        self.left_out = 0


def _kind(record: logging.LogRecord) -> tuple[object, ...]:
    place: list[object] = [record.name, record.pathname, record.lineno]
    if record.exc_info and record.exc_info[1] is not None:
        trace = record.exc_info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place += [record.exc_info[0], trace and trace.tb_frame.f_code, trace and trace.tb_lineno]
    return tuple(place)


def configure(level: str, secrets: Iterable[str], style: str = "auto") -> None:
    """Send this process's log to standard error from `level` on.

    `style` is json or text; auto is text on a terminal, and json elsewhere.
    """
    # No line says which thread or process it is of, and finding out takes time.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    is_text = style == "text" or (style == "auto" and sys.stderr.isatty())
    handler.setFormatter(Redacting(secrets) if is_text else RedactingJson(secrets))
    handler.addFilter(FewOfAKind())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
