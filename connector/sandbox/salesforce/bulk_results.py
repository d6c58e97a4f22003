"""The rows of a bulk query: read in one moment, written as CSV into a file, read from there page by page.

Called by the query jobs. It must not know what a job is.
"""

import json
import os
import tempfile
import weakref
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connector.sandbox.salesforce.bulk_csv import Form, wire_text
from connector.sandbox.salesforce.soql.compiler import Plan
from connector.sandbox.salesforce.soql.shape import Leaf, Node
from connector.sandbox.world import World

READ_ROWS: Final = 2_000


@dataclass
class Results:
    """A job's rows as CSV in a file of its own; `starts` are the rows' places in it and its length."""

    header: bytes
    starts: "array[int]" = field(default_factory=lambda: array("Q", [0]))

    def __post_init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 – lives as long as the job does
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def append(self, lines: Sequence[bytes]) -> None:
        self._file.write(b"".join(lines))
        for line in lines:
            self.starts.append(self.starts[-1] + len(line))

    def finish(self) -> None:
        self._file.flush()

    def page(self, start: int, stop: int) -> bytes:
        """Header and rows `start` to `stop`."""
        first, last = self.starts[start], self.starts[min(stop, len(self))]
        return self.header + os.pread(self._file.fileno(), last - first, first)


def run(world: World, form: Form, plan: Plan, chunk: int) -> Results:
    """All rows of this moment as CSV; `chunk` is how many rows the vendor reads at once, 0 when it divides nothing."""
    leaves = sorted(leaves_of(plan.node, ()), key=lambda found: found[1].index)  # in the order of the SELECT list
    made = Results(form.lines([[".".join(path) for path, _ in leaves]]))
    with world.lock:
        numbers = _in_chunks(_row_numbers(world, plan), chunk)
        for start in range(0, len(numbers), READ_ROWS):
            rows = _rows(world, plan, numbers[start : start + READ_ROWS])
            made.append([form.lines([[_cell(leaf, row) for _, leaf in leaves]]) for row in rows])
    made.finish()
    return made


def _cell(leaf: Leaf, row: Sequence[Any]) -> str:
    value = row[leaf.index]
    return wire_text(bool(value) if leaf.convert is bool and value is not None else value)


def leaves_of(node: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """The selected fields with their names as spoken: `RecordType.DeveloperName`."""
    for part in node.parts:
        if isinstance(part, Leaf):
            yield (*path, part.name), part
        elif isinstance(part, Node):
            yield from leaves_of(part, (*path, part.name))


def _row_numbers(world: World, plan: Plan) -> "array[int]":
    limit = -1 if plan.limit is None else plan.limit
    sql = f"{plan.sql(f'{plan.alias}.rowid')} LIMIT {limit}"
    return array("Q", (row[0] for row in world.tuples(sql, plan.parameters)))


def _in_chunks(numbers: "array[int]", size: int) -> "array[int]":
    """Chunks are read side by side and arrive as they are ready: here every second one first, then the rest."""
    if not size:
        return numbers
    chunks = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    arrived = array("Q")
    for chunk in (*chunks[1::2], *chunks[0::2]):
        arrived.extend(chunk)
    return arrived


def _rows(world: World, plan: Plan, numbers: "array[int]") -> list[Sequence[Any]]:
    columns = ", ".join([*plan.columns, f"{plan.alias}.rowid"])
    sql = f"SELECT {columns} FROM {plan.from_sql} WHERE {plan.alias}.rowid IN (SELECT value FROM json_each(?))"
    found = {row[-1]: row for row in world.tuples(sql, (json.dumps(numbers.tolist()),))}
    return [found[number] for number in numbers]
