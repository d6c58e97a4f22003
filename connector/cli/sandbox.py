"""`okoshi sandbox`: the sandbox as a command, which knows nothing of the connector; or a year that both live through.

Serving happens in a process of its own, the simulated year in this one.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml

from connector.cli.options import Flag, Json
from connector.model.errors import ConfigurationError

NEEDED = (
    "The sandbox needs more packages than the connector: install okoshi[sandbox], or use `make demo` in a checkout."
)


def sandbox(  # noqa: PLR0913 -- one argument an option; it is the command's interface
    *,
    ready_file: Path | None = None,
    env_file: Path | None = None,
    seed: int = 1,
    scale: float | None = None,
    companies: Path | None = None,
    plant: str = "",
    cases: str | None = None,
    hostile: Flag = False,
    clock: str | None = None,
    salesforce_port: int = 0,
    hubspot_port: int = 0,
    control_port: int = 0,
    directory: Path | None = None,
    simulate: Flag = False,
    days: int = 365,
    habits: str = "forgetful",
    project_dir: Path | None = None,
    language: Literal["ja", "en"] | None = None,
    json: Json = False,
    quiet: Flag = False,
    debug: Flag = False,  # noqa: ARG001 -- read by the rim
) -> int:
    """Serve both vendors' HTTP APIs on this machine with an invented company, until SIGINT or SIGTERM.

    With --simulate: live through a year of that company, a cycle every morning, and tell what was measured.

    Parameters
    ----------
    ready_file
        Write addresses and credentials here (JSON) once it serves.
    env_file
        Write the same as settings, for `okoshi --env-file`.
    seed
        The same seed makes the same company.
    scale
        1 is about 300 accounts, 1,500 people and 800 deals (default 1, with --simulate 0.1).
    companies
        CSV or Parquet with real companies instead of invented ones.
    plant
        Heavy cases, comma-separated: ties, late, window, nokey, nohistory, noconsent, events, nobell.
    cases
        Programs whose cases of the practice are planted, comma-separated (default: all; "": invented records only).
    hostile
        Everything that can go wrong does at times, seeded by the seed; a correct client still finishes.
    clock
        Business time at the start, with offset.
    directory
        Keep the data here (default: a temporary directory).
    simulate
        People forget, deals stall, customers browse, reps log late, in bulk and wrongly; exit 1 if a promise broke.
    days
        How long --simulate goes on.
    habits
        How people work: forgetful, tidy or chaotic; or a YAML file of figures, with `like` one of these names.
    project_dir
        A folder whose mappings are in force with --simulate.
    language
        Language of the tasks and of the table of --simulate.
    json
        The figures of --simulate as one JSON document.
    quiet
        Do not announce the addresses, show no progress.
    debug
        The traceback of a failure.
    """
    try:
        from connector.sandbox.access import Ready  # noqa: PLC0415 -- an extra that a deployment lacks
        from connector.sandbox.company.generate import CASES  # noqa: PLC0415
        from connector.sandbox.server import SandboxOptions, serve  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{NEEDED} Missing: {error.name}.") from None

    if simulate:
        from connector.cli.sandbox_year import Year  # noqa: PLC0415

        name, figures = _habits(habits)
        year = Year(seed, 0.1 if scale is None else scale, days, name, figures, language, project_dir)
        return _simulate(year, json=json, quiet=quiet)

    def announce(ready: Ready) -> None:
        if quiet:
            return
        sys.stderr.write(
            f"sandbox ready: Salesforce {ready.salesforce.instance_url}, HubSpot {ready.hubspot.base_url}, "
            f"control {ready.control_url}, business time {ready.now}\n"
        )

    options = SandboxOptions(
        seed=seed,
        scale=1.0 if scale is None else scale,
        companies=companies,
        plant=_names(plant),
        cases=CASES if cases is None else _names(cases),
        hostile=hostile,
        clock=_moment(clock),
        salesforce_port=salesforce_port,
        hubspot_port=hubspot_port,
        control_port=control_port,
        ready_file=ready_file,
        env_file=env_file,
        directory=directory,
    )
    try:
        serve(options, announce)
    except (ValueError, FileNotFoundError) as error:
        raise ConfigurationError(str(error)) from None
    return 0


def _simulate(year: Any, *, json: bool, quiet: bool) -> int:
    """The year with its progress, then its figures; 1 where a promise was not kept."""
    from connector import logging  # noqa: PLC0415 -- serving needs none of this
    from connector.cli.output import Labels, screen, write_json  # noqa: PLC0415
    from connector.cli.sandbox_figures import show_year, year_document  # noqa: PLC0415
    from connector.cli.sandbox_year import live  # noqa: PLC0415
    from connector.mapping import load_mappings  # noqa: PLC0415

    if year.days < 1 or not year.scale > 0:
        raise ConfigurationError(f"--days {year.days} --scale {year.scale}: write numbers above 0.")
    logging.configure("auto", "ERROR")
    with _counted(year.days, quiet=quiet) as on_day:
        lived = live(year, on_day)
    if json:
        write_json(year_document(lived))
    else:
        show_year(screen(), Labels(load_mappings(year.project).texts[year.language or "ja"]), lived)
    return 1 if lived.broken else 0


@contextmanager
def _counted(days: int, *, quiet: bool) -> Iterator[Callable[[datetime], None]]:
    """A bar while a person watches: which day it is, how much is left."""
    if quiet or not sys.stderr.isatty():
        yield lambda _now: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        line = bars.add_task("", total=days + 1)

        def on_day(now: datetime) -> None:
            bars.update(line, advance=1, description=f"{now:%Y-%m-%d}")

        yield on_day


def _habits(given: str) -> tuple[str, dict[str, Any]]:
    """A name, or a file of figures that says which named habits they are like."""
    path = Path(given)
    if path.suffix not in {".yaml", ".yml", ".json"}:
        return given, {}
    try:
        figures = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"--habits {given} cannot be read: {type(error).__name__}.") from None
    if not isinstance(figures, dict):
        raise ConfigurationError(f"--habits {given}: write one figure a line, for example forgotten: 0.9.")
    return str(figures.pop("like", "forgetful")), figures


def _names(names: str) -> frozenset[str]:
    return frozenset(name.strip() for name in names.split(",") if name.strip())


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConfigurationError(f"--clock {text}: write a time with offset, for example 2026-11-18T10:00:00+09:00.")
    return moment
