"""Sandboxes for end-to-end tests, each with a project directory of its own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from company import Company

from connector.cli.sandbox_year import Unhurried
from connector.logging import configure
from connector.programs import programs
from connector.sandbox.company.generate import CASES
from connector.sandbox.server import SandboxOptions, running


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Only warnings, so that a failure shows what matters."""
    configure("json", "WARNING")


def only(project: Path, *names: str) -> None:
    """Of this project's programs these run, and no other."""
    folder = project / "mappings" / "programs"
    folder.mkdir(parents=True, exist_ok=True)
    for name in programs().keys() - set(names):
        (folder / f"{name}.yaml").write_text("enabled: false\n", encoding="utf-8")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Callable[..., Company]]:
    """Starts sandboxes with the given options; each has a project directory of its own.

    Only the program of stalled deals runs there, and only its cases are planted, unless `whole`: what a test of the
    cycle counts are its tasks. `hurried` ones count no requests a second, and what runs in this process waits for none.
    """
    stack: list[Any] = []

    def start(*, whole: bool = False, hurried: bool = True, **options: Any) -> Company:
        place = tmp_path / f"sandbox{len(stack)}"
        project = place / "project"
        project.mkdir(parents=True)
        if not whole:
            only(project, "stalled")
        context = running(
            SandboxOptions(
                **({"scale": 0.02, "cases": CASES if whole else {"stalled"}} | options),
                hurried=hurried,
                env_file=place / "env",
                directory=place / "world",
            )
        )
        ready = context.__enter__()
        stack.append(context)
        pace = Unhurried() if hurried else None
        return Company(control=ready.control_url, env_file=place / "env", project=project, pace=pace)

    before = {name: value for name, value in os.environ.items() if name.startswith("OKOSHI_")}
    assert not before, "OKOSHI_ variables in the environment would change the tests"
    yield start
    for context in reversed(stack):
        context.__exit__(None, None, None)
