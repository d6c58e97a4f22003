"""Loads a register of companies from a file: row by row, with flat memory, so that a whole country fits.

Called by `okoshi match reference`. What a row says is merged into what is known; records that what has changed could
concern are looked up again when companies are next unified.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from connector.engine.reference import OF_NUMBER, keys_version, register_keys
from connector.engine.reference_reading import BadRow, Reading, RegisterSource
from connector.identity.companies import CompanyMatching
from connector.identity.reference import Registered, merged
from connector.identity.reference_rows import Gone
from connector.mapping.identity import CompanyRules
from connector.model.errors import ConfigurationError
from connector.model.plan import Frozen
from connector.model.records import Kind
from connector.sources.register_file import opened
from connector.store import match_keys, reference, reference_matches, unmatched
from connector.store.lease import Lease
from connector.store.store import Lengthy, Store

ROWS_AT_ONCE = 20_000
KEYS_AT_ONCE = 5_000
PLACED_AT_ONCE = 50_000
"""Keys that take their place in one transaction: a fraction of a second."""

ASKED = 50_000
"""If more companies differ, all records are looked up again: asking whom they concern would take longer."""

SHARERS = 10_000
"""A key that more records share tells nobody whom a change concerns."""

Told = Callable[[str, int, float | None], None]
"""Told the stage (`read`, `keys`), how many more rows are done, and which share of the file was read, if known."""


class Loaded(Frozen):
    """What a load did. `rows` is all rows, `passed` those that tell nothing a register keeps, `bad` those left out.

    Of the companies in the file `added`, `changed` and `removed` differ from before; `companies` are all that are known
    now. `waiting` is how many records of the systems are to be looked up again.
    """

    file: str
    rows: int
    passed: int
    bad: int
    bad_rows: tuple[BadRow, ...]
    added: int
    changed: int
    removed: int
    companies: int
    complete: bool
    waiting: int


def load(store: Store, lease: Lease, source: RegisterSource, rules: CompanyRules, now: datetime, told: Told) -> Loaded:
    """Loads a file. Raises ConfigurationError for one that cannot be read or tells no company; what was read stays.

    Others may write meanwhile, such as a person's answers: only what is short happens while they are kept waiting.
    """
    with store.lengthy(lease) as tx, opened(source.path, source.encoding) as file:
        reading = Reading(source)
        loading = _Loading(tx, source, rules, told)
        for chunk in reading.chunks(file.parts, ROWS_AT_ONCE):
            loading.take(chunk)
            told("read", len(chunk), file.share())
        return loading.finish(reading, now)


def rebuild(store: Store, lease: Lease, rules: CompanyRules, told: Told) -> int:
    """Makes the keys of the register anew, as this version makes them. Returns how many companies it has."""
    with store.lengthy(lease) as tx:
        state = reference.state(tx)
        if state is None:
            raise _none_loaded()
        reference.begin(tx)
        matching = CompanyMatching(rules)
        with tx.writing():
            # If this breaks off, some keys are of the old kind and some of the new: the register says so.
            reference.put_state(tx, state.model_copy(update={"keys": ""}))
        _make_keys(tx, matching, told)
        _look_up_all(tx)
        with tx.writing():
            reference.put_state(tx, state.model_copy(update={"keys": keys_version(matching)}))
        return reference.count(tx)


def say_complete(store: Store, lease: Lease, *, complete: bool) -> tuple[reference.State, int]:
    """What is loaded has every company, or has not. Returns the state, and how many records are to be looked up again.

    Raises ConfigurationError where nothing is loaded, or only a part of a file.
    """
    with store.lengthy(lease) as tx:
        state = reference.state(tx)
        if state is None:
            raise _none_loaded()
        if state.loading:
            raise ConfigurationError(
                "The last load of the register broke off; load the file again, with --complete or --no-complete.",
                code="register_broken_off",
            )
        if state.complete == complete:
            return state, 0
        state = state.model_copy(update={"complete": complete})
        waiting = _look_up_all(tx)
        with tx.writing():
            reference.put_state(tx, state)
        return state, waiting


def _none_loaded() -> ConfigurationError:
    return ConfigurationError("No register is loaded. Load one: okoshi match reference FILE.", code="register_none")


class _Loading:
    """One load on its way into the store."""

    def __init__(self, tx: Lengthy, source: RegisterSource, rules: CompanyRules, told: Told) -> None:
        self._tx, self._source, self._told = tx, source, told
        self._matching = CompanyMatching(rules)
        self._version = keys_version(self._matching)
        self._before = reference.state(tx)
        self._added = self._changed = self._removed = 0
        self._refs: set[str] = set()
        self._stale = self._before is not None and (self._before.loading or self._before.keys != self._version)
        """Whether all keys are made anew at the end."""
        self._all = self._before is None or source.replace or self._stale
        """Whether every record is looked up again, and not just those that a changed company could concern."""
        reference.begin(tx)

    def take(self, rows: Sequence[Registered | Gone]) -> None:
        """The next rows, in one transaction, which begins when all is computed."""
        numbers = {row.number for row in rows}
        stored = reference.load(self._tx, numbers)
        met = reference.meet(self._tx, numbers) if self._source.replace else numbers
        now = _merged({number: company for number, company in stored.items() if number in met}, rows)
        differing = [company for number, company in now.items() if company != stored.get(number)]
        gone = [company for number, company in stored.items() if number not in now]
        self._added += sum(company.number not in stored for company in differing)
        self._changed += sum(company.number in stored for company in differing)
        self._removed += len(gone)
        before = [stored[one.number] for one in differing if one.number in stored] + gone
        lost, refs = ({}, set()) if self._stale else self._keys(before, differing)
        state = self._before or reference.State()
        with self._tx.writing():
            begun = {"loading": True, "unfinished": self._source.path.name}
            reference.put_state(self._tx, state.model_copy(update=begun))
            reference.save(self._tx, differing)
            reference.remove(self._tx, [company.number for company in gone])
            reference.drop_keys(self._tx, lost)
            reference_matches.forget(self._tx, refs)
            unmatched.add(self._tx, Kind.ACCOUNT, refs)
        self._refs |= refs

    def finish(self, reading: Reading, now: datetime) -> Loaded:
        """The end of the file: what was not met goes if it should, keys take their place, and the state is kept."""
        before = self._before or reference.State()
        if self._source.replace:
            self._remove_unmet()
        if self._stale:
            _make_keys(self._tx, self._matching, self._told)
        else:
            self._told("keys", 0, None)
            _place_keys(self._tx)
        complete = reading.complete or (before.complete and not self._source.replace)
        state = reference.State(
            complete=complete,
            keys=self._version,
            companies=reference.count(self._tx),
            file=self._source.path.name,
            at=now.isoformat(),
        )
        again = self._stale or complete != before.complete or (self._all and self._differ)
        waiting = _look_up_all(self._tx) if again else len(self._refs)
        with self._tx.writing():
            reference.put_state(self._tx, state)
        return Loaded(
            file=self._source.path.name,
            rows=reading.rows,
            passed=reading.passed,
            bad=reading.bad,
            bad_rows=tuple(reading.bad_rows),
            added=self._added,
            changed=self._changed,
            removed=self._removed,
            companies=state.companies,
            complete=complete,
            waiting=waiting,
        )

    @property
    def _differ(self) -> int:
        return self._added + self._changed + self._removed

    def _remove_unmet(self) -> None:
        """Their keys go with them, those that all keys made anew would not sweep away."""
        removed = 0
        for numbers in reference.unmet(self._tx, ROWS_AT_ONCE):
            with self._tx.writing():
                reference.remove(self._tx, numbers)
            removed += len(numbers)
        self._removed += removed
        if removed and not self._stale:
            for portion in reference.placed(self._tx, PLACED_AT_ONCE):
                with self._tx.writing():
                    reference.drop_keys_of_removed(self._tx, portion)

    def _keys(self, before: Sequence[Registered], after: Sequence[Registered]) -> tuple[dict[str, list[str]], set[str]]:
        """Stages new keys; returns those that are lost, by number, and records that are to be looked up again."""
        old = {company.number: register_keys(self._matching, company) for company in before}
        new = {company.number: register_keys(self._matching, company) for company in after}
        lost = {number: [key for key in keys if key not in new.get(number, ())] for number, keys in old.items()}
        more = {number: [key for key in keys if key not in old.get(number, ())] for number, keys in new.items()}
        reference.stage_keys(self._tx, more)
        self._all = self._all or self._differ > ASKED
        if self._all:
            return lost, set()
        keys = {key for some in (old, new) for own in some.values() for key in own}
        return lost, self._concerned(keys, list(old | new))

    def _concerned(self, keys: Iterable[str], numbers: Sequence[str]) -> set[str]:
        """Records that these companies could be, or were found to be."""
        if not numbers:
            return set()
        asked = {*keys, *(f"{OF_NUMBER}{number}" for number in numbers)}
        sharing = match_keys.sharing(self._tx, Kind.ACCOUNT, asked, SHARERS, self._matching.shared)
        return reference_matches.found_as(self._tx, numbers).union(*sharing.values())


def _merged(known: dict[str, Registered], rows: Sequence[Registered | Gone]) -> dict[str, Registered]:
    """What is known after these rows, in their order."""
    for row in rows:
        if isinstance(row, Gone):
            known.pop(row.number, None)
        else:
            known[row.number] = merged(known.get(row.number), row)
    return known


def _make_keys(tx: Lengthy, matching: CompanyMatching, told: Told) -> None:
    """All keys anew. While they take their place the old ones stay: a candidate too many is nothing worse."""
    for page in reference.pages(tx, KEYS_AT_ONCE):
        reference.stage_keys(tx, {company.number: register_keys(matching, company) for company in page})
        tx.look()
        told("keys", len(page), None)
    _place_keys(tx, only=True)


def _place_keys(tx: Lengthy, *, only: bool = False) -> None:
    for portion in reference.staged(tx, PLACED_AT_ONCE):
        with tx.writing():
            reference.place_keys(tx, portion, only=only)


def _look_up_all(tx: Lengthy) -> int:
    """Belongs before what it is done for: if that does not come about, records were looked up once too often."""
    waiting = 0
    for portion in reference_matches.everybody(tx, ROWS_AT_ONCE):
        with tx.writing():
            waiting += reference_matches.ask_again(tx, portion)
    with tx.writing():
        reference_matches.forget_all(tx)
    return waiting
