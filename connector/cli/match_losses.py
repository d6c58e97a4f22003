"""What a merge of two HubSpot records would cost: values that would be lost, and records that would move.

Used by `okoshi match merge` before it asks. Reads HubSpot; writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.text import Text

from connector.cli.match_diff import marked
from connector.cli.match_words import Words
from connector.cli.output import clean, plain, titled
from connector.clients.hubspot import HubSpotClient
from connector.mapping import Mappings
from connector.model.errors import WrongUse
from connector.model.records import Activity, Kind, Opportunity, Ref, User
from connector.store import mirror
from connector.store.store import Store

LINKED: Final = frozenset({Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY, Kind.ACTIVITY})
"""Kinds of records that hang on a company or person and move with it."""

NAMED = 5
"""So many open deals and tasks are named."""

Values = Mapping[str, Mapping[str, str]]
"""{id: {property: value}}, blank ones left out."""


@dataclass(frozen=True)
class Losses:
    """Property by property (both values) what is lost and what is taken over; how many records move, by object."""

    lost: Mapping[str, tuple[str, str]]
    gained: Mapping[str, str]
    moved: Mapping[str, int]
    still_open: tuple[str, ...]
    """Names of open deals and tasks that move."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What HubSpot calls its properties."""
    seen: Values = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What a value stands for, by property: people by their name, options by what HubSpot calls them."""

    def told(self, name: str, value: str) -> str:
        """A value as people read it; a person with the number, as two may have one name."""
        return self.names.get(name, {}).get(value, value)

    def read(self, client: HubSpotClient, keep: Ref, drop: Ref) -> Values:
        """Both records' values now."""
        return _read(client, keep, drop, list(self.labels))


def losses_of(store: Store, client: HubSpotClient, mappings: Mappings, keep: Ref, drop: Ref) -> Losses:
    """Compares the two as HubSpot has them now. Raises WrongUse if one of them is gone."""
    definitions = {name: one for name, one in client.properties(keep.object).items() if not _kept_by_hubspot(one)}
    labels = {name: str(one.get("label") or name) for name, one in definitions.items()}
    seen = _read(client, keep, drop, list(labels))
    ours, theirs = seen[keep.id], seen[drop.id]
    linked = _linked(client, mappings, drop)
    return Losses(
        lost={name: (ours[name], value) for name, value in theirs.items() if ours.get(name, value) != value},
        gained={name: value for name, value in theirs.items() if name not in ours},
        moved={object_: len(ids) for object_, ids in linked.items() if ids},
        still_open=_still_open(store, linked),
        labels=labels,
        seen=seen,
        names=_names(store, definitions, [ours, theirs]),
    )


def _names(
    store: Store, definitions: Mapping[str, Mapping[str, Any]], records: Sequence[Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    owning = [name for name, one in definitions.items() if one.get("referencedObjectType") == "OWNER"]
    owners = {values[name]: f"hubspot:owners:{values[name]}" for values in records for name in owning if name in values}
    with store.read() as tx:
        found = mirror.load(tx, set(owners.values()))
    called = {
        number: f"{user.name} ({number})"
        for number, ref in owners.items()
        if ref in found and isinstance(user := found[ref].record, User)
    }
    options = {
        name: {str(option["value"]): str(option.get("label") or option["value"]) for option in one["options"]}
        for name, one in definitions.items()
        if one.get("options")
    }
    return options | dict.fromkeys(owning, called)


def _kept_by_hubspot(definition: Mapping[str, Any]) -> bool:
    """Counts, stamps and the like, which nobody can write and which the vendor works out anew."""
    metadata = definition.get("modificationMetadata")
    read_only = isinstance(metadata, dict) and bool(metadata.get("readOnlyValue"))
    return read_only or bool(definition.get("calculated")) or bool(definition.get("hidden"))


def _read(client: HubSpotClient, keep: Ref, drop: Ref, names: list[str]) -> Values:
    rows = client.batch_read(keep.object, [keep.id, drop.id], names)
    found = {
        str(row["id"]): {name: str(row["properties"][name]) for name in names if row["properties"].get(name)}
        for row in rows
    }
    for ref in (keep, drop):
        if ref.id not in found:
            message = f"{ref} is not in HubSpot any more: it was deleted, or merged already."
            raise WrongUse(message, code="merge_gone", details={"one": ref})
    return found


def _linked(client: HubSpotClient, mappings: Mappings, drop: Ref) -> dict[str, list[str]]:
    """Ids of the records that hang on the one that goes, by object."""
    objects = mappings.system(drop.system).objects
    others = [name for name, one in objects.items() if one.kind in LINKED and name != drop.object]
    return {name: client.associations(drop.object, name, [drop.id])[drop.id] for name in others}


def _still_open(store: Store, linked: Mapping[str, list[str]]) -> tuple[str, ...]:
    refs = [f"hubspot:{object_}:{record_id}" for object_, ids in linked.items() for record_id in ids]
    with store.read() as tx:
        known = sorted(mirror.load(tx, refs).items())
    names = []
    for ref, found in known:
        record = found.record
        if isinstance(record, Opportunity) and not (record.is_closed or record.deleted):
            names.append(record.name or ref)
        elif isinstance(record, Activity) and record.form == "task" and not (record.is_closed or record.deleted):
            names.append(record.subject or ref)
    return tuple(names)


def show_losses(console: Console, words: Words, losses: Losses) -> None:
    """What would be lost, taken over and moved."""
    if losses.lost:
        table = titled(words("match.merge.lost"), SIMPLE_HEAD, expand=True)
        table.add_column(words("match.merge.property"), ratio=1, overflow="fold")
        table.add_column(words("match.merge.stays"), ratio=2, overflow="fold")
        table.add_column(words("match.merge.lost_value"), ratio=2, overflow="fold", style="red")
        for name, (ours, theirs) in sorted(losses.lost.items()):
            table.add_row(
                plain(losses.labels.get(name, name)), *marked(losses.told(name, ours), losses.told(name, theirs))
            )
        console.print(table)
    else:
        console.print(Text(words("match.merge.nothing_lost")))
    if losses.gained:
        console.print(Text(words("match.merge.gained")))
        for name, value in sorted(losses.gained.items()):
            console.print(Text(f"- {clean(losses.labels.get(name, name))}: {clean(losses.told(name, value))}"))
    moved = words("comma").join(f"{object_} {count:,}" for object_, count in losses.moved.items())
    console.print(Text(words("match.merge.moved", moved=moved) if moved else words("match.merge.nothing_moves")))
    for name in losses.still_open[:NAMED]:
        console.print(Text(f"- {clean(name)}"))
    if (more := len(losses.still_open) - NAMED) > 0:
        console.print(Text(words("match.merge.more_open", count=f"{more:,}"), "dim"))
    console.print(Text(words("match.merge.for_good"), "bold red"))


def losses_document(losses: Losses) -> dict[str, Any]:
    """The same for machines."""
    return {
        "lost": {name: {"kept": ours, "lost": theirs} for name, (ours, theirs) in losses.lost.items()},
        "gained": dict(losses.gained),
        "moved": dict(losses.moved),
        "open": list(losses.still_open),
    }
