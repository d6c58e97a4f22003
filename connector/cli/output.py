"""What goes to the screen: JSON documents, cleaned text of unknown origin, and consoles.

Used by every command. Standard output carries the result, standard error everything else.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.padding import PaddingDimensions
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from connector.model.errors import ConfigurationError, WrongUse

WIDTH_WITHOUT_TERMINAL = 100
BETWEEN = " · "
_HARMFUL = frozenset({"Cc", "Cs", "Co", "Cn"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make the rest of a line run the other way."""


class Parts:
    """What stands side by side on a line, as 「対象 19 · 枠待ち 13」; a new line begins only between two parts."""

    def __init__(self, parts: Sequence[str], style: str = "") -> None:
        self._parts, self._style = parts, style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines: list[str] = []
        for part in self._parts:
            longer = f"{lines[-1]}{BETWEEN}{part}" if lines else part
            if lines and cell_len(longer) <= options.max_width:
                lines[-1] = longer
            else:
                lines.append(part)
        yield Text("\n".join(lines), self._style, overflow="fold")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        whole = cell_len(BETWEEN.join(self._parts))
        longest = max(map(cell_len, self._parts), default=0)
        return Measurement(longest, whole).clamp(max_width=options.max_width)


class Labels:
    """The texts of the reader's language, filled in; a text that is missing shows its key."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        return self._texts.get(f"cli.{key}", key).format(**values)

    def known(self, key: str, otherwise: str) -> str:
        """The text for a key that may not be there, such as a reason of a program of the company's own."""
        return self._texts.get(f"cli.{key}", otherwise)

    def program(self, name: str) -> str:
        """What a program is called: here, else as its own file of settings says (`texts.<language>.name`)."""
        return self.known(f"program.{name}", self._texts.get(f"{name}.name", name))

    def why(self, program: str, reason: str) -> str:
        """Why a program leaves a case alone, in a word or two: the practice's, else the program's own."""
        return self.known(f"reason.{reason}", self._texts.get(f"{program}.reason.{reason}", reason))


def screen() -> Console:
    """Standard output, as wide as the terminal."""
    return Console(file=sys.stdout, width=None if _width_known() else WIDTH_WITHOUT_TERMINAL, highlight=False)


def print_unpadded(console: Console, table: Table) -> None:
    """A table without the blanks that fill up its lines, which a file or a clipboard would keep."""
    for line in console.render_lines(table, pad=False):
        told = list(line)
        while told and not told[-1].text.strip():
            told.pop()
        if told:
            told[-1] = Segment(told[-1].text.rstrip(), told[-1].style)
        console.print(Segments([*told, Segment.line()]), end="")


def talking(*, json: bool) -> Console:
    """Where a command talks with a person before it answers: not on standard output if that carries one document."""
    return Console(file=sys.stderr, highlight=False) if json else screen()


def typed(question: str, nobody: WrongUse) -> str:
    """What somebody types to a question, nothing where they end the input.

    Raises `nobody` where nobody is there to answer; it says what to do then.
    """
    if not sys.stdin.isatty():
        raise nobody
    try:
        return clean(input(f"{question} "))
    except EOFError:
        return ""


def _width_known() -> bool:
    return sys.stdout.isatty() or "COLUMNS" in os.environ


def titled(title: str, box: Box | None = None, *, expand: bool = False, padding: PaddingDimensions = (0, 1)) -> Table:
    """A table under a heading."""
    return Table(title=title, title_justify="left", title_style="bold", box=box, expand=expand, padding=padding)


def write_json(document: object) -> None:
    """One JSON document on standard output. Half a surrogate pair in a name becomes an escape, not an error."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    sys.stdout.buffer.write(text.encode("utf-8", errors="backslashreplace") + b"\n")
    sys.stdout.flush()


def write_private_file(path: Path, text: str) -> None:
    """Replaces a file in one step, readable by its owner only: plans name customers."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
        draft.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}). Name another place for it.") from None


def clean(value: object) -> str:
    """A vendor's value as one line of harmless text: no control characters, nothing that turns the line around."""
    text = "" if value is None else str(value)
    return "".join(" " if c in "\n\r\t" else "�" if _harmful(c) else c for c in text).strip()


def clean_lines(value: object) -> str:
    """The same, with its lines kept."""
    return "\n".join(clean(line) if line.strip() else "" for line in str(value or "").splitlines())


def _harmful(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in _HARMFUL


def plain(value: object, style: str = "") -> Text:
    """Text that is shown as it is: square brackets in a company's name are no markup."""
    return Text(clean(value), style=style)


def one_line(value: object, style: str = "") -> Text:
    """The same, cut to the width that is there."""
    return Text(clean(value), style=style, no_wrap=True, overflow="ellipsis")


def amount(value: object) -> str:
    """A figure with thousands apart, without decimals that say nothing."""
    if value in (None, ""):
        return "–"
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return clean(value)
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"


def day(value: object) -> str:
    """A date as both languages read it: 2026/11/18."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return clean(value)
    return f"{value:%Y/%m/%d}" if isinstance(value, date) else "–"


def document(value: Any) -> Any:
    """A frozen value as JSON data."""
    return value.model_dump(mode="json")
