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
from connector.store.store import Store, Transaction

ROWS_AT_ONCE = 20_000
KEYS_AT_ONCE = 5_000

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
    """Loads a file. Raises ConfigurationError for one that cannot be read or tells no company; what was read stays."""
    with store.begin(lease) as tx, opened(source.path, source.encoding) as file:
        reading = Reading(source)
        loading = _Loading(tx, source, rules, told)
        for chunk in reading.chunks(file.parts, ROWS_AT_ONCE):
            loading.take(chunk)
            tx.checkpoint()
            told("read", len(chunk), file.share())
        return loading.finish(reading, now)


def rebuild(store: Store, lease: Lease, rules: CompanyRules, told: Told) -> int:
    """Makes the keys of the register anew, as this version makes them. Returns how many companies it has."""
    with store.begin(lease) as tx:
        state = reference.state(tx)
        if state is None:
            raise ConfigurationError(
                "No register is loaded. Load one: okoshi match reference FILE.", code="register_none"
            )
        reference.begin(tx)
        matching = CompanyMatching(rules)
        _make_keys(tx, matching, told)
        reference.put_state(tx, state.model_copy(update={"keys": keys_version(matching)}))
        _look_up_all(tx)
        return state.companies


class _Loading:
    """One load on its way into the store."""

    def __init__(self, tx: Transaction, source: RegisterSource, rules: CompanyRules, told: Told) -> None:
        self._tx, self._source, self._told = tx, source, told
        self._matching = CompanyMatching(rules)
        self._before = reference.state(tx)
        self._added = self._changed = self._removed = 0
        self._refs: set[str] = set()
        self._all = self._before is None or source.replace
        """Whether every record is looked up again, and not just those that a changed company could concern."""
        reference.begin(tx)

    def take(self, rows: Sequence[Registered | Gone]) -> None:
        """The next rows, in one transaction."""
        state = self._before or reference.State()
        reference.put_state(self._tx, state.model_copy(update={"loading": True, "unfinished": self._source.path.name}))
        numbers = {row.number for row in rows}
        stored = reference.load(self._tx, numbers)
        met = reference.meet(self._tx, numbers) if self._source.replace else numbers
        now = _merged({number: company for number, company in stored.items() if number in met}, rows)
        differing = [company for number, company in now.items() if company != stored.get(number)]
        gone = [company for number, company in stored.items() if number not in now]
        reference.save(self._tx, differing)
        reference.remove(self._tx, [company.number for company in gone])
        self._added += sum(company.number not in stored for company in differing)
        self._changed += sum(company.number in stored for company in differing)
        self._removed += len(gone)
        self._keep_keys([stored[one.number] for one in differing if one.number in stored] + gone, differing)

    def finish(self, reading: Reading, now: datetime) -> Loaded:
        """The end of the file: what was not met goes if it should, keys take their place, and the state is kept."""
        before = self._before or reference.State()
        version = keys_version(self._matching)
        if self._source.replace:
            self._removed += reference.remove_unmet(self._tx)
            reference.drop_keys_of_removed(self._tx)
        stale = self._before is not None and (before.loading or before.keys != version)
        if stale:
            _make_keys(self._tx, self._matching, self._told)
        else:
            self._told("keys", 0, None)
            reference.flush_keys(self._tx)
        complete = reading.complete or (before.complete and not self._source.replace)
        state = reference.State(
            complete=complete,
            keys=version,
            companies=reference.count(self._tx),
            file=self._source.path.name,
            at=now.isoformat(),
        )
        reference.put_state(self._tx, state)
        if stale or complete != before.complete or (self._all and self._differ):
            waiting = _look_up_all(self._tx)
        else:
            waiting = len(self._refs)
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

    def _keep_keys(self, before: Sequence[Registered], after: Sequence[Registered]) -> None:
        old = {company.number: register_keys(self._matching, company) for company in before}
        new = {company.number: register_keys(self._matching, company) for company in after}
        lost = {number: [key for key in keys if key not in new.get(number, ())] for number, keys in old.items()}
        more = {number: [key for key in keys if key not in old.get(number, ())] for number, keys in new.items()}
        reference.drop_keys(self._tx, lost)
        reference.stage_keys(self._tx, more)
        self._all = self._all or self._differ > ASKED
        if not self._all:
            keys = {key for some in (old, new) for own in some.values() for key in own}
            self._look_up(keys, list(old | new))

    def _look_up(self, keys: Iterable[str], numbers: Sequence[str]) -> None:
        """Records that these companies could be, or were found to be, are to be looked up again."""
        if not numbers:
            return
        asked = {*keys, *(f"{OF_NUMBER}{number}" for number in numbers)}
        sharing = match_keys.sharing(self._tx, Kind.ACCOUNT, asked, SHARERS, self._matching.shared)
        refs = reference_matches.found_as(self._tx, numbers).union(*sharing.values())
        reference_matches.forget(self._tx, refs)
        unmatched.add(self._tx, Kind.ACCOUNT, refs)
        self._refs |= refs


def _merged(known: dict[str, Registered], rows: Sequence[Registered | Gone]) -> dict[str, Registered]:
    """What is known after these rows, in their order."""
    for row in rows:
        if isinstance(row, Gone):
            known.pop(row.number, None)
        else:
            known[row.number] = merged(known.get(row.number), row)
    return known


def _make_keys(tx: Transaction, matching: CompanyMatching, told: Told) -> None:
    """All keys anew, in one transaction: half of them would tell that the other half does not exist."""
    reference.drop_all_keys(tx)
    for page in reference.pages(tx, KEYS_AT_ONCE):
        reference.stage_keys(tx, {company.number: register_keys(matching, company) for company in page})
        told("keys", len(page), None)
    reference.flush_keys(tx)


def _look_up_all(tx: Transaction) -> int:
    reference_matches.forget_all(tx)
    return unmatched.add_all(tx, Kind.ACCOUNT)
