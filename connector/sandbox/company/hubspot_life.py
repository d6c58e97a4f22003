"""What a portal holds beside its records: lists with members, forms and what was sent, mail counts, page views.

Called once when all records are there; made from each contact's own signals, so that both always agree. It must not
know Salesforce.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.company.visits import Visit
from connector.sandbox.company.vocabulary import CONVERSIONS, PAGES
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.events import VISITED, page_properties
from connector.sandbox.hubspot.list_filters import wanted
from connector.sandbox.hubspot.lists import DYNAMIC, MANUAL, SNAPSHOT
from connector.sandbox.hubspot.schema import TYPE_IDS
from connector.sandbox.world import World

Row = dict[str, Any]
NO_CONSENT, EVENTS = "noconsent", "events"
_FORM_FIELDS = ("email", "lastname", "firstname", "company", "phone")
_CHANNELS = ("SMS", "LINKEDIN_MESSAGE", "WHATS_APP")
_LIKELY_PERSON, _LIKELY_BOT = (60, 99), (1, 15)
_STAGE_FILTER = {
    "filterType": "PROPERTY",
    "property": "lifecyclestage",
    "operation": {
        "operationType": "ENUMERATION",
        "operator": "IS_ANY_OF",
        "values": ["marketingqualifiedlead", "salesqualifiedlead"],
        "includeObjectsWithNoValueSet": False,
    },
}
_OPTED_OUT_FILTER = {
    "filterType": "PROPERTY",
    "property": "hs_email_optout",
    "operation": {
        "operationType": "BOOL",
        "operator": "IS_EQUAL_TO",
        "value": True,
        "includeObjectsWithNoValueSet": False,
    },
}
# name, kind of records, kind of list, filter, share of the records that somebody put in
_LISTS: tuple[tuple[str, str, str, Mapping[str, Any] | None, float], ...] = (
    ("ナーチャリング対象", "contacts", MANUAL, None, 0.15),
    ("展示会2026 来場者", "contacts", SNAPSHOT, None, 0.1),
    ("MQL・SQL", "contacts", DYNAMIC, _STAGE_FILTER, 0),
    ("配信停止", "contacts", DYNAMIC, _OPTED_OUT_FILTER, 0),
    ("重点顧客", "companies", MANUAL, None, 0.1),
    # The connector's own: made by the portal's administrator, and empty.
    ("Okoshi 掘り起こしナーチャリング", "contacts", MANUAL, None, 0),
    ("リードナーチャリング", "contacts", MANUAL, None, 0),
)


def fill(world: World, seed: int, plant: frozenset[str], visits: Mapping[str, Sequence[Visit]]) -> None:
    """Complete the portal; `noconsent` takes the property of opting out away, `events` gives the tier page views.

    `visits` are the page views of contacts whose views are planted: they get these and no others.
    """
    known = definitions(world)
    if NO_CONSENT in plant:
        known.forget("contacts", "hs_email_optout")
        world.execute('UPDATE "hubspot_contacts" SET "hs_email_optout" = NULL')
    contacts = _records(world, "contacts")
    _mails(world, seed, contacts)
    _forms(world, seed, contacts)
    _channels(world)
    _lists(world, seed)
    if EVENTS in plant:
        known.event_types = (VISITED,)
        world.load("hubspot", "events", _events(seed, contacts, visits))


def _records(world: World, object_: str) -> list[Row]:
    """Records that are there and to be seen from the start."""
    sql = f'SELECT * FROM "hubspot_{object_}" WHERE "archived" = 0 AND "_visible_at" IS NULL ORDER BY "hs_object_id"'
    return world.select(sql)


def _now(world: World) -> datetime:
    """Whole minutes, as in the rest of the company: a seed gives the same each time."""
    return world.clock.now().replace(second=0, microsecond=0)


def _dice(seed: int, part: str, row: Mapping[str, Any]) -> Random:
    return Random(f"{seed}:portal:{part}:{row['id']}")


# -- marketing mail and messages ---------------------------------------------------------------------------------------


def _mails(world: World, seed: int, contacts: Iterable[Row]) -> None:
    """Who opened something opened at least once, and was sent at least as much."""
    with world.transaction():
        for row in contacts:
            rng = _dice(seed, "mail", row)
            opened = rng.randint(1, 12) if row["hs_email_last_open_date"] else 0
            clicked = rng.randint(1, opened) if row["hs_email_last_click_date"] else 0
            sent = opened + rng.randint(0, 8)
            counts = {"hs_email_delivered": sent, "hs_email_open": opened, "hs_email_click": clicked}
            world.derive("hubspot", "contacts", row["id"], {name: count or None for name, count in counts.items()})


def _channels(world: World) -> None:
    """Messages go through all the channels that the vendor knows."""
    column = '"hs_communication_channel_type"'
    for rest, channel in enumerate(_CHANNELS):
        sql = f'UPDATE "hubspot_communications" SET {column} = ? WHERE {column} IS NOT NULL AND "hs_object_id" % ? = ?'
        world.execute(sql, (channel, len(_CHANNELS), rest))


# -- forms -------------------------------------------------------------------------------------------------------------


def _forms(world: World, seed: int, contacts: Iterable[Row]) -> None:
    oldest = min([row["createdAt"] for row in contacts], default=stored_datetime(_now(world)))
    guids = {name: form_guid(seed, name) for name in CONVERSIONS}
    world.load("hubspot", "forms", (_form(guid, name, oldest) for name, guid in guids.items()))
    sent: list[Row] = []
    with world.transaction():
        for row in contacts:
            made = list(_submissions(seed, row, guids))
            if made:
                first = min(made, key=lambda one: str(one["submittedAt"]))
                names = {guid: name for name, guid in guids.items()}
                values = {
                    "first_conversion_event_name": names[first["formId"]],
                    "first_conversion_date": first["submittedAt"],
                    "num_conversion_events": len(made),
                }
                world.derive("hubspot", "contacts", row["id"], values)
                sent += made
    sent.sort(key=lambda one: (one["submittedAt"], one["contactId"]))
    world.load("hubspot", "form_submissions", ({"id": str(place), **one} for place, one in enumerate(sent, 1)))


def form_guid(seed: int, name: str) -> str:
    """The form's id, always the same for a seed."""
    digits = f"{Random(f'{seed}:form:{name}').getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _form(guid: str, name: str, created: str) -> Row:
    frame = {"id": guid, "createdAt": created, "updatedAt": created, "archived": 0}
    return frame | {"name": name, "fields": json.dumps(_FORM_FIELDS)}


def _submissions(seed: int, row: Row, guids: Mapping[str, str]) -> Iterator[Row]:
    """The last conversion that the contact names, and sometimes earlier ones."""
    name, last = row["recent_conversion_event_name"], row["recent_conversion_date"]
    if name not in guids or not last:
        return
    rng = _dice(seed, "form", row)
    yield _submission(row, guids[name], last)
    for moment in _moments(rng, row["createdAt"], last, rng.choice((0, 0, 0, 1, 2))):
        yield _submission(row, guids[rng.choice(CONVERSIONS)], moment)


def _submission(row: Row, guid: str, moment: str) -> Row:
    values = [{"name": name, "value": row[name], "objectTypeId": "0-1"} for name in _FORM_FIELDS if row[name]]
    told = {"formId": guid, "contactId": row["id"], "submittedAt": moment, "pageUrl": PAGES[-2]}
    return told | {"values": json.dumps(values, ensure_ascii=False)}


def _moments(rng: Random, first: str, last: str, count: int) -> list[str]:
    """So many times between two, the later end excluded; who was seen before he was a record was seen that day."""
    end = datetime.fromisoformat(last)
    start = min(datetime.fromisoformat(first), end - timedelta(days=1))
    span = (end - start).total_seconds() - 60
    return sorted(stored_datetime(start + timedelta(seconds=int(rng.random() * span))) for _ in range(count))


# -- page views --------------------------------------------------------------------------------------------------------


def _events(seed: int, contacts: Iterable[Row], planted: Mapping[str, Sequence[Visit]]) -> Iterator[Row]:
    """One event a page view of each contact; a few more by programs that follow the links of a mail."""
    found = [visit for row in contacts for visit in planted.get(row["id"]) or _visits(seed, row)]
    found.sort(key=lambda visit: (visit.moment, visit.contact, visit.url, visit.score))
    for place, (contact, moment, url, score) in enumerate(found, 1):
        yield {
            "id": str(place),
            "eventType": VISITED,
            "objectType": "CONTACT",
            "objectId": contact,
            "occurredAt": moment,
            "properties": json.dumps(page_properties(url, score), ensure_ascii=False),
        }


def _visits(seed: int, row: Row) -> Iterator[Visit]:
    """When a contact opened which page, and how likely it was a person."""
    last, url = row["hs_analytics_last_visit_timestamp"], row["hs_analytics_last_url"]
    if not last or not url:
        return
    rng = _dice(seed, "visit", row)
    yield Visit(row["id"], last, url, rng.randint(*_LIKELY_PERSON))
    views = int(row["hs_analytics_num_page_views"] or 1)
    for count, score in ((views - 1, _LIKELY_PERSON), (rng.choice((0, 0, 0, 0, 1)), _LIKELY_BOT)):
        for moment in _moments(rng, row["createdAt"], last, count):
            yield Visit(row["id"], moment, rng.choice(PAGES), rng.randint(*score))


# -- lists -------------------------------------------------------------------------------------------------------------


def _lists(world: World, seed: int) -> None:
    made = stored_datetime(_now(world) - timedelta(days=200))
    owner = world.select('SELECT "userId" FROM "hubspot_owners" WHERE "archived" = 0 ORDER BY CAST("id" AS INTEGER)')
    author = str(owner[0]["userId"]) if owner else None
    records = {object_: _records(world, object_) for object_ in {one[1] for one in _LISTS}}
    for place, (name, object_, kind, filter_, share) in enumerate(_LISTS, 1):
        if filter_ is not None and definitions(world).find(object_, filter_["property"]) is None:
            continue
        branch = _branch(filter_) if filter_ is not None else None
        values: Row = {
            "id": str(place),
            "createdAt": made,
            "updatedAt": made,
            "archived": 0,
            "name": name,
            "objectTypeId": TYPE_IDS[object_],
            "processingType": kind,
            "processingStatus": "COMPLETE",
            "listVersion": 1,
            "createdById": author,
            "updatedById": author,
            "filtersUpdatedAt": made,
            "filterBranch": json.dumps(branch) if branch else None,
        }
        world.load("hubspot", "lists", [values])
        members = set(wanted(world, object_, branch)) if branch else None
        world.load("hubspot", "memberships", _members(seed, values, records[object_], members, share))


def _branch(filter_: Mapping[str, Any]) -> Row:
    """One filter as the vendor nests it: OR over ANDs."""
    inner = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [filter_]}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [inner], "filters": []}


def _members(seed: int, values: Row, rows: Iterable[Row], members: set[str] | None, share: float) -> Iterator[Row]:
    for row in rows:
        rng = _dice(seed, f"list {values['id']}", row)
        if row["id"] in members if members is not None else rng.random() < share:
            (joined,) = _moments(rng, max(row["createdAt"], values["createdAt"]), row["updatedAt"], 1)
            moment = max(joined, values["createdAt"])
            yield {
                "id": f"{values['id']}:{row['id']}",
                "listId": values["id"],
                "objectTypeId": values["objectTypeId"],
                "recordId": row["id"],
                "firstAddedTimestamp": moment,
                "membershipTimestamp": moment,
            }
