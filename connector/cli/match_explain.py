"""`okoshi match explain`: why two records are one, doubtful, or two: every finding with both values and its weight.

For any two companies or people, kept or not. Facts and what the register adds to them are shown apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from connector.cli.match_desk import Desk, opened
from connector.cli.match_documents import pair_document
from connector.cli.match_records import Known
from connector.cli.match_register import Found, register_document, show_register
from connector.cli.match_screen import evidence_table, named, show_records, state_text
from connector.cli.match_standing import Standing, Thresholds, standing, state_of
from connector.cli.options import Common, Json
from connector.cli.output import clean, screen, write_json
from connector.engine import reference, unify
from connector.identity.clusters import Key
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.model.errors import WrongUse
from connector.model.records import Kind
from connector.store import pairs
from connector.store.pairs import KeptPair
from connector.store.store import Transaction
from connector.store.verdicts import Verdict


def explain(one: str, two: str, /, *, json: Json = False, common: Common | None = None) -> int:
    """Why two records are one, doubtful or two, in the words of --language; nothing is changed.

    Parameters
    ----------
    one
        A record: its reference (salesforce:Account:001…), its id, or the address of its page.
    two
        The other one, of the same kind.
    """
    with opened(common) as desk:
        with desk.store.read() as tx:
            explained = _explained(desk, tx, *desk.pair(tx, one, two))
        if json:
            write_json(_document(desk, explained))
        else:
            _show(screen(), desk, explained)
    return 0


@dataclass(frozen=True)
class Explained:
    """A pair with everything that is known of it. `kept` is `None` for one that no run found worth keeping."""

    kind: Kind
    pair: Pair
    kept: KeptPair | None
    version: str
    """Of the rules that are in force now."""
    standing: Standing
    thresholds: Thresholds
    known: Known
    register: Found
    """What the register says of the two: an inference."""


def _explained(desk: Desk, tx: Transaction, kind: Kind, key: Key) -> Explained:
    rules = desk.mappings.identity
    kept = pairs.get(tx, *key)
    pair = kept.pair if kept else unify.compare(tx, rules, kind, *key, desk.now)
    if pair is None:
        raise WrongUse(
            f"{key[0]} and {key[1]} cannot be compared: one of them was deleted or merged in its system, or nothing "
            "in them can be compared. `okoshi match show` tells what a record is linked with.",
            code="not_comparable",
            details={"one": key[0], "two": key[1]},
        )
    thresholds = Thresholds.of(rules, kind)
    stands = standing(tx, pair, thresholds)
    others = stands.rival.pair.key if stands.rival else ()
    refs = {*key, *others, *(ref for group in stands.groups.values() for ref in group)}
    return Explained(
        kind=kind,
        pair=pair,
        kept=kept,
        version=reference.rules_version(rules),
        standing=stands,
        thresholds=thresholds,
        known=desk.known(tx, refs),
        register=reference.known(tx, key) if kind is Kind.ACCOUNT else {},
    )


def _document(desk: Desk, found: Explained) -> dict[str, Any]:
    kept, limits = found.kept, found.thresholds
    return {
        "kind": found.kind.value,
        "state": kept.state.value if kept else None,
        **pair_document(desk.words, found.pair, found.known, found.standing),
        "thresholds": {"linked_from": limits.auto, "shown_from": limits.review, "margin": limits.margin},
        "clusters": {ref: sorted(group) for ref, group in found.standing.groups.items()},
        "rules": kept.rules if kept else found.version,
        "register": register_document(desk.words, found.register),
        "rules_now": found.version,
        "at": kept.at.isoformat() if kept else None,
    }


def _show(console: Console, desk: Desk, found: Explained) -> None:
    words, pair, known = desk.words, found.pair, found.known
    one, two = known[pair.left], known[pair.right]
    show_records(console, words, one, two)
    console.print(evidence_table(words, pair.evidence, one, two))
    _show_sum(console, desk, found)
    _show_outcome(console, desk, found)
    _show_groups(console, desk, found.standing.groups, known)
    show_register(console, words, found.register, known)
    console.print(Text(_when(desk, found), "dim"))


def _show_sum(console: Console, desk: Desk, found: Explained) -> None:
    words, limits, stands = desk.words, found.thresholds, found.standing
    console.print(Text(words("match.sum", bits=words.bits(found.pair.score)), "bold"))
    figures = {"auto": limits.auto, "review": limits.review, "margin": limits.margin}
    console.print(Text(words("match.thresholds", **{name: f"{bits:.1f}" for name, bits in figures.items()}), "dim"))
    if found.pair.alone is Outcome.REVIEW and found.pair.score < limits.review:
        console.print(Text(words(f"match.asked_anyway.{found.kind}"), "dim"))
    # Of two that nothing makes one nobody asks who would be the better candidate.
    if found.pair.alone is not Outcome.NEW and stands.rival and (lead := stands.margin(found.pair)) is not None:
        one, two = (f"{clean(found.known.name(ref))} ({ref})" for ref in stands.rival.pair.key)
        told = words(
            "match.runner_up", one=one, two=two, bits=words.bits(stands.rival.pair.score), margin=words.bits(lead)
        )
        console.print(Text(told, "dim"))


def _show_outcome(console: Console, desk: Desk, found: Explained) -> None:
    words, reason = desk.words, found.standing.reason
    console.print(
        Text.assemble(
            (words("match.outcome"), "bold"), state_text(words, state_of(found.pair, found.kept, found.standing))
        )
    )
    if reason:
        told = words.doubt(found.pair, reason)
        console.print(Text.assemble((words("match.doubtful_because"), "bold"), told))
    for verdict in found.standing.said:
        overruled = verdict in found.standing.overruled
        console.print(verdict_line(desk, verdict, direct=verdict.key == found.pair.key, overruled=overruled))


def verdict_line(desk: Desk, verdict: Verdict, *, direct: bool = True, overruled: bool = False) -> Text:
    """What a person said, who and when, and whether it holds; of which records, if not of the ones in question."""
    words = desk.words
    told = words(
        "match.person_said",
        answer=words(f"match.answer.{verdict.answer}"),
        by=clean(verdict.by),
        at=words.moment(verdict.at),
    )
    line = Text.assemble((told, "bold"))
    if overruled:
        line.append(f" {words('match.does_not_hold')}", "yellow")
    if not direct:
        line.append(f"  {verdict.left} | {verdict.right}", "dim")
    if verdict.note:
        line.append(f"\n  {words.note(verdict.note)}", "dim")
    return line


def _show_groups(console: Console, desk: Desk, groups: Mapping[str, frozenset[str]], known: Known) -> None:
    for group in sorted(set(groups.values()), key=min):
        if len(group) > 1:
            console.print(Text(desk.words("match.cluster", count=f"{len(group):,}"), "bold"))
            for ref in sorted(group):
                console.print(Text.assemble("  ", named(known, ref)))


def _when(desk: Desk, found: Explained) -> str:
    if found.kept is None:
        return desk.words("match.compared_now", rules=found.version)
    told = desk.words("match.compared_at", at=desk.words.moment(found.kept.at), rules=found.kept.rules)
    return told if found.kept.rules == found.version else f"{told} {desk.words('match.rules_changed')}"
