"""`okoshi run`: one whole cycle, once or every so often; with `--dry-run` the same walk without its last step."""

import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

import structlog

from connector.cli.assemble import deployed
from connector.cli.failing import until, where
from connector.cli.options import Common, Flag, Json, business_time
from connector.cli.output import Labels, document, screen, write_json
from connector.cli.plan import SHOWN_ROWS, dry_run_of
from connector.cli.plan_table import show_plan
from connector.cli.progress import watched
from connector.cli.summary import exit_code, show_summary
from connector.engine import cycle
from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError, OkoshiError

INTERVAL = re.compile(r"(\d+)\s*([smh])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
FAILED = 1
log = structlog.get_logger(__name__)


def run(
    *,
    dry_run: Flag = False,
    reconcile: Flag = False,
    every: str | None = None,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """One whole cycle: read both systems, decide, write what is missing, record what became of it.

    Parameters
    ----------
    dry_run
        Stop before anything is written.
    reconcile
        Also read everything once more now, as every night, to find what was missed or is gone.
    every
        Go on with a cycle every 15m (s, m or h; `schedule`: as schedule.cycle_minutes says) until SIGTERM.
    """
    common = common or Common()
    if every is not None:
        if json or dry_run or reconcile:
            raise ConfigurationError("--every goes with none of --json, --dry-run and --reconcile; leave them out.")
        return _repeat(lambda: _once(common), _interval(every, common))
    if dry_run and reconcile:
        raise ConfigurationError("A dry run reconciles nothing; leave out --dry-run or --reconcile.")
    return _dry(common, json=json) if dry_run else _once(common, json=json, reconcile=reconcile)


def _once(common: Common, *, json: bool = False, reconcile: bool = False) -> int:
    settings = common.settings()
    labels = Labels(load_mappings(settings.project_dir).texts[settings.locale.language])
    with watched(labels, quiet=common.quiet) as progress, deployed(settings, progress, read_only=False) as deployment:
        summary = cycle.run(deployment, business_time(settings), reconcile_now=reconcile)
    if json:
        write_json(document(summary))
    else:
        show_summary(screen(), labels, summary, settings.locale.timezone)
    return exit_code(summary)


def _dry(common: Common, *, json: bool) -> int:
    made, labels, names = dry_run_of(common.settings(), quiet=common.quiet, rows=SHOWN_ROWS)
    if json:
        write_json(document(made))
    else:
        show_plan(screen(), labels, made, names, details=False)
    return 0


def _interval(every: str, common: Common) -> timedelta:
    if every == "schedule":
        return timedelta(minutes=common.settings().schedule.cycle_minutes)
    found = INTERVAL.fullmatch(every.strip())
    if not found or int(found[1]) == 0:
        raise ConfigurationError(f"--every {every}: write a number and s, m or h, for example --every 15m.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _repeat(once: Callable[[], int], interval: timedelta) -> int:
    """Cycles until a signal asks for the end; a failed one is logged and the next one tried."""
    with _asked_to_stop() as stop:
        while not stop.is_set():
            code = survived(once)
            log.info("cycle ended", exit_code=code, next_in_seconds=interval.total_seconds())
            sys.stdout.flush()
            stop.wait(interval.total_seconds())
    return 0


def survived(once: Callable[[], int]) -> int:
    """The exit code of one cycle, whatever it meets."""
    try:
        return once()
    except OkoshiError as error:
        log.error("cycle failed", kind=type(error).__name__, reason=str(error), **until(error))  # noqa: TRY400 -- it is explained
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- the loop outlives whatever one cycle meets
        # Its place, not its text, which may quote a customer's record.
        log.error("cycle failed unexpectedly", kind=type(error).__name__, place=where(error.__traceback__))  # noqa: TRY400
        return FAILED


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """The first signal lets the cycle under way finish; a second one does not wait for it."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stopping(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            sys.exit(128 + number)
        stop.set()

    for number in before:
        signal.signal(number, stopping)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
