"""`SlotLocks`: which slots of a budget are held by processes that live on this machine.

A lock is an address in the abstract namespace of Unix sockets. The kernel frees it when its
process ends, however that ends, so whoever gets the lock of a slot knows that its last holder is
dead. All processes in one network namespace see the same locks.
"""

import errno
import hashlib
import os
import socket
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = "/proc/self/ns/net"


class SlotLocks:
    """Locks of the group called `name`. Where the system has none, `place` is empty."""

    def __init__(self, name: str) -> None:
        self._name = hashlib.blake2s(name.encode(), digest_size=8).hexdigest()
        self._held: dict[int, socket.socket] = {}
        self.place = _place(self._name)

    def take(self, slot: int) -> bool:
        """Whether the lock is ours now."""
        if slot in self._held:
            return True
        if not self.place:
            return False
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            lock.bind(f"\0walletgraph.{self._name}.{slot}")
        except OSError as error:
            lock.close()
            if error.errno != errno.EADDRINUSE:
                self.place = ""
            return False
        self._held[slot] = lock
        return True

    def release(self, slot: int) -> None:
        lock = self._held.pop(slot, None)
        if lock is not None:
            lock.close()

    def release_all(self) -> None:
        for slot in list(self._held):
            self.release(slot)


def _place(name: str) -> str:
    """What tells this network namespace of this kernel from any other, for this group of locks."""
    try:
        here = f"{_BOOT.read_text()} {os.readlink(_NAMESPACE)} {name}"
    except OSError:
        return ""
    return hashlib.blake2s(here.encode(), digest_size=8).hexdigest()
