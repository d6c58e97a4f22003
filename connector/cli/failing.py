"""How a failure is told: one message on standard error in the reader's language; with `--json` a document as well.

Called by the rim of the command only. Must work when settings and mappings cannot be read.
"""

import math
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from zoneinfo import ZoneInfo

from connector.cli.output import write_json
from connector.model.errors import ConfigurationError, ConflictingPlan, OkoshiError, RetryLater, StopSync, WrongUse
from connector.settings import load_settings

KINDS: tuple[tuple[type[OkoshiError], str], ...] = (
    (WrongUse, "usage"),
    (ConfigurationError, "configuration"),
    (RetryLater, "retry_later"),
    (ConflictingPlan, "stale_plan"),
    (StopSync, "stopped"),
    (OkoshiError, "failed"),
)
HOURS_FROM = timedelta(minutes=90)
"""Longer waits are told in hours."""


@dataclass(frozen=True)
class Reader:
    """Who is told: in which language, and what time it is there."""

    texts: Mapping[str, str]
    timezone: str

    def text(self, *names: str) -> str:
        """The first of these texts that there is."""
        return next((self.texts[f"cli.{name}"] for name in names if f"cli.{name}" in self.texts), "{message}")


def explain(tokens: Sequence[str], error: OkoshiError) -> None:
    """Says what happened and what to do next."""
    kind = next(name for known, name in KINDS if isinstance(error, known))
    reader = _reader(tokens)
    told = reader.text(f"failure.{error.code}", f"failure.{kind}").format(message=error, **error.details)
    if hint := _hint(reader, error):
        told += f"\n→ {hint}"
    _say(reader, kind, told)
    if "--json" in tokens:
        document = {"kind": kind, "code": error.code, "message": str(error), "exit_code": error.exit_code}
        beside = error.document if isinstance(error, WrongUse) else {}
        write_json({**beside, "error": document | until(error)})
    if "--debug" in tokens:
        traceback.print_exception(error)


def say(tokens: Sequence[str], kind: str, message: str, exit_code: int) -> None:
    """A message that is no error of ours."""
    reader = _reader(tokens)
    _say(reader, kind, reader.text(f"failure.{kind}").format(message=message))
    if "--json" in tokens:
        write_json({"error": {"kind": kind, "code": None, "message": message, "exit_code": exit_code}})


def unexpected(
    tokens: Sequence[str], kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A fault of ours: its place, not its text, which may quote a customer's record."""
    if "--debug" in tokens:
        traceback.print_exception(kind, error, trace)
    place = where(trace)
    detail = f": {error.strerror}: {error.filename}" if isinstance(error, OSError) and error.strerror else ""
    say(tokens, "unexpected", f"{kind.__name__}{detail}{f' ({place})' if place else ''}", 1)


def where(trace: TracebackType | None) -> str:
    """File and line in which an error was raised, if that is known."""
    frames = traceback.extract_tb(trace)
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119


def until(error: OkoshiError) -> dict[str, object]:
    """When the same thing is worth another try, as far as it is known, for machines."""
    if isinstance(error, RetryLater) and error.delay:
        return {"retry_after_seconds": math.ceil(error.delay.total_seconds())}
    if isinstance(error, StopSync) and error.resume_at:
        return {"resume_at": error.resume_at.isoformat(timespec="seconds")}
    return {}


def _say(reader: Reader, kind: str, told: str) -> None:
    heading = reader.texts.get(f"cli.error.{kind}", kind)
    sys.stderr.write(f"okoshi: {heading}: {told}\n")


def _hint(reader: Reader, error: OkoshiError) -> str | None:
    """The same for people."""
    if isinstance(error, RetryLater) and error.delay:
        hours = error.delay >= HOURS_FROM
        count = math.ceil(error.delay / timedelta(hours=1) if hours else error.delay / timedelta(minutes=1))
        unit = "hours" if hours else "minutes" if count > 1 else "minute"
        return reader.text(f"retry.{unit}").format(count=count)
    if isinstance(error, StopSync) and error.resume_at:
        when: datetime = error.resume_at.astimezone(ZoneInfo(reader.timezone))
        return reader.text("retry.at").format(when=when, zone=reader.timezone)
    return None


def _reader(tokens: Sequence[str]) -> Reader:
    """The preset's texts, as a project's own may be what is broken, in the language of the settings if they hold."""
    from connector.mapping import load_mappings  # noqa: PLC0415 -- help must not wait for it

    language = _option(tokens, "--language") or os.environ.get("OKOSHI_LOCALE__LANGUAGE", "ja")
    timezone = "Asia/Tokyo"
    env_file = _option(tokens, "--env-file")
    try:
        locale = load_settings(
            Path(_option(tokens, "--project-dir") or "."), Path(env_file) if env_file else None
        ).locale
    except (OkoshiError, OSError, ValueError):
        pass
    else:
        language, timezone = _option(tokens, "--language") or locale.language, locale.timezone
    texts = load_mappings(None).texts
    return Reader(texts.get(language) or texts["ja"], timezone)


def _option(tokens: Sequence[str], wanted: str) -> str | None:
    for token, following in pairwise([*tokens, ""]):
        name, _, value = token.partition("=")
        if name == wanted:
            return value or following
    return None
