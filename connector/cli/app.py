"""The command's table of contents and its rim: exit codes, signals, and errors that become one clear message.

Started as `okoshi`. Every command is imported only when it is called, so that help answers at once.
"""

import os
import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from types import FrameType, ModuleType, TracebackType

from cyclopts import App, CycloptsError

from connector.model.errors import OkoshiError

FAILED, WRONG_USE, INTERRUPTED, TERMINATED, BROKEN_PIPE = 1, 2, 130, 143, 141

WITH_VALUE = frozenset({"--project-dir", "--env-file", "--now", "--language", "--log-format"})
FLAGS = frozenset({"--quiet", "--debug"})
"""Options of every command; they may also stand before the command's name."""

EPILOGUE = (
    "Every command also takes --project-dir, --env-file, --now, --language, --log-format, --quiet and --debug. "
    "Exit: 0 done, 1 failed, 2 wrong use or configuration, 3 stopped (guard, budget, stale plan, run already alive), "
    "4 nothing was possible (vendor down)."
)


def _app() -> App:
    app = App(
        name="okoshi",
        help="Makes Salesforce and HubSpot work as one, so that no stalled or lost deal (掘り起こし) is forgotten.",
        help_epilogue=EPILOGUE,
        version=_version,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    app.command("connector.cli.plan:plan", name="plan", help="Show what would be written, and why; write nothing.")
    app.command("connector.cli.apply:apply", name="apply", help="Write exactly what an approved plan says.")
    app.command("connector.cli.run:run", name="run", help="One whole cycle: read, decide, write, record.")
    app.command("connector.cli.explain:explain", name="explain", help="What each program says of a record, and why.")
    app.command("connector.cli.report:report", name="report", help="The month in figures; reads the store alone.")
    app.command("connector.cli.quality:quality", name="quality", help="How well the data is kept in both systems.")
    app.command(
        "connector.cli.doctor:doctor", name="doctor", help="What works, what is missing, what to do; writes nothing."
    )
    app.command("connector.cli.health:health", name="health", help="Whether runs still finish; for containers.")
    app.command("connector.cli.sandbox:sandbox", name="sandbox", help="Both vendors' APIs on this machine, invented.")
    app.command("connector.cli.demo:demo", name="demo", help="The main job against the sandbox, before your eyes.")
    app.command(_match())
    config = App(name="config", help="Settings and mappings: show, check, schema.")
    config.command("connector.cli.config:show", name="show", help="Settings as they are in force, secrets hidden.")
    config.command("connector.cli.config:check", name="check", help="Check settings and mappings without any vendor.")
    config.command("connector.cli.config:schema", name="schema", help="JSON Schema of the mapping files, for editors.")
    app.command(config)
    return app


def _match() -> App:
    match = App(name="match", help="名寄せ: which records are one company or person, and what a person says of it.")
    match.command(
        "connector.cli.match_review:review", name="review", help="Answer the doubtful pairs; without a terminal, list."
    )
    match.command("connector.cli.match:say", name="say", help="Say of two records: same, different or later.")
    match.command("connector.cli.match:take_back", name="take-back", help="Take back what was said of two records.")
    match.command("connector.cli.match_explain:explain", name="explain", help="Why two records are one, or are not.")
    match.command("connector.cli.match_show:show", name="show", help="What a record is linked with, and by what.")
    match.command("connector.cli.match_show:overview", name="list", help="How many are linked, doubtful or alone.")
    match.command("connector.cli.match:split", name="split", help="Take a record out of its cluster.")
    match.command("connector.cli.match_merge:merge", name="merge", help="Merge two records in HubSpot, if you ask.")
    match.command("connector.cli.match_reference:load", name="reference", help="Load a register of companies.")
    match.command("connector.cli.match_bulk:bulk", name="bulk", help="De-duplicate a very large base at once (Splink).")
    return match


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 -- as above: help must not wait for it

    return version("okoshi")


def _telling() -> ModuleType:
    from connector.cli import failing  # noqa: PLC0415

    return failing


def main() -> None:
    """The entry point of the installed command."""
    tokens = sys.argv[1:]

    def unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _telling().unexpected(tokens, kind, error, trace)

    sys.excepthook = unexpected
    # A name that the terminal's encoding lacks becomes an escape, as on standard error, and no failure.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(command(tokens))


def command(tokens: Sequence[str]) -> int:
    """Carries out one command line; answers the exit code. An error that nobody expected passes through."""
    try:
        result = _app()(globals_last(tokens), exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        _telling().say(tokens, "usage", str(error), WRONG_USE)
        return WRONG_USE
    except OkoshiError as error:
        _telling().explain(tokens, error)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes standard output once more at exit; nobody listens there any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return result if isinstance(result, int) else 0


def globals_last(tokens: Sequence[str]) -> list[str]:
    """`--env-file F run` as `run --env-file F`."""
    rest, moved = list(tokens), []
    while rest and rest[0].partition("=")[0] in WITH_VALUE | FLAGS:
        takes_next = rest[0] in WITH_VALUE and len(rest) > 1
        moved += [rest.pop(0), *([rest.pop(0)] if takes_next else [])]
    return [*rest, *moved]


def _terminate(_number: int, _frame: FrameType | None) -> None:
    """Process 1 of a container has no default answer to SIGTERM; whatever is open is rolled back on the way out."""
    sys.exit(TERMINATED)
