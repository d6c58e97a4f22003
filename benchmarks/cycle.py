"""How long a first and a quiet cycle take, what they cost in API calls, and how much memory they need, by scale.

    .venv/bin/python benchmarks/cycle.py 1 10 100

Starts a sandbox of each scale in a process of its own and runs `okoshi run` against it three times, as a scheduled
container would. Seconds include the vendor's side and its rate limits; memory is the largest resident set of `okoshi`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table
from vendors import sandbox

CYCLES = ("first", "second", "third")


def cycle(env: Path, project: Path) -> tuple[dict[str, object], float, float]:
    """The summary of one run, its wall seconds, and its peak memory in megabytes."""
    began = time.monotonic()
    command = [sys.executable, "-m", "connector.cli", "--env-file", str(env), "--project-dir", str(project)]
    with (project / "out.json").open("wb") as out, (project / "err.log").open("wb") as err:
        process = subprocess.Popen([*command, "run", "--json"], stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit((project / "err.log").read_text(encoding="utf-8"))
    summary = json.loads((project / "out.json").read_text(encoding="utf-8"))
    return summary, time.monotonic() - began, usage.ru_maxrss / 1024


def main(scales: list[float]) -> None:
    """One row for each scale and cycle."""
    table = Table("scale", "cycle", "seconds", "peak MB", "records read", "changed", "calls SFA", "calls MA", "written")
    for scale in scales:
        with tempfile.TemporaryDirectory() as place, sandbox(scale, Path(place)) as env:
            project = Path(place) / "project"
            project.mkdir()
            for name in CYCLES:
                summary, seconds, megabytes = cycle(env, project)
                calls = summary["api_calls"]
                assert isinstance(calls, dict)
                figures = (summary["records_read"], summary["records_changed"], calls["salesforce"], calls["hubspot"])
                cells = (f"{scale:g}", name, f"{seconds:.1f}", f"{megabytes:.0f}", *figures, summary["done"])
                table.add_row(*map(str, cells))
    Console().print(table)


if __name__ == "__main__":
    main([float(argument) for argument in sys.argv[1:]] or [1.0])
