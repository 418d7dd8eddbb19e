"""`WORKERS` processes that share one port: started, watched, replaced when they die, stopped."""

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import NamedTuple

logger = logging.getLogger("walletgraph.workers")

# One that ends by itself so soon could not come up, and what is wrong is wrong with all of them.
# One that is killed so soon is replaced, ever later if it happens again.
_YOUNG_SECONDS = 5.0
_LONGEST_PAUSE = 30.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_spawn = multiprocessing.get_context("spawn")


class WorkerConfig(NamedTuple):
    """What a worker is given: its number, the sockets, the folder of the budgets.

    `ports` are those of all workers' metrics, for the one that tells them: the first to come up.
    """

    number: int
    listener: socket.socket
    metrics: socket.socket | None
    ports: Sequence[int]
    budgets: str
    is_first: bool


class _Worker:
    """One worker, and the process that it is now, until that dies and another takes over."""

    def __init__(self, config: WorkerConfig) -> None:
        self.config = config
        self.process: SpawnProcess | None = None
        self.started = 0.0
        self.pause = 0.0
        self.resumes = 0.0


class Workers:
    """Runs `work(config)` in as many processes as there are metrics sockets, until told to stop.

    SIGTERM and SIGINT are passed on, each time that one comes: the first drains the workers, a
    second stops them at once. A worker sees its supervisor die and stops as well.
    """

    def __init__(
        self,
        work: Callable[[WorkerConfig], None],
        listener: socket.socket,
        metrics: Sequence[socket.socket | None],
        ports: Sequence[int],
    ) -> None:
        self._work = work
        self._listener = listener
        self._metrics = metrics
        self._ports = ports
        self._is_stopping = False
        self._has_failed = False
        self._came: list[int] = []
        self._workers: list[_Worker] = []

    def run(self) -> bool:
        """Return when all have ended; False if they could not be started."""
        before = {each: signal.signal(each, self._pass_on) for each in _SIGNALS}
        try:
            with tempfile.TemporaryDirectory(prefix="walletgraph-") as budgets:
                self._workers = [
                    _Worker(
                        WorkerConfig(
                            number, self._listener, each, self._ports, budgets, number == 0
                        )
                    )
                    for number, each in enumerate(self._metrics)
                ]
                for worker in self._workers:
                    self._start(worker)
                while any(worker.process for worker in self._workers) or not self._is_stopping:
                    self._watch()
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
        return not self._has_failed

    def _start(self, worker: _Worker) -> None:
        # Not a fork: it would share the supervisor's threads' locks and its random numbers.
        worker.process = _spawn.Process(
            target=_begin, args=(self._work, worker.config), daemon=False
        )
        worker.started = time.monotonic()
        worker.process.start()
        worker.config = worker.config._replace(is_first=False)

    def _watch(self) -> None:
        """Wait for a worker to end, or for its pause to be over, and do what is to be done."""
        while self._came:
            self._stop(self._came.pop(0))
        sentinels = [
            worker.process.sentinel for worker in self._workers if worker.process is not None
        ]
        wait(sentinels, timeout=0.2)
        now = time.monotonic()
        for worker in self._workers:
            if worker.process is not None and not worker.process.is_alive():
                self._ended(worker, now)
            elif worker.process is None and not self._is_stopping and now >= worker.resumes:
                self._start(worker)

    def _ended(self, worker: _Worker, now: float) -> None:
        assert worker.process is not None  # noqa: S101
        code = worker.process.exitcode
        worker.process.close()
        worker.process = None
        if self._is_stopping:
            return
        is_young = now - worker.started < _YOUNG_SECONDS
        if is_young and code is not None and code > 0:
            logger.error(
                "Worker %d did not come up (exit code %s): stopping", worker.config.number, code
            )
            self._has_failed = True
            self._stop(signal.SIGTERM)
            return
        worker.pause = min(_LONGEST_PAUSE, max(1.0, 2 * worker.pause)) if is_young else 0.0
        worker.resumes = now + worker.pause
        logger.error(
            "Worker %d ended (exit code %s): another starts in %g s",
            worker.config.number,
            code,
            worker.pause,
        )

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        # It may interrupt anything, so `_watch` does the rest.
        self._came.append(number)

    def _stop(self, number: int) -> None:
        self._is_stopping = True
        for worker in self._workers:
            process = worker.process
            if process is not None and process.pid is not None and process.is_alive():
                os.kill(process.pid, number)


def _begin(work: Callable[[WorkerConfig], None], config: WorkerConfig) -> None:
    """A worker's life. A terminal's ^C is for the supervisor alone, which passes it on."""
    os.setsid()
    work(config)


def supervisor_end() -> int | None:
    """A file that can be read once the supervisor is dead; None in a process that has none."""
    parent = multiprocessing.parent_process()
    return None if parent is None else parent.sentinel
