"""`okoshi match merge`: two records of one system become one in the vendor, if a person asks for exactly this pair.

The only command that merges anything. Shows first what would be lost and asks; HubSpot does it, Salesforce's interface
cannot. Who asked is kept as an answer of that person.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from rich.console import Console
from rich.text import Text

from connector.cli.match_desk import Desk, Signed, opened, person
from connector.cli.match_losses import Losses, losses_document, losses_of, show_losses
from connector.cli.match_records import Known
from connector.cli.match_screen import show_records
from connector.cli.options import Common, Flag, Json
from connector.cli.output import screen, talking, typed, write_json
from connector.clients.budget import HubSpotBudget, RateWindows
from connector.clients.errors import AnswerLost
from connector.clients.hubspot import HubSpotClient
from connector.identity.clusters import Answer, Key, key_of
from connector.model.errors import ConfigurationError, ConflictingPlan
from connector.model.purpose import Purpose, spending_on
from connector.model.records import Kind, Ref
from connector.store import clusters, verdicts
from connector.store.rates import slots_of
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

MERGED: Final = "merged in HubSpot by okoshi match merge"
NOT_POSSIBLE = 2


@dataclass(frozen=True)
class Wish:
    """Which record stays, and which becomes a part of it."""

    kind: Kind
    keep: Ref
    drop: Ref


def merge(
    keep: str,
    drop: str,
    /,
    *,
    signed: Signed | None = None,
    yes: Flag = False,
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
    yes
        Do not ask. Both records must then be given by reference.
    """
    signed = signed or Signed()
    with opened(common) as desk:
        with desk.store.read() as tx:
            wish = _wish(desk, tx, keep, drop)
            known = desk.known(tx, [str(wish.keep), str(wish.drop)])
        if yes and (keep, drop) != (str(wish.keep), str(wish.drop)):
            raise ConfigurationError(f"With --yes both records are given by reference: {wish.keep} {wish.drop}")
        console = talking(json=json)
        show_records(console, desk.words, known[str(wish.keep)], known[str(wish.drop)])
        if wish.keep.system != "hubspot":
            return _not_possible(desk, console, wish, known, json=json)
        with _client(desk) as client:
            losses = losses_of(desk.store, client, desk.mappings, wish.keep, wish.drop)
        show_losses(console, desk.words, losses)
        if not yes and not _agreed(desk, wish):
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
    """Raises ConfigurationError for a pair that cannot, or must not, be merged."""
    kind, key = desk.pair(tx, keep, drop)
    stays, goes = desk.ref(tx, keep), desk.ref(tx, drop)
    if (stays.system, stays.object) != (goes.system, goes.object):
        raise ConfigurationError(f"{stays} and {goes} are of two systems or two objects; no vendor can merge them.")
    known = desk.known(tx, key)
    if gone := [ref for ref in key if known[ref].record.deleted]:
        raise ConfigurationError(f"{gone[0]} was deleted or merged already.")
    if told := _told_apart(tx, key):
        raise ConfigurationError(
            f"Somebody said that {' and '.join(told)} are different. If that was wrong: okoshi match take-back "
            f"{' '.join(told)}"
        )
    return Wish(kind, stays, goes)


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
        raise ConflictingPlan(f"{wish.keep} or {wish.drop} changed while you looked at them; look again.")
    try:
        return client.merge(object_, wish.keep.id, wish.drop.id)
    except AnswerLost:
        found = client.batch_read(object_, [wish.keep.id, wish.drop.id], ["hs_merged_object_ids"])
        ids = {str(row["id"]) for row in found}
        if len(ids) == 1:
            return ids.pop()
        raise


def _agreed(desk: Desk, wish: Wish) -> bool:
    """Whether the id of the record that goes was typed."""
    question = desk.words("match.merge.agree", id=wish.drop.id)
    return typed(question, f"add --yes and both references: {wish.keep} {wish.drop}") == wish.drop.id


def _not_possible(desk: Desk, console: Console, wish: Wish, known: Known, *, json: bool) -> int:
    page = known[str(wish.keep)].link
    console.print(
        Text(desk.words(f"match.merge.{'salesforce' if wish.keep.system == 'salesforce' else 'file'}"), "bold")
    )
    if page:
        console.print(Text(page), soft_wrap=True)
    if json:
        write_json({"merged": False, "keep": str(wish.keep), "drop": str(wish.drop), "page": page or None})
    return NOT_POSSIBLE


def _tell(desk: Desk, wish: Wish, survivor: str, losses: Losses, *, json: bool, in_effect: bool) -> None:
    told: Mapping[str, Any] = {"merged": True, "keep": str(wish.keep), "drop": str(wish.drop), "id": survivor}
    if json:
        write_json({**told, **losses_document(losses), "in_effect": in_effect})
        return
    console = screen()
    console.print(Text(desk.words("match.merge.done", id=survivor), "bold"))
    if not in_effect:
        console.print(Text(desk.words("match.run_alive"), "dim"))
