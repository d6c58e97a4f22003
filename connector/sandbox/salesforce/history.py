"""What the org writes down by itself when an opportunity changes: its stage history and its field history.

Called after every write of an opportunity. History is not written by clients and stands in no journal.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connector.sandbox.salesforce.schema import FIELD_HISTORY
from connector.sandbox.world import World

VENDOR: Final = "salesforce"
STAGE_HISTORY: Final = "OpportunityHistory"
KEPT: Final = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory", "ExpectedRevenue")
WATCHED: Final = KEPT[:-1]  # expected revenue only follows from the others
TRACKED: Final[Mapping[str, str]] = {
    "StageName": "DynamicEnum",
    "Amount": "Currency",
    "CloseDate": "DateOnly",
    "Next_Approach_Date__c": "DateOnly",
    "Lost_Reason__c": "DynamicEnum",
}
"""Fields that the administrator has put under field history, with the data type that its rows tell."""
Row = Mapping[str, Any]


def note_history(world: World, before: Row | None, after: Row, actor: str) -> None:
    """Write the rows that follow from this change; `before` is None for a new opportunity."""
    if before is None or any(before[name] != after[name] for name in WATCHED):
        world.append(VENDOR, STAGE_HISTORY, _stage_row(before, after), actor)
    if FIELD_HISTORY in world.tables[VENDOR]:
        for values in _field_rows(world, before, after):
            world.append(VENDOR, FIELD_HISTORY, {"OpportunityId": after["Id"], **values}, actor)


def delete_history(world: World, object_: str, opportunity: str) -> None:
    """History goes with its opportunity; its stamps stay."""
    world.execute(f'UPDATE "salesforce_{object_}" SET "IsDeleted" = 1 WHERE "OpportunityId" = ?', (opportunity,))


def _stage_row(before: Row | None, after: Row) -> dict[str, Any]:
    row = {"OpportunityId": after["Id"], **{name: after[name] for name in KEPT}}
    if before is None:
        return row
    moved = {f"Prev{name}": before[name] for name in ("Amount", "CloseDate") if before[name] != after[name]}
    return row | moved


def _field_rows(world: World, before: Row | None, after: Row) -> Iterator[dict[str, Any]]:
    if before is None:
        yield {"Field": "created"}
        return
    for name, data_type in TRACKED.items():
        if before[name] != after[name]:
            yield {"Field": name, "DataType": data_type, "OldValue": before[name], "NewValue": after[name]}
    if before["OwnerId"] != after["OwnerId"]:
        yield from _owner_rows(world, before["OwnerId"], after["OwnerId"])


def _owner_rows(world: World, old: str, new: str) -> Iterator[dict[str, Any]]:
    """A change of a reference is told twice: by name and by id."""
    names = [(world.get(VENDOR, "User", user) or {}).get("Name") for user in (old, new)]
    yield {"Field": "Owner", "DataType": "Text", "OldValue": names[0], "NewValue": names[1]}
    yield {"Field": "Owner", "DataType": "EntityId", "OldValue": old, "NewValue": new}
