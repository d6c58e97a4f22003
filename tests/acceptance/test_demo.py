"""The demo: what a newcomer sees first must be true, and say so by its exit code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.cells import cell_len


def demo(scale: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The demo as a user starts it, with settings of a real system lying around in the environment."""
    env = os.environ | {"COLUMNS": "80", "OKOSHI_SALESFORCE__INSTANCE_URL": "https://real.example.com"}
    command = [sys.executable, "-m", "connector.cli", "demo", "--scale", scale, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


def test_the_demo_proves_what_it_shows(tmp_path: Path) -> None:
    """A dry run without a write, a run with tasks, a second run with nothing, no leak, every planted case right."""
    ended = demo("0.1", "--json", "--keep", str(tmp_path / "kept"))
    told: dict[str, Any] = json.loads(ended.stdout)
    assert told["failures"] == [], ended.stderr
    assert ended.returncode == 0
    # What the org refuses (an old record that a newer rule of its own forbids to save) is shown, not hidden.
    assert told["dry_run"]["planned"] == told["run"]["vendor_writes"] + told["run"]["refused"]
    assert told["run"]["done"] == told["run"]["vendor_writes"] > 1_000
    assert told["dry_run"]["vendor_writes"] == told["second_run"]["vendor_writes"] == 0
    assert told["second_run"]["leaks"] == 0
    assert told["after"]["with_task"] > told["before"]["with_task"]
    assert (tmp_path / "kept" / "plan.json").is_file()


def test_the_demo_fits_a_small_terminal() -> None:
    """On 80 columns, in English, no line is wider, and it ends with where to go next."""
    ended = demo("0.03", "--language", "en")
    assert ended.returncode == 0, ended.stderr
    assert "One task as the inside-sales rep sees it" in ended.stdout
    assert "Connect your own systems" in ended.stdout
    for kind in ("Companies", "People"):
        told = rf"^{kind}: [1-9]\d* linked \(as [1-9]\d*\) · \d+ pairs to confirm · \d+ alone$"
        assert re.search(told, ended.stdout, re.MULTILINE)
    stalled, still_open = (
        [int(figure) for figure in re.findall(rf"{words} +(\d+) +(\d+)", ended.stdout)[0]]
        for words in (r"of these stalled .*?", "Open deals")
    )
    assert 0 < max(stalled) < min(still_open)
    assert max(map(cell_len, ended.stdout.splitlines())) <= 80
