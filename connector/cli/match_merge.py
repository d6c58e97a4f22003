"""`okoshi match merge`: two records of one system become one in the vendor, if a person asks for exactly this pair.

The only command that merges anything. Shows first what would be lost and asks; HubSpot does it, Salesforce's interface
cannot. Who asked is kept as an answer of that person.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from connector.cli.match_desk import Desk, Signed, opened, person
from connector.cli.match_judgement import Judgement
from connector.cli.match_losses import Losses, losses_document, losses_of, show_losses
from connector.cli.match_records import Known
from connector.cli.match_screen import show_records
from connector.cli.match_words import MERGED
from connector.cli.options import Common, Flag, Json
from connector.cli.output import screen, talking, typed, write_json
from connector.clients.budget import HubSpotBudget, RateWindows
from connector.clients.errors import AnswerLost
from connector.clients.hubspot import HubSpotClient
from connector.identity.clusters import Answer, Key, key_of
from connector.model.errors import ConflictingPlan, WrongUse
from connector.model.purpose import Purpose, spending_on
from connector.model.records import Kind, Ref
from connector.store import clusters, verdicts
from connector.store.rates import slots_of
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

NOT_POSSIBLE = 2


@dataclass(frozen=True)
class Wish:
    """Which record stays, and which becomes a part of it."""

    kind: Kind
    keep: Ref
    drop: Ref

    @property
    def told(self) -> dict[str, object]:
        """Both, for a message."""
        return {"one": self.keep, "two": self.drop}

    @property
    def document(self) -> dict[str, object]:
        """Both, for machines."""
        return {"keep": str(self.keep), "drop": str(self.drop)}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Sure:
    """What is agreed to without a question."""

    yes: Flag = False
    """Do not ask. Both records must then be given by reference."""
    even_if_different: Flag = False
    """With --yes: merge also two that are judged to be different."""


def merge(
    keep: str,
    drop: str,
    /,
    *,
    signed: Signed | None = None,
    sure: Sure | None = None,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Merge two HubSpot records of one kind in HubSpot, for good, after showing what would be lost.

    Parameters
    ----------
    keep
        The record that stays: its reference (hubspot:companies:123), its id, or the address of its page.
    drop
        The record that goes; what it alone has moves to the other one.
    """
    signed, sure = signed or Signed(), sure or Sure()
    with opened(common) as desk:
        with desk.store.read() as tx:
            wish = _wish(desk, tx, keep, drop)
            known = desk.known(tx, [str(wish.keep), str(wish.drop)])
            judged = Judgement.of(desk, tx, wish.kind, key_of(str(wish.keep), str(wish.drop)))
        if sure.yes and (keep, drop) != (str(wish.keep), str(wish.drop)):
            message = f"With --yes both records are given by reference: {wish.keep} {wish.drop}"
            raise WrongUse(message, code="merge_by_reference", details=wish.told)
        console = talking(json=json)
        if wish.keep.system != "hubspot":
            _show(desk, console, wish, known, judged)
            return _not_possible(desk, console, wish, known, json=json)
        # Before anything is shown: a setting that is missing is told by itself.
        with _client(desk) as client:
            losses = losses_of(desk.store, client, desk.mappings, wish.keep, wish.drop)
        _show(desk, console, wish, known, judged)
        show_losses(console, desk.words, losses)
        preview = {
            "merged": False,
            **wish.document,
            "judgement": judged.document(desk.words),
            **losses_document(losses),
        }
        if sure.yes and judged.two and not sure.even_if_different:
            raise _judged_different(desk, wish, judged, preview)
        if not sure.yes and not _agreed(desk, wish, preview if json else {}):
            console.print(Text(desk.words("match.left_as_it_is"), "dim"))
            return 0
        by = person(signed.by)
        # Once more: while somebody looked, somebody else may have said that the two are different.
        with desk.store.read() as tx:
            wish = _wish(desk, tx, keep, drop)
        with _client(desk) as client, spending_on(Purpose.FIELD):
            survivor = _merged(client, wish, losses)
        log.warning("records merged in hubspot", object=wish.keep.object, kept=wish.keep.id, dropped=wish.drop.id)
        note = f"{MERGED}: {signed.note}" if signed.note else MERGED
        in_effect = desk.say(wish.kind, {key_of(str(wish.keep), str(wish.drop)): Answer.SAME}, by, note)
        _tell(desk, wish, survivor, losses, json=json, in_effect=in_effect)
    return 0


def _wish(desk: Desk, tx: Transaction, keep: str, drop: str) -> Wish:
    """Raises WrongUse for a pair that cannot, or must not, be merged."""
    wish = Wish(*desk.two(tx, keep, drop))
    stays, goes = wish.keep, wish.drop
    if (stays.system, stays.object) != (goes.system, goes.object):
        message = f"{stays} and {goes} are of two systems or two objects; no vendor can merge them."
        raise WrongUse(message, code="merge_two_systems", details=wish.told)
    key = key_of(str(stays), str(goes))
    known = desk.known(tx, key)
    if gone := [ref for ref in key if known[ref].record.deleted]:
        raise WrongUse(f"{gone[0]} was deleted or merged already.", code="merge_gone", details={"one": gone[0]})
    if told := _told_apart(tx, key):
        raise WrongUse(
            f"Somebody said that {' and '.join(told)} are different. If that was wrong: okoshi match take-back "
            f"{' '.join(told)}",
            code="merge_said_different",
            details=dict(zip(("one", "two"), told, strict=True)),
        )
    return wish


def _show(desk: Desk, console: Console, wish: Wish, known: Known, judged: Judgement) -> None:
    """Both records, by what becomes of them, and what Okoshi thinks of the two."""
    roles = desk.words("match.merge.keeps"), desk.words("match.merge.goes")
    show_records(console, desk.words, known[str(wish.keep)], known[str(wish.drop)], roles)
    judged.show(console, desk.words)


def _judged_different(desk: Desk, wish: Wish, judged: Judgement, preview: Mapping[str, object]) -> WrongUse:
    bits, state = judged.bits(desk.words), desk.words(f"match.state.{judged.state}")
    return WrongUse(
        f"{wish.keep} and {wish.drop} are judged to be two ({bits} bits), so nothing was done. To merge them all the "
        "same, for good: --yes --even-if-different",
        code="merge_judged_different",
        details={**wish.told, "bits": bits, "state": state},
        document=preview,
    )


def _told_apart(tx: Transaction, key: Key) -> Key | None:
    """The answer that these two are different: given about them, or about two that are one with them."""
    groups = clusters.members(tx, key)
    mine, theirs = groups[key[0]], groups[key[1]]
    crossing = {key_of(one, two) for one in mine - theirs for two in theirs - mine} | {key}
    said = verdicts.of(tx, mine)
    return next((each for each in said if each in crossing and said[each].answer is Answer.DIFFERENT), None)


@contextmanager
def _client(desk: Desk) -> Iterator[HubSpotClient]:
    """A client that can read and merge, and nothing else."""
    settings = desk.settings
    slots = slots_of(settings.database_url)
    budget = HubSpotBudget(RateWindows(slots), timezone=settings.locale.timezone, floors=settings.guard.floors)
    try:
        client = HubSpotClient(
            settings.hubspot, read_only=False, merging=True, timezone=settings.locale.timezone, budget=budget
        )
        try:
            yield client
        finally:
            client.close()
    finally:
        slots.close()


def _merged(client: HubSpotClient, wish: Wish, losses: Losses) -> str:
    """The id under which the two go on. Raises ConflictingPlan where one of them changed since it was shown."""
    object_ = wish.keep.object
    if losses.read(client, wish.keep, wish.drop) != losses.seen:
        message = f"{wish.keep} or {wish.drop} changed while you looked at them; look again."
        raise ConflictingPlan(message, code="merge_changed", details=wish.told)
    try:
        return client.merge(object_, wish.keep.id, wish.drop.id)
    except AnswerLost:
        found = client.batch_read(object_, [wish.keep.id, wish.drop.id], ["hs_merged_object_ids"])
        ids = {str(row["id"]) for row in found}
        if len(ids) == 1:
            return ids.pop()
        raise


def _agreed(desk: Desk, wish: Wish, preview: Mapping[str, object]) -> bool:
    """Whether the id of the record that goes was typed. Raises WrongUse, with the preview, where nobody is there."""
    nobody = WrongUse(
        f"Nobody is there to agree, so nothing was done; add --yes and both references: {wish.keep} {wish.drop}",
        code="merge_nobody_agrees",
        details=wish.told,
        document=preview,
    )
    return typed(desk.words("match.merge.agree", id=wish.drop.id), nobody) == wish.drop.id


def _not_possible(desk: Desk, console: Console, wish: Wish, known: Known, *, json: bool) -> int:
    page = known[str(wish.keep)].link
    console.print(
        Text(desk.words(f"match.merge.{'salesforce' if wish.keep.system == 'salesforce' else 'file'}"), "bold")
    )
    if page:
        console.print(Text(page), soft_wrap=True)
    if json:
        write_json({"merged": False, **wish.document, "page": page or None})
    return NOT_POSSIBLE


def _tell(desk: Desk, wish: Wish, survivor: str, losses: Losses, *, json: bool, in_effect: bool) -> None:
    told: Mapping[str, Any] = {"merged": True, **wish.document, "id": survivor}
    if json:
        write_json({**told, **losses_document(losses), "in_effect": in_effect})
        return
    console = screen()
    console.print(Text(desk.words("match.merge.done", id=survivor), "bold"))
    if not in_effect:
        console.print(Text(desk.words("match.run_alive"), "dim"))
