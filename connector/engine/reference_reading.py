"""From a register's file to what its rows say of companies; rows that cannot be used are counted and named.

Used when a register is loaded. Knows files and rows; what becomes of a company is not its matter.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from connector.identity.reference import Registered
from connector.identity.reference_rows import (
    Gone,
    Layout,
    layout_by_places,
    layout_of,
    publication_layout,
    unknown_columns,
)
from connector.model.errors import ConfigurationError, SkipRecord
from connector.model.plan import Frozen
from connector.sources.register_file import FileRow, Part

KEPT_BAD_ROWS = 100

HOPELESS = 1_000
"""So many rows without one that can be used, and it is the wrong file or these are the wrong columns."""

HEADER_WITHIN = 5
"""A header stands in one of the first rows: some lists begin with a line on the list itself."""

WHOLE_NATION = "zenkoku_all"
"""Part of the name of the publication's file that holds every company (00_zenkoku_all_<day>.zip)."""


@dataclass(frozen=True, kw_only=True)
class RegisterSource:
    """A file and how it is to be taken. `complete` as `None`: as its name says; `columns`: field → column."""

    path: Path
    complete: bool | None = None
    replace: bool = False
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


class BadRow(Frozen):
    """A row that was left out: its file, the line a person finds it at, and the key of the problem's text."""

    file: str
    line: int
    problem: str


class Reading:
    """One file on its way. Of all `rows`, `passed` tell nothing that a register keeps, and `bad` cannot be used."""

    def __init__(self, source: RegisterSource) -> None:
        self.rows = self.passed = self.bad = 0
        self.bad_rows: list[BadRow] = []
        self._source = source
        self._publication = False

    @property
    def complete(self) -> bool:
        """Whether the file holds every company."""
        if self._source.complete is not None:
            return self._source.complete
        return self._publication and WHOLE_NATION in self._source.path.name

    def chunks(self, parts: Iterable[Part], size: int) -> Iterator[list[Registered | Gone]]:
        """What usable rows say. Raises ConfigurationError where none is usable."""
        said = chain.from_iterable(map(self._said, parts))
        while chunk := list(islice(said, size)):
            yield chunk
        if self.rows == self.bad + self.passed:
            raise self._hopeless()

    def _said(self, part: Part) -> Iterator[Registered | Gone]:
        layout, width, rows = self._laid_out(part)
        self._publication = self._publication or layout.publication
        for row in rows:
            self.rows += 1
            try:
                found = layout.read(_whole(row, width))
            except SkipRecord as error:
                self._leave_out(part, row, error.reason)
                continue
            if found is None:
                self.passed += 1
            else:
                yield found

    def _laid_out(self, part: Part) -> tuple[Layout, int | None, Iterator[FileRow]]:
        """The layout, how many cells each row must have, and the rows behind the header."""
        given = self._source.columns
        if part.columns is not None:
            if not part.columns:
                raise ConfigurationError(
                    f"{self._source.path} begins with lines that are no JSON objects; write one object a line.",
                    code="register_json",
                    details={"path": self._source.path},
                )
            if (layout := layout_of(part.columns, given)) is None:
                raise self._unknown([part.columns])
            return layout, None, part.rows
        first = list(islice(part.rows, HEADER_WITHIN))
        rows = chain(first, part.rows)
        if (layout := layout_by_places(given)) is not None:
            return layout, None, rows
        for place, row in enumerate(first):
            if (layout := publication_layout(row.cells)) is not None:
                return layout, len(row.cells), rows
            if (layout := layout_of(row.cells, given)) is not None:
                return layout, len(row.cells), chain(first[place + 1 :], part.rows)
        if not first:
            return Layout({}), None, iter(())
        raise self._unknown([row.cells for row in first])

    def _leave_out(self, part: Part, row: FileRow, problem: str) -> None:
        self.bad += 1
        if len(self.bad_rows) < KEPT_BAD_ROWS:
            self.bad_rows.append(BadRow(file=part.name, line=row.line, problem=problem))
        if self.bad == self.rows == HOPELESS:
            raise self._hopeless()

    def _hopeless(self) -> ConfigurationError:
        problem = self.bad_rows[0].problem if self.bad_rows else "nothing"
        line = self.bad_rows[0].line if self.bad_rows else 0
        return ConfigurationError(
            f"{self._source.path} tells no company: {self.bad} rows were read and none can be used (line {line}: "
            f"{problem}). Look at the file, and say what is what, e.g. --column number=法人番号 --column name=会社名, "
            "or --encoding cp932.",
            code=f"register_{'empty' if not self.rows else 'hopeless'}",
            details={"path": self._source.path, "rows": self.bad, "line": line, "problem": problem},
        )

    def _unknown(self, headers: Sequence[Sequence[object]]) -> ConfigurationError:
        """What is wrong with the columns. Tells how many there are: without a header the first line is a customer's."""
        path, count = self._source.path, max(map(len, headers))
        remedy = "Say it: --column number=<column> --column name=<column>, by name or by place (1, 2, …)."
        if missing := ", ".join(unknown_columns(headers, self._source.columns)):
            return ConfigurationError(
                f"{path} has no column {missing}, neither by name nor by place; it has {count} columns. {remedy}",
                code="register_no_column",
                details={"path": path, "missing": missing, "count": count},
            )
        return ConfigurationError(
            f"{path} does not say in a way that is known which column is the 法人番号 and which the name; "
            f"it has {count} columns. {remedy}",
            code="register_columns",
            details={"path": path, "count": count},
        )


def _whole(row: FileRow, width: int | None) -> Sequence[object]:
    if row.problem:
        raise SkipRecord(row.problem)
    cells = row.cells
    if width is not None and len(cells) != width and (len(cells) < width or any(cells[width:])):
        raise SkipRecord("columns")
    return cells
