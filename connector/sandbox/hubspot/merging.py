"""Two records become one: the survivor gets what the other had – values, links, lists, submissions and events.

Called by the merge endpoint and by people's acts; it must not know the wire.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.links import Link, link
from connector.sandbox.hubspot.properties import LIFECYCLE_STAGES
from connector.sandbox.hubspot.records import existing
from connector.sandbox.hubspot.schema import SINGULAR, TYPE_IDS
from connector.sandbox.world import World

_SUMMED = (
    "hs_analytics_num_page_views",
    "hs_email_open",
    "hs_email_click",
    "hs_email_delivered",
    "num_conversion_events",
)
_LATEST: Mapping[str, tuple[str, ...]] = {
    "hs_analytics_last_visit_timestamp": ("hs_analytics_last_url",),
    "hs_email_last_open_date": (),
    "hs_email_last_click_date": (),
    "recent_conversion_date": ("recent_conversion_event_name",),
}
_STAGES = [one.value for one in LIFECYCLE_STAGES]


def merge_records(world: World, object_: str, survivor_id: str, merged_id: str, actor: str) -> None:
    """The survivor keeps its id and answers for the other's; that one can be written no more."""
    survivor, merged = existing(world, object_, survivor_id), existing(world, object_, merged_id)
    if object_ not in SINGULAR:
        raise errors.unknown_object(object_)
    gained = _gained(world, object_, survivor, merged)
    with world.transaction():
        now = world.now()
        world.record("hubspot", "merge", object_, survivor_id, ({}, {"merged": [merged_id]}, actor))
        world.derive("hubspot", object_, merged_id, {"archived": 1, "updatedAt": now})
        world.update("hubspot", object_, survivor_id, gained, actor)
        _move_links(world, object_, (survivor_id, merged_id), actor)
        _move_memberships(world, object_, survivor_id, merged_id)
        if object_ == "companies":
            moved = 'UPDATE "hubspot_companies" SET "hs_parent_company_id" = ? WHERE "hs_parent_company_id" = ?'
            world.execute(moved, (survivor_id, merged_id))
        if object_ == "contacts":
            for table, column in (("events", "objectId"), ("form_submissions", "contactId")):
                world.execute(
                    f'UPDATE "hubspot_{table}" SET "{column}" = ? WHERE "{column}" = ?', (survivor_id, merged_id)
                )


def _gained(world: World, object_: str, survivor: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    """What the survivor lacks; counts add up, the latest signal counts, the later lifecycle stage stays."""
    writable = [one.name for one in definitions(world).of(object_) if not one.read_only and not one.system]
    gained = {name: merged[name] for name in writable if survivor[name] is None and merged[name] is not None}
    swallowed = [survivor["hs_merged_object_ids"], merged["hs_merged_object_ids"], merged["id"]]
    gained["hs_merged_object_ids"] = ";".join(str(one) for one in swallowed if one)
    if object_ == "contacts":
        gained |= _signals(survivor, merged)
        gained |= _identities(world, survivor, merged)
    stages = [one["lifecyclestage"] for one in (survivor, merged) if one.get("lifecyclestage")]
    if stages:
        gained["lifecyclestage"] = max(stages, key=_STAGES.index)
    return gained


def _signals(survivor: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _SUMMED:
        if merged[name] is not None:
            found[name] = int(survivor[name] or 0) + int(merged[name])
    for moment, companions in _LATEST.items():
        if (merged[moment] or "") > (survivor[moment] or ""):
            found |= {name: merged[name] for name in (moment, *companions)}
    return found


def _identities(world: World, survivor: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    """The other mail addresses stay known; the vendor notes when each contact was swallowed."""
    known = [survivor["hs_additional_emails"], merged["hs_additional_emails"]]
    others = [one for text in known if text for one in str(text).split(";")]
    if merged["email"] and survivor["email"]:
        others.append(str(merged["email"]))
    moment = round(world.clock.now().timestamp() * 1000)
    vids = [survivor["hs_calculated_merged_vids"], merged["hs_calculated_merged_vids"], f"{merged['id']}:{moment}"]
    found: dict[str, Any] = {"hs_calculated_merged_vids": ";".join(str(one) for one in vids if one)}
    if others:
        found["hs_additional_emails"] = ";".join(dict.fromkeys(others))
    return found


def _move_links(world: World, object_: str, ids: tuple[str, str], actor: str) -> None:
    survivor_id, merged_id = ids
    sql = "SELECT to_type, to_id, type_id, label FROM hubspot_associations WHERE from_type = ? AND from_id = ?"
    neighbours = world.tuples(f"{sql} ORDER BY rowid", (object_, merged_id))
    known = definitions(world)
    world.execute("DELETE FROM hubspot_associations WHERE from_type = ? AND from_id = ?", (object_, merged_id))
    world.execute("DELETE FROM hubspot_associations WHERE to_type = ? AND to_id = ?", (object_, merged_id))
    for kind, to_id, type_id, _ in neighbours:
        row = world.get("hubspot", str(kind), str(to_id))
        if row is None or row["archived"] or str(to_id) == survivor_id:
            continue
        own = next((one for one in known.association_types((object_, str(kind))) if one.type_id == type_id), None)
        label = own.type_id if own is not None and own.category == "USER_DEFINED" else None
        link(world, [Link(object_, survivor_id, str(kind), str(to_id), label)], actor)


def _move_memberships(world: World, object_: str, survivor_id: str, merged_id: str) -> None:
    """The survivor is where the other was; nobody is twice in a list."""
    place = (TYPE_IDS[object_], merged_id)
    world.execute(
        'UPDATE OR IGNORE "hubspot_memberships" SET "recordId" = ?, "id" = "listId" || \':\' || ?'
        ' WHERE "objectTypeId" = ? AND "recordId" = ?',
        (survivor_id, survivor_id, *place),
    )
    world.execute('DELETE FROM "hubspot_memberships" WHERE "objectTypeId" = ? AND "recordId" = ?', place)
