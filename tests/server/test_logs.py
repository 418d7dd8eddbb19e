"""The log of a process that anybody may ask: few lines of a kind, whatever they ask."""

import logging
import socket
import subprocess
import sys

from server.logs import FewOfAKind
from tests.server.process import serving


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def line(text: str, number: int = 1, error: BaseException | None = None) -> logging.LogRecord:
    caught = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("walletgraph", logging.ERROR, "code.py", number, text, (7,), caught)


def test_ten_lines_of_a_kind_pass_in_a_minute_and_the_rest_are_counted() -> None:
    clock = Clock()
    few = FewOfAKind(clock)
    assert sum(few.filter(line("wrong: %d")) for _ in range(100)) == 10
    assert few.filter(line("wrong: %d", number=2))
    clock.now = 59.9
    assert not few.filter(line("wrong: %d"))
    clock.now = 60.0
    after = line("wrong: %d")
    assert few.filter(after)
    assert after.getMessage() == "wrong: 7 (91 like this were left out)"
    again = line("wrong: %d")
    assert few.filter(again)
    assert again.getMessage() == "wrong: 7"


def fault(first: bool) -> BaseException:
    try:
        if first:
            raise ValueError
        raise ValueError
    except ValueError:
        found = sys.exc_info()[1]
        assert found is not None
        return found


def test_faults_of_other_places_are_of_other_kinds() -> None:
    few = FewOfAKind(Clock())
    for error in (fault(True), fault(False)):
        assert sum(few.filter(line("failed %d", error=error)) for _ in range(20)) == 10


def test_what_is_kept_of_kinds_is_bounded() -> None:
    few = FewOfAKind(Clock())
    for number in range(2_000):
        few.filter(line("wrong: %d", number=number))
    assert len(few._kinds) == 500


_SOCKET = (
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
_HEADER = b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000
_PIPELINE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" * 3_000 + b"\0"


def test_hostile_clients_write_no_log() -> None:
    with serving(DRAIN_SECONDS="0") as (process, port):
        for asked, status in (
            *[(_SOCKET, b"400")] * 50,
            *[(b"\x16\x03\x01 no HTTP", b"400")] * 50,
            (_HEADER, b"431"),
            (_PIPELINE, b"200"),
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
                link.sendall(asked)
                assert link.recv(12) == b"HTTP/1.1 " + status
        process.terminate()
        assert process.stderr is not None
        log = process.stderr.read()
    assert [each for each in log.splitlines() if " INFO " not in each] == []


def test_what_the_http_client_writes_stays_off_at_every_level() -> None:
    program = (
        "import logging, upstreams.http.client; from server.logs import configure;"
        "configure('DEBUG', []);"
        "print([logging.getLogger(name).isEnabledFor(50) for name in ('httpx', 'httpcore')])"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout == "[False, False]\n"
