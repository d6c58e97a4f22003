"""Where the commands of `okoshi match` work: settings, store and words, and the two things they change in the store.

Reaches no vendor. An answer is kept first and takes effect after that, so that none is lost while a run is under way.
"""

import getpass
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from cyclopts import Parameter

from connector.cli.match_records import MATCHED, Known, Links, known, meant, resolved, the_one
from connector.cli.match_standing import overruled
from connector.cli.match_words import Words
from connector.cli.options import Common, business_time
from connector.engine import unify
from connector.identity.clusters import Answer, Key, key_of
from connector.mapping import Mappings, load_mappings
from connector.model.errors import ConfigurationError, StopSync, WrongUse
from connector.model.records import Kind, Ref
from connector.settings import Settings
from connector.store import clusters, verdicts
from connector.store.store import Store, Transaction
from connector.store.verdicts import Verdict

RUN_ALIVE, LOCKED = "run_alive", "database_locked"


@dataclass(frozen=True)
class Settled:
    """What became of answers that were kept. `overruled` are those that say "same" and hold no longer, or not at all.

    What is not in effect will be with the next run.
    """

    in_effect: bool
    overruled: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class Desk:
    """One deployment's store, and how its pages are worded."""

    settings: Settings
    mappings: Mappings
    store: Store
    words: Words

    @property
    def links(self) -> Links:
        """Where records are opened in the vendor."""
        return Links.of(self.settings)

    @property
    def now(self) -> datetime:
        """The time that rules go by."""
        return business_time(self.settings)

    def known(self, tx: Transaction, refs: Collection[str]) -> Known:
        """These records as they are shown."""
        return known(tx, refs, self.links)

    def ref(self, tx: Transaction, given: str) -> Ref:
        """The company or person that somebody means. Raises WrongUse."""
        return resolved(tx, self.mappings, given)

    def kind(self, ref: Ref) -> Kind:
        """What a record is."""
        return self.mappings.systems[ref.system].objects[ref.object].kind

    def two(self, tx: Transaction, one: str, two: str) -> tuple[Kind, Ref, Ref]:
        """Two records that can be one: of the same kind, and not the very same. Raises WrongUse.

        Of an id that several records have, the one of the other record's kind is meant.
        """
        mine, theirs = meant(tx, self.mappings, one), meant(tx, self.mappings, two)
        common = {self.kind(ref) for ref in mine} & {self.kind(ref) for ref in theirs}
        left, right = (the_one(given, self._of(common, refs)) for given, refs in ((one, mine), (two, theirs)))
        told = {"one": left, "two": right}
        if left == right:
            raise WrongUse(f"{left} is named twice; name two records.", code="same_record", details=told)
        if not common:
            message = f"{left} and {right} are a company and a person; name two of one kind."
            raise WrongUse(message, code="two_kinds", details=told)
        return self.kind(left), left, right

    def _of(self, kinds: Collection[Kind], refs: list[Ref]) -> list[Ref]:
        """Those of one of the kinds, where there are such."""
        return [ref for ref in refs if self.kind(ref) in kinds] or refs

    def pair(self, tx: Transaction, one: str, two: str) -> tuple[Kind, Key]:
        """The same as the key of a pair. Raises WrongUse."""
        kind, left, right = self.two(tx, one, two)
        return kind, key_of(str(left), str(right))

    def say(self, kind: Kind, answers: Mapping[Key, Answer], by: str, note: str | None = None) -> bool:
        """Keeps answers whatever was said before. Whether they are in effect already; else the next run sees to it."""
        with self.answering() as tx:
            verdicts.say_all(tx, kind, answers, self.now, by, note)
        return self.settled(kind, answers).in_effect

    @contextmanager
    def answering(self) -> Iterator[Transaction]:
        """A transaction in which nobody else's answer comes between what is read and what is written."""
        with self.store.begin() as tx:
            verdicts.take_turn(tx)
            yield tx

    def settled(self, kind: Kind, keys: Collection[Key]) -> Settled:
        """What was said of these takes effect, unless a run or another program is using the database."""
        refs = {ref for key in keys for ref in key}
        try:
            with self.store.lease(f"match-{os.getpid()}") as lease, self.store.begin(lease) as tx:
                around = verdicts.of(tx, refs.union(*clusters.members(tx, refs).values()))
                before = {one.key for one in overruled(tx, around.values())}.difference(keys)
                unify.settle(tx, self.mappings.identity, kind, refs, self.now)
                lost = [one for one in overruled(tx, around.values()) if one.key not in before]
        except StopSync as busy:
            if busy.code not in (RUN_ALIVE, LOCKED):
                raise
            return Settled(in_effect=False)
        return Settled(in_effect=True, overruled=tuple(lost))


@contextmanager
def opened(common: Common | None, *, create: bool = False) -> Iterator[Desk]:
    """The desk of this command line; without `create` only where there is a store. Raises ConfigurationError."""
    settings = (common or Common()).settings()
    mappings = load_mappings(settings.project_dir)
    words = Words(mappings.texts[settings.locale.language], settings.locale.timezone)
    store = Store.open(settings.database_url, create=create)
    try:
        yield Desk(settings, mappings, store, words)
    finally:
        store.close()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Signed:
    """Who answers, and why."""

    by: str | None = None
    """Who says it (default: the user of this machine)."""
    note: str | None = None
    """Why, for those who look at it later."""


def person(by: str | None) -> str:
    """Who answers: the name that was given, or the one that the operating system knows. Raises ConfigurationError."""
    if by:
        return by
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise ConfigurationError("This machine does not know who you are; say it: --by NAME.") from None


def kind_of(name: str | None) -> Kind | None:
    """`account` or `person` as it was given on the command line."""
    return next((kind for kind in MATCHED if kind == name), None)
