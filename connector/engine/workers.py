"""Other processes that normalise and compare, for a first load. Falls back to this process where there is one CPU only.

They get plain values and give plain values back: no store, no network, nothing that outlives them.
"""

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Final, Protocol, TypeVar

Context = TypeVar("Context")
Task = TypeVar("Task")
Result = TypeVar("Result")

_WAITING: Final = 2
"""Tasks for each process that are made before the first of them is done, for the sake of memory."""

_SELDOM: Final = (50_000, 20, 20)
"""How many new values make Python look for garbage that holds itself; by default 700."""


class Workers(Protocol):
    """Does tasks one after the other, or several at once; in their order all the same."""

    def each(
        self, work: Callable[[Task], Result], tasks: Iterable[tuple[Context, Task]]
    ) -> Iterator[tuple[Context, Result]]:
        """The result of each task with what came along with it. Tasks are made as they are needed."""
        ...


class _Here:
    def each(
        self, work: Callable[[Task], Result], tasks: Iterable[tuple[Context, Task]]
    ) -> Iterator[tuple[Context, Result]]:
        for context, task in tasks:
            yield context, work(task)


class _Processes:
    def __init__(self, pool: ProcessPoolExecutor, count: int) -> None:
        self._pool, self._most = pool, count * _WAITING

    def each(
        self, work: Callable[[Task], Result], tasks: Iterable[tuple[Context, Task]]
    ) -> Iterator[tuple[Context, Result]]:
        waiting: deque[tuple[Context, Future[Result]]] = deque()
        for context, task in tasks:
            waiting.append((context, self._pool.submit(work, task)))
            if len(waiting) > self._most:
                before, future = waiting.popleft()
                yield before, future.result()
        for before, future in waiting:
            yield before, future.result()


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """For work on very many plain values, of which none holds itself: looking for such takes a sixth of the time."""
    before = gc.get_threshold()
    _collect_seldom()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def cpus() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """So many processes, or this one for less than two. They end with the block, and with this process."""
    if count < 2:
        yield _Here()
        return
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin)
    try:
        yield _Processes(pool, count)
    finally:
        pool.shutdown(cancel_futures=True)


def _collect_seldom() -> None:
    gc.freeze()
    gc.set_threshold(*_SELDOM)


def _begin() -> None:
    _collect_seldom()
    # What interrupts the run interrupts all its processes; only the first has something to say about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()  # also returns when it was killed, which no one else would tell
        os._exit(1)
