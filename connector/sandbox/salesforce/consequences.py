"""What moves elsewhere because a record was written: roll-ups, the one primary contact, history, memberships.

Called by the record rules after every write.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.salesforce.campaigns import MEMBER, count_members, refresh_members
from connector.sandbox.salesforce.history import note_history
from connector.sandbox.salesforce.rollup import roll_up_activities
from connector.sandbox.salesforce.schema import ACTIVITIES
from connector.sandbox.world import World

VENDOR = "salesforce"
ROLE = "OpportunityContactRole"
Row = Mapping[str, Any]


def follow_up(world: World, object_: str, before: dict[str, Any] | None, written: tuple[str, str]) -> None:
    """`written` is the record's id and who wrote it; `before` is None for a new record."""
    record_id, actor = written
    after = world.get(VENDOR, object_, record_id)
    if after is None:
        return
    if object_ in ACTIVITIES:
        roll_up_activities(world, (before, after))
    elif object_ == "Opportunity" and not after["IsDeleted"]:
        note_history(world, before, after, actor)
        if before is None and after["ContactId"]:
            _first_role(world, after, actor)
    elif object_ == ROLE:
        _settle_primary(world, after)
    elif object_ == MEMBER:
        count_members(world, after["CampaignId"])
    elif object_ in {"Contact", "Lead"} and before is not None:
        refresh_members(world, object_, after)


def _first_role(world: World, opportunity: Row, actor: str) -> None:
    """A contact that is given with a new opportunity becomes its primary contact role."""
    values = {"OpportunityId": opportunity["Id"], "ContactId": opportunity["ContactId"], "IsPrimary": 1}
    world.append(VENDOR, ROLE, values, actor)


def _settle_primary(world: World, role: Row) -> None:
    """One primary contact at most, the one that was named last; the opportunity shows him."""
    sql = (
        'SELECT "Id", "ContactId" FROM "salesforce_OpportunityContactRole" WHERE "OpportunityId" = ?'
        ' AND "IsPrimary" = 1 AND "IsDeleted" IS NOT 1'
    )
    primary: dict[str, str] = {str(row[0]): str(row[1]) for row in world.tuples(sql, (role["OpportunityId"],))}
    if role["Id"] in primary:
        for other in primary.keys() - {role["Id"]}:
            world.derive(VENDOR, ROLE, other, {"IsPrimary": 0})
        primary = {role["Id"]: role["ContactId"]}
    shown = {"ContactId": next(iter(primary.values()), None)}
    world.derive(VENDOR, "Opportunity", role["OpportunityId"], shown)
