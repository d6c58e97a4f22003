"""Which records are one company or one person: told by the records themselves, so that merges are followed.

The generator notes whose record each row is, and so do acts that make a record of somebody known. Read by the control
URL, a chunk at a time. It must not know how either vendor links records.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from connector.sandbox.world import World

TABLES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "companies": (("salesforce", "Account"), ("hubspot", "companies")),
    "people": (("salesforce", "Contact"), ("salesforce", "Lead"), ("hubspot", "contacts")),
}
_KEY: Final = {"salesforce": ("Id", "IsDeleted"), "hubspot": ("id", "archived")}
_CHUNK: Final = 5_000  # records: no company and no person has as many

_Place = tuple[str, str]


@dataclass(frozen=True)
class Clusters:
    """All companies or all people, in the order of their truth ids; read anew each time, never held whole.

    One is `{truth_id, refs, salesforce, hubspot}`: its living records as `system:object:id`, and the ids by vendor. A
    record that was made after the start, and of which nobody said whose it is, counts as somebody new.
    """

    world: World
    part: str

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._index()
        last = ""
        while chunk := self._chunk(last):
            if len(chunk) == _CHUNK:  # the last one may go on in the next chunk
                broken = chunk[-1][0]
                chunk = [row for row in chunk if row[0] != broken]
            for truth_id, rows in groupby(chunk, key=itemgetter(0)):
                yield _cluster(truth_id, sorted(str(ref) for _, ref in rows))
            last = chunk[-1][0]

    def _chunk(self, after: str) -> list[Any]:
        """Truth id and ref of living records."""
        places = TABLES[self.part]
        sql = " UNION ALL ".join(_select(place) for place in places)
        return self.world.tuples(f"{sql} ORDER BY 1 LIMIT {_CHUNK}", (after,) * len(places))

    def _index(self) -> None:
        for place in TABLES[self.part]:
            name = _table(place)
            self.world.execute(f'CREATE INDEX IF NOT EXISTS "{name}_truth" ON "{name}" ({_truth_id(place)})')


def clusters(world: World) -> dict[str, Clusters]:
    """`companies` and `people`, as the truth tells them."""
    return {part: Clusters(world, part) for part in TABLES}


def note(world: World, place: _Place, record_id: str, truth_id: str) -> None:
    """Say whose record this is."""
    world.derive(*place, record_id, {"_truth_id": truth_id})


def whose(world: World, place: _Place, ref: str) -> str | None:
    """Whose record `system:object:id` is; `None` where it is no record of the kind that `place` holds."""
    vendor, object_, record_id = (*ref.split(":", 2), "", "")[:3]
    if not any({place, (vendor, object_)} <= set(places) for places in TABLES.values()):
        return None
    row = world.get(vendor, object_, record_id)
    return None if row is None else str(row["_truth_id"] or ref)


def _cluster(truth_id: str, refs: list[str]) -> dict[str, Any]:
    ids = {vendor: [ref.rpartition(":")[2] for ref in refs if ref.startswith(vendor)] for vendor in _KEY}
    return {"truth_id": truth_id, "refs": refs, **ids}


def _select(place: _Place) -> str:
    key, gone = _KEY[place[0]]
    ref, truth_id = _ref(place, key), _truth_id(place)
    return f'SELECT {truth_id}, {ref} FROM "{_table(place)}" WHERE {truth_id} > ? AND "{gone}" = 0'


def _truth_id(place: _Place) -> str:
    """The same text in the query and in the index, or the index is of no use."""
    return f'COALESCE("_truth_id", {_ref(place, _KEY[place[0]][0])})'


def _ref(place: _Place, key: str) -> str:
    return f"'{place[0]}:{place[1]}:' || \"{key}\""


def _table(place: _Place) -> str:
    return f"{place[0]}_{place[1]}"
