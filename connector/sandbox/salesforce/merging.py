"""Merging accounts, contacts or leads: the losers go, what hung on them hangs on the winner.

Called for people only: the REST API cannot merge. The losers are in the recycle bin with the winner's id.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connector.sandbox.salesforce.campaigns import MEMBER, count_members, refresh_members
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.records import existing, find_object, update_record
from connector.sandbox.salesforce.rollup import roll_up_activities
from connector.sandbox.salesforce.schema import ACTIVITIES, SObject
from connector.sandbox.world import World

VENDOR: Final = "salesforce"
MAX_LOSERS: Final = 2  # a merge takes three records in all
ROLE: Final = "OpportunityContactRole"
_ACTIVITY_WHO: Final = tuple((name, "WhoId") for name in ACTIVITIES)
REPARENTED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Account": (
        ("Account", "ParentId"),
        ("Contact", "AccountId"),
        ("Opportunity", "AccountId"),
        ("Lead", "ConvertedAccountId"),
        *((name, field) for name in ACTIVITIES for field in ("WhatId", "AccountId")),
    ),
    "Contact": (
        ("Contact", "ReportsToId"),
        ("Lead", "ConvertedContactId"),
        ("Opportunity", "ContactId"),
        (ROLE, "ContactId"),
        (MEMBER, "ContactId"),
        *_ACTIVITY_WHO,
    ),
    "Lead": ((MEMBER, "LeadId"), *_ACTIVITY_WHO),
}
# of two children that would name the same pair, the loser's goes
_ONE_EACH: Final[Mapping[str, str]] = {ROLE: "OpportunityId", MEMBER: "CampaignId"}


def merge_records(
    world: World, object_: str, ids: tuple[str, Sequence[str]], values: Mapping[str, Any], actor: str
) -> None:
    """Merge the losers into the winner (`ids` is the winner and the losers); `values` are written to the winner."""
    table = find_object(world, object_)
    if table.name not in REPARENTED:
        message = f"Entity type {table.name} cannot be merged"
        raise SalesforceError(400, "INVALID_TYPE", message)
    with world.transaction():
        winner = existing(world, table, ids[0])
        losers = [existing(world, table, loser) for loser in ids[1]]
        _refuse(winner, losers)
        if values:
            update_record(world, table.name, winner["Id"], values, actor)
        for loser in losers:
            _reparent(world, table.name, loser["Id"], winner["Id"])
            gone = {"IsDeleted": 1, "MasterRecordId": winner["Id"], **_stamps(world, table, loser, actor)}
            world.derive(VENDOR, table.name, loser["Id"], gone)
        world.derive(VENDOR, table.name, winner["Id"], _stamps(world, table, winner, actor))
        _settle(world, table.name, winner["Id"])
        merged = {"MergedRecordIds": [loser["Id"] for loser in losers]}
        world.record(VENDOR, "merge", table.name, winner["Id"], ({}, merged, actor))


def _refuse(winner: Mapping[str, Any], losers: Sequence[Mapping[str, Any]]) -> None:
    ids = [winner["Id"], *(loser["Id"] for loser in losers)]
    if not losers or len(losers) > MAX_LOSERS:
        raise SalesforceError(400, "INVALID_INPUT", f"A merge takes one record and up to {MAX_LOSERS} more")
    if len(set(ids)) < len(ids):
        raise SalesforceError(400, "DUPLICATE_VALUE", f"duplicate id specified: {winner['Id']}")


def _stamps(world: World, table: SObject, row: Mapping[str, Any], actor: str) -> dict[str, Any]:
    stamp = world.stamp(VENDOR, table.name, row)
    return {"SystemModstamp": stamp, "LastModifiedDate": stamp, "LastModifiedById": actor}


def _reparent(world: World, object_: str, loser: str, winner: str) -> None:
    for child, field in REPARENTED[object_]:
        for row in world.select(f'SELECT * FROM "salesforce_{child}" WHERE "{field}" = ?', (loser,)):
            values: dict[str, Any] = {field: winner, "SystemModstamp": world.stamp(VENDOR, child, row)}
            if row.get("LeadOrContactId") == loser:
                values["LeadOrContactId"] = winner
            twin = _twin(world, child, (field, winner), row)
            if twin is not None:
                values = {"IsDeleted": 1, "SystemModstamp": values["SystemModstamp"]}
                _keep_primary(world, child, row, twin)
            world.derive(VENDOR, child, row["Id"], values)


def _twin(world: World, child: str, key: tuple[str, str], row: Mapping[str, Any]) -> str | None:
    """The winner's own child that says the same."""
    other = _ONE_EACH.get(child)
    if other is None or row["IsDeleted"]:
        return None
    sql = f'SELECT "Id" FROM "salesforce_{child}" WHERE "{key[0]}" = ? AND "{other}" = ? AND "IsDeleted" IS NOT 1'
    found = world.tuples(sql, (key[1], row[other]))
    return str(found[0][0]) if found else None


def _keep_primary(world: World, child: str, row: Mapping[str, Any], twin: str) -> None:
    if child == ROLE and row["IsPrimary"]:
        world.derive(VENDOR, child, twin, {"IsPrimary": 1})


def _settle(world: World, object_: str, winner: str) -> None:
    """What follows for the winner: its last activity, and what its memberships show and count."""
    field = "WhatId" if object_ == "Account" else "WhoId"
    for activity in ACTIVITIES:
        roll_up_activities(world, world.select(f'SELECT * FROM "salesforce_{activity}" WHERE "{field}" = ?', (winner,)))
    if object_ == "Account":
        return
    refresh_members(world, object_, world.get(VENDOR, object_, winner) or {})
    sql = f'SELECT DISTINCT "CampaignId" FROM "salesforce_{MEMBER}" WHERE "{object_}Id" = ?'
    for (campaign,) in world.tuples(sql, (winner,)):
        count_members(world, campaign)
