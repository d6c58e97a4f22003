"""Links between CRM objects: batch read in the old and the present shape, one record's links, labels, and inline links.

Routed by `app`, used by `objects` for `?associations=`; it must not know properties.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.schema import ASSOCIATION_TYPES, PRIMARY, SINGULAR, AssociationType, object_of
from connector.sandbox.hubspot.wire import Answer, Batch, Call, identifiers, inputs
from connector.sandbox.world import World

MOST_INPUTS = 1_000
LARGEST_PAGE = 500
_CHUNK = 500

Links = dict[str, dict[str, list[AssociationType]]]
"""From id → to id → the types of that link."""


def links(world: World, pair: tuple[str, str], ids: Sequence[str]) -> Links:
    """All links of these records to one object type; links to archived or not yet visible records are not told."""
    found: Links = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        sql = (
            "SELECT a.from_id, a.to_id, a.type_id, a.category, a.label FROM hubspot_associations a"
            f' JOIN "hubspot_{pair[1]}" t ON t."id" = a.to_id'
            f" WHERE a.from_type = ? AND a.to_type = ? AND a.from_id IN ({', '.join('?' * len(chunk))})"
            ' AND t."archived" = 0 AND (t."_visible_at" IS NULL OR t."_visible_at" <= ?)'
            " ORDER BY CAST(a.to_id AS INTEGER), a.type_id"
        )
        for from_id, to_id, type_id, category, label in world.tuples(sql, [*pair, *chunk, world.now()]):
            kinds = found.setdefault(from_id, {}).setdefault(to_id, [])
            kinds.append(AssociationType(type_id, label, category))
    return found


def batch_read(call: Call) -> Answer:
    """The present shape: numbers as ids, all types of each link, an error for each input without links."""
    pair = (call.object_type("from"), call.object_type("to"))
    found = inputs(call.json(), MOST_INPUTS)
    ids = identifiers(found)
    cursors = {str(one["id"]): _cursor(one.get("after")) for one in found}
    batch = Batch(stored_datetime(call.world.clock.now()))
    linked = links(call.world, pair, ids)
    for from_id in dict.fromkeys(ids):
        if from_id not in linked:
            batch.errors.append(_none_found(pair, from_id))
            continue
        page, following = _page(linked[from_id], cursors[from_id], LARGEST_PAGE)
        result: dict[str, Any] = {"from": {"id": from_id}, "to": [_link(*one) for one in page]}
        if following:
            query = f"?after={following}"
            result["paging"] = {"next": {"after": following, "link": f"{call.portal.base_url}{call.path}{query}"}}
        batch.results.append(result)
    return batch.answer(call.world)


def batch_read_v3(call: Call) -> Answer:
    """The shape of old: ids as strings and the name of the link's type."""
    pair = (call.object_type("from"), call.object_type("to"))
    ids = identifiers(inputs(call.json(), MOST_INPUTS))
    batch = Batch(stored_datetime(call.world.clock.now()))
    linked = links(call.world, pair, ids)
    for from_id in dict.fromkeys(ids):
        if from_id in linked:
            batch.results.append({"from": {"id": from_id}, "to": _named(pair, linked[from_id])})
        else:
            batch.errors.append(_none_found(pair, from_id))
    return batch.answer(call.world)


def of_record(call: Call) -> Answer:
    """All links of one record to one object type, by pages of 500."""
    pair = (call.object_type("object"), call.object_type("to"))
    record_id = call.params["id"]
    row = call.world.get("hubspot", pair[0], record_id)
    if row is None or row["archived"]:
        raise errors.not_found()
    limit = call.number("limit", LARGEST_PAGE, LARGEST_PAGE)
    linked = links(call.world, pair, [record_id]).get(record_id, {})
    page, following = _page(linked, _cursor(call.one("after")), limit)
    body: dict[str, Any] = {"results": [_link(*one) for one in page]}
    if following:
        link = f"{call.portal.base_url}{call.path}?after={following}"
        body["paging"] = {"next": {"after": following, "link": link}}
    return Answer(body)


def labels(call: Call) -> Answer:
    """The types that links between two object types may have."""
    pair = (call.object_type("from"), call.object_type("to"))
    return Answer({"results": [_type(one) for one in reversed(definitions(call.world).association_types(pair))]})


def inline(world: World, object_: str, ids: Sequence[str], wanted: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The `associations` member of each record of a page; a record without links has none."""
    members: dict[str, dict[str, Any]] = {}
    for spelling in wanted:
        target = object_of(spelling)
        if target is None:
            raise errors.unknown_object(spelling)
        for record_id, linked in links(world, (object_, target), ids).items():
            members.setdefault(record_id, {})[target] = {"results": _named((object_, target), linked)}
    return members


def type_name(pair: tuple[str, str], one: AssociationType) -> str:
    """The old API's names: the primary link of a pair has the plain name, its shadow is `_unlabeled`."""
    name = f"{SINGULAR[pair[0]]}_to_{SINGULAR[pair[1]]}"
    has_primary = any(each.label == PRIMARY for each in ASSOCIATION_TYPES.get(pair, ()))
    return f"{name}_unlabeled" if has_primary and one.label is None else name


def _named(pair: tuple[str, str], linked: Mapping[str, list[AssociationType]]) -> list[dict[str, str]]:
    return [{"id": to_id, "type": type_name(pair, one)} for to_id, kinds in linked.items() for one in kinds]


def _cursor(after: Any) -> int:
    if after in (None, ""):
        return 0
    if not str(after).isdigit():
        raise errors.validation(f"Invalid paging token: {after}")
    return int(str(after))


def _page(
    linked: Mapping[str, list[AssociationType]], after: int, limit: int
) -> tuple[list[tuple[str, list[AssociationType]]], str | None]:
    every = [one for one in linked.items() if int(one[0]) > after]
    page = every[:limit]
    return page, page[-1][0] if len(every) > limit else None


def _link(to_id: str, kinds: Sequence[AssociationType]) -> dict[str, Any]:
    return {"toObjectId": int(to_id), "associationTypes": [_type(one) for one in kinds]}


def _type(one: AssociationType) -> dict[str, Any]:
    return {"category": one.category, "typeId": one.type_id, "label": one.label}


def _none_found(pair: tuple[str, str], from_id: str) -> dict[str, Any]:
    source, target = SINGULAR[pair[0]], SINGULAR[pair[1]]
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {target} is associated with {source} {from_id}.",
        "context": {"fromObjectId": [from_id], "fromObjectType": [source], "toObjectType": [target]},
    }
