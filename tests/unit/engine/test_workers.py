"""Other processes give back what was asked of them, in order, and never outlive the one that asked."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.engine.workers import workers


def doubled(number: int) -> tuple[int, int]:
    """Twice as much, and by whom."""
    time.sleep(0.01 if number % 2 else 0.0)
    return 2 * number, os.getpid()


def broken(number: int) -> int:
    """Never done."""
    raise ValueError(str(number))


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_order_with_what_came_along(count: int) -> None:
    """Done here where there is one process only; never many tasks ahead of the results that were taken."""
    made = 0

    def tasks() -> Iterator[tuple[str, int]]:
        nonlocal made
        for made in range(1, 31):
            yield f"task {made}", made

    with workers(count) as several:
        for taken, (context, (result, process)) in enumerate(several.each(doubled, tasks()), 1):
            assert (context, result) == (f"task {taken}", 2 * taken)
            assert (process == os.getpid()) is (count == 1)
            assert made - taken <= 2 * count + 1
    assert made == 30


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_comes_back(count: int) -> None:
    """As if it had happened here."""
    with workers(count) as several, pytest.raises(ValueError, match="7"):
        list(several.each(broken, [("", 7)]))


SCRIPT = """
import sys, time
from connector.engine.workers import workers
from {module} import doubled
if __name__ == "__main__":
    with workers(2) as several:
        print(*{{process for _, (_, process) in several.each(doubled, [("", n) for n in range(40)])}}, flush=True)
        time.sleep(60)
"""


@pytest.mark.timeout(60)
def test_they_end_when_the_first_process_is_killed(tmp_path: Path) -> None:
    """By a signal that nobody can answer."""
    here = Path(__file__)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(module=here.stem), encoding="utf-8")
    env = os.environ | {"PYTHONPATH": str(here.parent)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=env) as run:
        assert run.stdout is not None
        processes = [int(number) for number in run.stdout.readline().split()]
        run.send_signal(signal.SIGKILL)
    assert processes
    left = 200
    while left and any(Path(f"/proc/{process}").exists() for process in processes):
        time.sleep(0.1)
        left -= 1
    assert left
