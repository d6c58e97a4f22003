"""Links between CRM records under the vendor's rules: made in both directions, labelled, primary, taken away.

Called by the write endpoints and by people's acts; it must not know the wire.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.records import existing
from connector.sandbox.hubspot.schema import PRIMARY, SINGULAR, AssociationType
from connector.sandbox.world import Entry, World

_PLACE = "from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?"


@dataclass(frozen=True)
class Link:
    """A link to make: from one record to another; no type means the unlabelled one."""

    from_object: str
    from_id: str
    to_object: str
    to_id: str
    type_id: int | None = None

    @property
    def pair(self) -> tuple[str, str]:
        return (self.from_object, self.to_object)

    @property
    def place(self) -> tuple[str, str, str, str]:
        return (self.from_object, self.from_id, self.to_object, self.to_id)

    @property
    def back(self) -> tuple[str, str, str, str]:
        return (self.to_object, self.to_id, self.from_object, self.from_id)


def link(world: World, wanted: Iterable[Link], actor: str) -> None:
    """Make links in both directions; a link that is there already stays as it is."""
    for one in wanted:
        kinds = _kinds(world, one)
        refuse_missing(world, ((one.from_object, one.from_id), (one.to_object, one.to_id)))
        with world.transaction():
            added = [kind.type_id for kind, index in kinds if _store(world, one, kind, index)]
            if any(kind.label == PRIMARY and kind.type_id in added for kind, _ in kinds):
                _make_primary(world, one)
            if added:
                _journal(world, "associate", one, ({}, {"types": added}, actor))


def unlink(world: World, one: Link, actor: str) -> None:
    """Take a link away with all its types, or one label of it; what is not there is not missed."""
    with world.transaction():
        found = world.tuples(f"SELECT type_id, label FROM hubspot_associations WHERE {_PLACE}", one.place)
        gone = [(type_id, label) for type_id, label in found if one.type_id in (None, type_id)]
        if one.type_id is not None and gone and gone[0][1] is None:
            return  # a link without labels is not a label that could be taken off
        for type_id, label in gone:
            _forget(world, one, _index(world, one, type_id))
            if label == PRIMARY:
                _note_company(world, one, None)
        if gone:
            _journal(world, "dissociate", one, ({"types": [type_id for type_id, _ in gone]}, {}, actor))


def refuse_missing(world: World, records: Iterable[tuple[str, str]]) -> None:
    """Both ends of a link must be there."""
    for object_, record_id in records:
        try:
            existing(world, object_, record_id)
        except errors.VendorError as problem:
            raise errors.invalid_object_ids(SINGULAR[object_], [record_id]) from problem


def _kinds(world: World, one: Link) -> list[tuple[AssociationType, int]]:
    """The types that a link gets: the unlabelled one always, the primary one if asked or if it is the first."""
    known = definitions(world).association_types(one.pair)
    if not known:
        raise errors.validation(f"No association type is defined from {one.from_object} to {one.to_object}")
    asked = [index for index, kind in enumerate(known) if kind.type_id == one.type_id]
    if one.type_id is not None and not asked:
        raise errors.validation(f"One or more associations are not valid: type id {one.type_id} is unknown")
    chosen = {0, *asked}
    primary = next((index for index, kind in enumerate(known) if kind.label == PRIMARY), None)
    if primary is not None and not _has_primary(world, one):
        chosen.add(primary)
    return [(known[index], index) for index in sorted(chosen)]


def _toward_company(one: Link) -> tuple[str, str, str, str]:
    """The same link as seen from the record that has a primary company."""
    return one.place if one.to_object == "companies" else one.back


def _has_primary(world: World, one: Link) -> bool:
    from_type, from_id, to_type, _ = _toward_company(one)
    sql = "SELECT 1 FROM hubspot_associations WHERE from_type = ? AND from_id = ? AND to_type = ? AND label = ?"
    return bool(world.select(sql, (from_type, from_id, to_type, PRIMARY)))


def _make_primary(world: World, one: Link) -> None:
    """A record has one primary company: the one before keeps its plain link."""
    from_type, from_id, to_type, to_id = _toward_company(one)
    others = (from_type, from_id, to_type, PRIMARY, to_id)
    for here, there in (("from", "to"), ("to", "from")):
        sql = f"DELETE FROM hubspot_associations WHERE {here}_type = ? AND {here}_id = ? AND {there}_type = ?"
        world.execute(f"{sql} AND label = ? AND {there}_id <> ?", others)
    _note_company(world, one, to_id)


def _note_company(world: World, one: Link, company: str | None) -> None:
    """A contact's record names its primary company."""
    from_type, from_id, *_ = _toward_company(one)
    if from_type == "contacts":
        world.derive("hubspot", "contacts", from_id, {"associatedcompanyid": company})


def _store(world: World, one: Link, kind: AssociationType, index: int) -> bool:
    if world.select(f"SELECT 1 FROM hubspot_associations WHERE {_PLACE} AND type_id = ?", (*one.place, kind.type_id)):
        return False
    back = definitions(world).association_types((one.to_object, one.from_object))[index]
    insert = "INSERT INTO hubspot_associations VALUES (?, ?, ?, ?, ?, ?, ?)"
    world.execute(insert, (*one.place, kind.type_id, kind.category, kind.label))
    world.execute(insert, (*one.back, back.type_id, back.category, back.label))
    return True


def _index(world: World, one: Link, type_id: int) -> int:
    known = definitions(world).association_types(one.pair)
    return next(index for index, kind in enumerate(known) if kind.type_id == type_id)


def _forget(world: World, one: Link, index: int) -> None:
    known = definitions(world)
    for place, pair in ((one.place, one.pair), (one.back, (one.to_object, one.from_object))):
        type_id = known.association_types(pair)[index].type_id
        world.execute(f"DELETE FROM hubspot_associations WHERE {_PLACE} AND type_id = ?", (*place, type_id))


def _journal(world: World, operation: str, one: Link, entry: Entry) -> None:
    world.record("hubspot", operation, "associations", "/".join(one.place), entry)
