import errno
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from upstreams.redis import slot_locks
from upstreams.redis.slot_locks import SlotLocks


def test_a_slot_has_one_holder_in_a_group() -> None:
    one, other, stranger = SlotLocks("group"), SlotLocks("group"), SlotLocks("another group")
    assert one.place == other.place != stranger.place
    assert one.take(0)
    assert one.take(0)
    assert not other.take(0)
    assert other.take(1)
    assert stranger.take(0)
    one.release(0)
    one.release(7)
    assert other.take(0)
    for each in (one, other, stranger):
        each.release_all()
    assert one.take(1)
    one.release_all()


def test_a_process_that_is_killed_holds_nothing() -> None:
    code = (
        "from upstreams.redis.slot_locks import SlotLocks\n"
        "locks = SlotLocks('killed')\n"
        "print(locks.take(0), flush=True)\n"
        "input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        locks = SlotLocks("killed")
        assert not locks.take(0)
        process.kill()
        process.wait()
    assert locks.take(0)
    locks.release_all()


def test_where_the_system_has_no_such_locks_nobody_holds_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refusing(socket.socket):
        def bind(self, address: object) -> None:
            raise OSError(errno.EPERM, "no")

    with monkeypatch.context() as patch:
        patch.setattr("upstreams.redis.slot_locks.socket.socket", Refusing)
        refused = SlotLocks("group")
        assert not refused.take(0)
        assert refused.place == ""
    monkeypatch.setattr(slot_locks, "_BOOT", Path("/nowhere"))
    elsewhere = SlotLocks("group")
    assert elsewhere.place == ""
    assert not elsewhere.take(0)
