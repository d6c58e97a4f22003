"""What was left out and why, for people: records that cannot be used, values that fit no field, changes refused.

Used by the pages of a plan and of a run. Shows references, reasons and remedies, never a record's content.
"""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from connector.cli.output import Labels, Parts, clean
from connector.engine.summary import Refusal
from connector.model.plan import Unwritten
from connector.model.records import SetAside

SHOWN = 5
PLACES_SHOWN = 3


def show_set_aside(console: Console, labels: Labels, items: Sequence[SetAside]) -> None:
    """Records that could not be used."""
    if not items:
        return
    console.print()
    console.print(Text(labels("set_aside.title", count=f"{len(items):,}"), "bold yellow"))
    for item in items[:SHOWN]:
        console.print(Text(f"  {clean(item.ref)}: {clean(item.reason)}"))
    if len(items) > SHOWN:
        console.print(Text(labels("set_aside.more", count=f"{len(items) - SHOWN:,}"), "dim"))


def show_unwritten(console: Console, labels: Labels, items: Sequence[Unwritten]) -> None:
    """Fields that did not take what should stand there, by field and remedy."""
    if not items:
        return
    console.print()
    console.print(Text(labels("unwritten.title", count=f"{len(items):,}"), "bold yellow"))
    told = []
    for one in items:
        place = _place(one, labels("unwritten.new", case=one.case))
        told.append((f"{_vendor(labels, one)} {one.object}.{one.field}: {one.text}", place))
    _show_grouped(console, labels, told)


def show_refused(console: Console, labels: Labels, count: int, items: Sequence[Refusal]) -> None:
    """So many changes that a vendor did not take, by its reason."""
    if not count:
        return
    console.print(Text(labels("run.refused", count=f"{count:,}"), "bold yellow"))
    told = []
    for one in items:
        effect = labels(f"run.effect.{one.effect}")
        told.append((f"{effect} {_vendor(labels, one)} {one.object}: {one.reason}", _place(one, one.case)))
    _show_grouped(console, labels, told)


def _vendor(labels: Labels, one: Unwritten | Refusal) -> str:
    return labels.known(f"vendor.{one.system}", one.system)


def _place(one: Unwritten | Refusal, new: str) -> str:
    """The record, or for one that is still to be made `new`."""
    return f"{one.system}:{one.object}:{one.id}" if one.id else new


def _show_grouped(console: Console, labels: Labels, told: Iterable[tuple[str, str]]) -> None:
    """(what is to be said, of which record): each thing is said once, with the first records that it is true of."""
    groups: dict[str, list[str]] = {}
    for saying, place in told:
        groups.setdefault(saying, []).append(place)
    for saying, places in list(groups.items())[:SHOWN]:
        console.print(Text(f"  {clean(saying)}"))
        left = len(places) - PLACES_SHOWN
        more = [labels("left_out.more", count=f"{left:,}")] if left > 0 else []
        console.print(Padding(Parts([*map(clean, places[:PLACES_SHOWN]), *more], "dim"), (0, 0, 0, 4), expand=False))
    if len(groups) > SHOWN:
        left = sum(len(places) for places in list(groups.values())[SHOWN:])
        console.print(Text(labels("set_aside.more", count=f"{left:,}"), "dim"))
