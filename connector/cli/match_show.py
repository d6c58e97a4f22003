"""`okoshi match show` and `list`: what a record is linked with and by what, and how many are linked in all.

Reads the store; changes nothing and reaches no vendor.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from connector.cli.match_asked import Matched
from connector.cli.match_desk import Desk, opened
from connector.cli.match_documents import Document, record_document, verdict_document
from connector.cli.match_explain import verdict_line
from connector.cli.match_records import Known
from connector.cli.match_screen import named, state_text
from connector.cli.match_standing import overruled
from connector.cli.match_values import is_inferred
from connector.cli.options import Common, Json
from connector.cli.output import clean, screen, titled, write_json
from connector.engine import unify
from connector.model.records import Kind
from connector.store import clusters, pairs, verdicts
from connector.store.pairs import KeptPair, State
from connector.store.store import Transaction
from connector.store.verdicts import Answer, Verdict

TOLD = 3
"""So many findings name what links a record; `explain` has them all."""


def show(record: str, /, *, json: Json = False, common: Common | None = None) -> int:
    """What a record is linked with and by what, and which others look like it.

    Parameters
    ----------
    record
        The record: its reference (salesforce:Account:001…), its id, or the address of its page.
    """
    with opened(common) as desk:
        with desk.store.read() as tx:
            ref = desk.ref(tx, record)
            place = Place.of(desk, tx, str(ref))
        if json:
            write_json(_place_document(desk, place))
        else:
            _show_place(screen(), desk, place)
    return 0


@dataclass(frozen=True)
class Place:
    """A record among the others. `links` holds for each other member the surest pair that links it."""

    ref: str
    cluster: str
    members: tuple[str, ...]
    links: dict[str, KeptPair]
    others: tuple[KeptPair, ...]
    """Doubtful and related pairs of the record itself."""
    said: tuple[Verdict, ...]
    overruled: Collection[Verdict]
    known: Known

    def answer(self, ref: str) -> Verdict | None:
        """The answer that links a member, where its surest pair was answered or there is none."""
        kept = self.links.get(ref)
        holding = (one for one in self.said if one.answer is Answer.SAME and one not in self.overruled)
        same = (one for one in holding if ref in one.key)
        return next((one for one in same if kept is None or kept.pair.key == one.key), None)

    @classmethod
    def of(cls, desk: Desk, tx: Transaction, ref: str) -> "Place":
        """Where a record is now."""
        group = clusters.members(tx, [ref])[ref]
        kept = sorted(pairs.of(tx, group), key=lambda one: (-one.pair.score, one.pair.key))
        links: dict[str, KeptPair] = {}
        for one in kept:
            if one.state is State.LINKED and group.issuperset(one.pair.key):
                for member in one.pair.key:
                    links.setdefault(member, one)
        asked = (State.DOUBTFUL, State.RELATED)
        others = tuple(one for one in kept if ref in one.pair.key and one.state in asked)
        answers = verdicts.of(tx, group)
        lost = overruled(tx, answers.values())
        refs = group.union(*(one.pair.key for one in (*kept, *others)), *answers)
        members = (ref, *sorted(group - {ref}))
        name = clusters.names(tx, [ref])[ref]
        return cls(ref, name, members, links, others, tuple(answers.values()), lost, desk.known(tx, refs))


def _place_document(desk: Desk, place: Place) -> dict[str, Any]:
    return {
        "record": record_document(place.known[place.ref]),
        "cluster": place.cluster,
        "members": [
            {"ref": ref, "name": place.known.name(ref), "link": _linked_document(desk, place, ref)}
            for ref in place.members
        ],
        "others": [{"state": kept.state.value, **_link_document(desk, kept, place.known)} for kept in place.others],
        "answers": [verdict_document(verdict, overruled=verdict in place.overruled) for verdict in place.said],
    }


def _linked_document(desk: Desk, place: Place, ref: str) -> Document:
    link, answer = _link_document(desk, place.links.get(ref), place.known), place.answer(ref)
    return {**link, "answer": verdict_document(answer) if answer else None} if link or answer else link


def _link_document(desk: Desk, kept: KeptPair | None, known: Known) -> Document:
    if kept is None:
        return {}
    return {
        "left": kept.pair.left,
        "right": kept.pair.right,
        "score": round(kept.pair.score, 2),
        "sure": kept.pair.sure,
        "relation": kept.pair.relation,
        "why": _why(desk, kept, known),
        "rules": kept.rules,
        "at": kept.at.isoformat(),
    }


def _why(desk: Desk, kept: KeptPair, known: Known) -> list[str]:
    """The weightiest findings for it."""
    one, two = (known.shown.get(ref) for ref in kept.pair.key)
    speaking = sorted((piece for piece in kept.pair.evidence if piece.weight > 0), key=lambda piece: -piece.weight)
    inferred = [bool(one and two and is_inferred(piece, one, two)) for piece in speaking[:TOLD]]
    return [desk.words.finding(piece, inferred=of) for piece, of in zip(speaking, inferred, strict=False)]


def _show_place(console: Console, desk: Desk, place: Place) -> None:
    words, known = desk.words, place.known
    alone = len(place.members) == 1
    if not alone:
        console.print(Text(words("match.cluster", count=f"{len(place.members):,}"), "bold"))
    told: set[object] = set()
    for ref in place.members:
        console.print(Text.assemble("" if alone else "- ", named(known, ref), _gone(desk, known, ref)))
        if linked := _linked(desk, place, ref, told):
            console.print(Padding(linked, (0, 0, 0, 2), style="dim"))
    if alone:
        console.print(Text(words("match.alone")))
    for verdict in place.said:
        if verdict not in told:
            console.print(verdict_line(desk, verdict, direct=False, overruled=verdict in place.overruled))
    if place.others:
        console.print()
        console.print(Text(words("match.others"), "bold"))
    for kept in place.others:
        line = Text.assemble(state_text(words, kept.state), f" {words.bits(kept.pair.score)} ")
        console.print(line.append_text(named(known, kept.pair.other(place.ref))))


def _linked(desk: Desk, place: Place, ref: str, told: set[object]) -> Text | None:
    """What links a member: an answer, else what was found; of one pair once, though it links both its records."""
    words, known, kept = desk.words, place.known, place.links.get(ref)
    if answer := place.answer(ref):
        other = answer.right if answer.left == ref else answer.left
        line = Text(words("match.same_as", name=clean(known.name(other))))
        if answer not in told:
            line.append("\n").append_text(verdict_line(desk, answer))
        told.add(answer)
        return line
    if kept is None:
        return None
    name = clean(known.name(kept.pair.other(ref)))
    if kept.pair.key in told:
        return Text(words("match.same_as", name=name))
    told.add(kept.pair.key)
    at = words.moment(kept.at)
    lines = [words("match.linked_with", name=name, bits=words.bits(kept.pair.score), at=at, rules=kept.rules)]
    return Text("\n".join([*lines, *(f"・{reason}" for reason in _why(desk, kept, known))]))


def _gone(desk: Desk, known: Known, ref: str) -> str:
    return desk.words("match.gone") if ref in known and known[ref].record.deleted else ""


def overview(*, json: Json = False, common: Common | None = None) -> int:
    """How many companies and people are linked, doubtful or alone, in how many clusters."""
    with opened(common) as desk:
        with desk.store.read() as tx:
            found, matched = unify.unified(tx), Matched.of(tx)
        if json:
            write_json({kind: one.model_dump(mode="json") for kind, one in found.items()})
            return 0
        words = desk.words
        table = titled(words("match.overview"), padding=(0, 2, 0, 0))
        table.add_column("")
        for name in ("linked", "groups", "doubtful", "new", "unmatched"):
            table.add_column(words(f"match.count.{name}"), justify="right", no_wrap=True)
        for kind in (Kind.ACCOUNT, Kind.PERSON):
            one = found[kind.value]
            figures = (one.linked, one.groups, one.doubtful, one.new, one.unmatched)
            table.add_row(words(f"match.kind.{kind}"), *(f"{figure:,}" for figure in figures))
        screen().print(table)
        for told in matched.told(words):
            screen().print(Text(told))
    return 0
