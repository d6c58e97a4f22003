"""How a failure is told: one message on standard error in the reader's language; with `--json` a document as well.

Called by the rim of the command only. Must work when settings and mappings cannot be read.
"""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from types import TracebackType

from connector.cli.output import write_json
from connector.model.errors import ConfigurationError, ConflictingPlan, OkoshiError, RetryLater, StopSync

KINDS: tuple[tuple[type[OkoshiError], str], ...] = (
    (ConfigurationError, "configuration"),
    (RetryLater, "retry_later"),
    (ConflictingPlan, "stale_plan"),
    (StopSync, "stopped"),
    (OkoshiError, "failed"),
)


def explain(tokens: Sequence[str], error: OkoshiError) -> None:
    """Says what happened and what to do next."""
    kind = next(name for known, name in KINDS if isinstance(error, known))
    message = str(error)
    if isinstance(error, StopSync) and error.resume_at:
        message += f"\n→ {error.resume_at.isoformat(timespec='minutes')}"
    if isinstance(error, RetryLater) and error.delay:
        message += f"\n→ {error.delay}"
    say(tokens, kind, message, error.exit_code)
    if "--debug" in tokens:
        traceback.print_exception(error)


def say(tokens: Sequence[str], kind: str, message: str, exit_code: int) -> None:
    """The message under a heading in the reader's language."""
    heading = _headings(tokens).get(f"cli.error.{kind}", kind)
    sys.stderr.write(f"okoshi: {heading}: {message}\n")
    if "--json" in tokens:
        write_json({"error": {"kind": kind, "message": message, "exit_code": exit_code}})


def unexpected(
    tokens: Sequence[str], kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A fault of ours: its place, not its text, which may quote a customer's record."""
    if "--debug" in tokens:
        traceback.print_exception(kind, error, trace)
    frames = traceback.extract_tb(trace)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""  # noqa: PTH119
    detail = f": {error.strerror}: {error.filename}" if isinstance(error, OSError) and error.strerror else ""
    say(tokens, "unexpected", f"{kind.__name__}{detail}{place}; --debug", 1)


def _headings(tokens: Sequence[str]) -> Mapping[str, str]:
    """The preset's texts: a project's own may be what is broken."""
    from connector.mapping import load_mappings  # noqa: PLC0415 -- help must not wait for it

    texts = load_mappings(None).texts
    return texts.get(_language(tokens)) or texts.get("ja") or {}


def _language(tokens: Sequence[str]) -> str:
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        name, _, value = token.partition("=")
        if name == "--language":
            return value or following
    return os.environ.get("OKOSHI_LOCALE__LANGUAGE", "ja")
