"""Reconciliation: what increments cannot have seen is found in the night, and said."""

from collections.abc import Callable

import requests
from company import Company

from connector.model.records import Account, Ref
from connector.settings import Settings
from connector.store import mirror
from connector.store.store import Store

Start = Callable[..., Company]


def opened(settings: Settings) -> Store:
    """The store of a company, to tamper with."""
    return Store.open(settings.database_url)


def found(company: Company, **options: object) -> dict[tuple[str, str], tuple[int, int, int]]:
    """What the next run's reconciliation found, by stream: missed, gone, withheld; nothing for a clean stream."""
    summary = company.run(**options)
    return {
        (one.system, one.stream): (one.missed, one.gone, one.withheld)
        for one in summary.reconciled
        if one.missed or one.gone or one.withheld
    }


def test_it_runs_once_a_night_and_the_first_load_counts_as_one(company: Start) -> None:
    """The cycle after three o'clock reads everything once more, the others read what changed."""
    here = company()
    assert here.run().reconciled == ()
    here.advance("PT1H")
    assert here.run().reconciled == ()
    here.advance("P1D")
    nightly = here.run()
    assert {one.system for one in nightly.reconciled} == {"salesforce", "hubspot"}
    assert all(one.read for one in nightly.reconciled if one.stream in ("Opportunity", "contacts"))
    assert {(one.missed, one.gone) for one in nightly.reconciled} == {(0, 0)}
    here.advance("PT1H")
    assert here.run().reconciled == ()


def test_it_may_run_less_often_than_every_night(company: Start) -> None:
    """With `reconcile_nights: 3` two nights pass without it, and the third has it."""
    here = company()
    here.overrides["schedule"] = {"reconcile_nights": 3}
    here.run()
    found_in = []
    for _ in range(4):
        here.advance("P1D")
        found_in.append(bool(here.run().reconciled))
    assert found_in == [False, False, True, False]


def test_what_was_missed_and_what_is_gone_is_found_and_said(company: Start) -> None:
    """A record that never came, one that reads differently, and one that no system has any more."""
    here = company()
    here.run()
    accounts = [row for row in here.records("salesforce", "Account") if not row["IsDeleted"]]
    lost, other = (Ref("salesforce", "Account", row["Id"]) for row in accounts[:2])
    ghost = Ref("salesforce", "Account", "001000000000000AAA")
    store = opened(here.settings())
    with store.begin() as tx:
        known = mirror.get(tx, other)
        assert isinstance(known, Account)
        mirror.save(tx, [known.model_copy(update={"name": "古い名前"}), known.model_copy(update={"ref": ghost})])
        bury = mirror.get(tx, lost)
        assert bury is not None
        mirror.save(tx, [bury.model_copy(update={"deleted": True})])
    here.advance("P1D")
    assert found(here) == {("salesforce", "Account"): (2, 1, 0)}
    with store.read() as tx:
        again = {ref: mirror.get(tx, ref) for ref in (lost, other, ghost)}
    assert [bool(record and record.deleted) for record in again.values()] == [False, False, True]
    assert again[other] == known
    store.close()


def test_a_mass_disappearance_is_shown_and_nothing_is_concluded_from_it(company: Start) -> None:
    """Whoever takes away the right to see records must not make every deal look deleted."""
    here = company()
    here.run()
    store = opened(here.settings())
    with store.begin() as tx:
        known = mirror.get(tx, Ref("salesforce", "Account", here.records("salesforce", "Account")[0]["Id"]))
        assert known is not None
        ghosts = [
            known.model_copy(update={"ref": Ref("salesforce", "Account", f"0019{number:011d}AAA")})
            for number in range(100)
        ]
        mirror.save(tx, ghosts)
    here.advance("P1D")
    assert found(here) == {("salesforce", "Account"): (0, 0, 100)}
    with store.read() as tx:
        kept = mirror.get(tx, ghosts[0].ref)
    assert kept is not None
    assert not kept.deleted
    here.advance("P1D")
    assert found(here, guard={"max_gone_percent": 100}) == {("salesforce", "Account"): (0, 100, 0)}
    store.close()


def test_a_reconciliation_that_is_stopped_goes_on_in_the_next_run(company: Start) -> None:
    """The portal is being moved in its midst: the run is no failure, and what was read is not read again."""
    here = company()
    here.run()
    here.advance("P1D")
    fault = {"vendor": "hubspot", "path": r"/2026-03/contacts\?", "status": 477, "body": {}, "times": None}
    requests.post(f"{here.control}/faults", json=fault, timeout=10).raise_for_status()
    first = {(one.system, one.stream) for one in here.run().reconciled}
    assert ("hubspot", "companies") in first
    assert ("hubspot", "contacts") not in first
    requests.delete(f"{here.control}/faults", timeout=10).raise_for_status()
    second = {(one.system, one.stream) for one in here.run().reconciled}
    assert ("hubspot", "contacts") in second
    assert not first & second
