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

from connector.cli.match_records import MATCHED, Known, Links, known, resolved
from connector.cli.match_words import Words
from connector.cli.options import Common, business_time
from connector.engine import unify
from connector.identity.clusters import Answer, Key, key_of
from connector.mapping import Mappings, load_mappings
from connector.model.errors import ConfigurationError, StopSync
from connector.model.records import Kind, Ref
from connector.settings import Settings
from connector.store import verdicts
from connector.store.store import Store, Transaction

RUN_ALIVE = "run_alive"


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
        """The company or person that somebody means. Raises ConfigurationError."""
        return resolved(tx, self.mappings, given)

    def kind(self, ref: Ref) -> Kind:
        """What a record is."""
        return self.mappings.systems[ref.system].objects[ref.object].kind

    def pair(self, tx: Transaction, one: str, two: str) -> tuple[Kind, Key]:
        """Two records that can be one: of the same kind, and not the very same. Raises ConfigurationError."""
        left, right = self.ref(tx, one), self.ref(tx, two)
        kinds = {self.kind(left), self.kind(right)}
        if left == right:
            raise ConfigurationError(f"{left} is named twice; name two records.")
        if len(kinds) > 1:
            raise ConfigurationError(f"{left} and {right} are a company and a person; name two of one kind.")
        return kinds.pop(), key_of(str(left), str(right))

    def say(self, kind: Kind, answers: Mapping[Key, Answer], by: str, note: str | None = None) -> bool:
        """Keeps answers. Whether they are in effect already; else a run is under way, and the next one sees to it."""
        with self.store.begin() as tx:
            verdicts.say_all(tx, kind, answers, self.now, by, note)
        return self._settled(kind, {ref for key in answers for ref in key})

    def take_back(self, kind: Kind, key: Key) -> bool:
        """Forgets an answer; as `say`."""
        with self.store.begin() as tx:
            verdicts.take_back(tx, *key)
        return self._settled(kind, key)

    def _settled(self, kind: Kind, refs: Collection[str]) -> bool:
        try:
            with self.store.lease(f"match-{os.getpid()}") as lease, self.store.begin(lease) as tx:
                unify.settle(tx, self.mappings.identity, kind, refs, self.now)
        except StopSync as busy:
            if busy.code != RUN_ALIVE:
                raise
            return False
        return True


@contextmanager
def opened(common: Common | None) -> Iterator[Desk]:
    """The desk of this command line. Raises ConfigurationError."""
    settings = (common or Common()).settings()
    mappings = load_mappings(settings.project_dir)
    words = Words(mappings.texts[settings.locale.language], settings.locale.timezone)
    store = Store.open(settings.database_url)
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
