"""One HubSpot object type as it can be read in this portal: what is asked for, and how its objects become records.

Made by the HubSpot source from the definitions of the properties. Sends nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from connector.model.records import Record, Ref, SetAside
from connector.model.sync import Batch
from connector.sources.availability import Available
from connector.sources.records import Row, Translation
from connector.sources.seen import Position
from connector.sources.values import blank

OVERLAP = timedelta(hours=1)
"""The search shows rows late, by seconds up to about an hour by public reports; every read looks back that far."""

MERGED = "hs_merged_object_ids"
"""Where the survivor of a merge names the records that are gone."""


@dataclass(frozen=True)
class ListPosition(Position):
    """While the first load goes on, also where the list is to be continued."""

    after: str | None = None


@dataclass(frozen=True)
class HubSpotStream:
    """One object type: its properties, associations and stamp, and the translation of its objects."""

    object: str
    modified: str
    properties: tuple[str, ...]
    associations: tuple[str, ...]
    available: Available
    translation: Translation

    def stamp(self, result: Mapping[str, Any]) -> Any:
        """When this object was last modified, as the vendor writes it."""
        own = result.get("properties", {}).get(self.modified)
        return result.get("updatedAt") if blank(own) else own

    def row(self, result: Mapping[str, Any], associations: Mapping[str, Sequence[str]]) -> Row:
        """One object of an answer."""
        return Row(
            id=str(result["id"]),
            modified_at=self.stamp(result),
            created_at=result.get("createdAt"),
            deleted=bool(result.get("archived")),
            values=result.get("properties", {}),
            associations=associations,
        )

    def batch(self, rows: Sequence[Row], cursor: str | None) -> Batch:
        """The rows as records, and for every record that one of them has swallowed a tombstone that names it."""
        batch = self.translation.batch(rows, cursor)
        gone = [self._swallowed(lost, row) for row in rows for lost in _merged(row)]
        return replace(
            batch,
            records=[*batch.records, *(item for item in gone if isinstance(item, Record))],
            set_aside=[*batch.set_aside, *(item for item in gone if isinstance(item, SetAside))],
        )

    def since(self, position: Position) -> dict[str, str]:
        """The search filter for what was modified since the watermark and some time before it."""
        return self.modified_filter("GTE", position.watermark - OVERLAP // timedelta(milliseconds=1))

    def modified_filter(self, operator: str, milliseconds: int) -> dict[str, str]:
        """A search filter on when an object was modified."""
        return {"propertyName": self.modified, "operator": operator, "value": str(max(0, milliseconds))}

    def _swallowed(self, lost: str, survivor: Row) -> Record | SetAside:
        tombstone = self.translation.tombstone(lost, survivor.modified_at)
        if isinstance(tombstone, SetAside):
            return tombstone
        kept = Ref(tombstone.ref.system, tombstone.ref.object, survivor.id)
        return tombstone.model_copy(update={"same_as": (kept,)})


def inline(result: Mapping[str, Any]) -> dict[str, list[str]]:
    """Ids by object type as the list endpoint writes them; one id may stand there once for every label."""
    given = result.get("associations") or {}
    return {
        to: list(dict.fromkeys(str(target["id"]) for target in found.get("results", ()))) for to, found in given.items()
    }


def _merged(row: Row) -> list[str]:
    ids = (part.strip() for part in str(row.values.get(MERGED) or "").split(";"))
    return [lost for lost in ids if lost and lost != row.id]
