"""Cases of deals with what others of the company did on the web, and the marks that lead back to them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from store_records import NOW, account, activity, deal, engagement, hs, membership, person, role, sf, together

from connector.model.case import Case
from connector.model.records import Engagement, EngagementKind, Kind, Record, Ref
from connector.store import Store, Transaction, cases, clusters, marks, mirror

SINCE = NOW - timedelta(days=100)
DEAL, LOST, WON, ELSEWHERE = (sf("Opportunity", number) for number in (1, 2, 3, 9))
OWN, COLLEAGUE, OTHER_FIRM = (sf("Contact", number) for number in (1, 2, 9))
MA_OWN, MA_COLLEAGUE, MA_ONLY = (hs("contacts", number) for number in (1, 2, 3))

# One company in two records of the SFA and one of the MA; deal 1 knows contact 1 alone, deal 2 and deal 3 nobody.
WORLD: list[Record] = [
    account(1),
    account(2),
    account(9),
    account(hs("companies", 1)),
    deal(DEAL, account=sf("Account", 1)),
    deal(LOST, account=sf("Account", 2), is_closed=True),
    deal(WON, account=sf("Account", 1), is_closed=True, is_won=True),
    deal(ELSEWHERE, account=sf("Account", 9)),
    person(OWN, account=sf("Account", 1)),
    person(COLLEAGUE, account=sf("Account", 1)),
    person(OTHER_FIRM, account=sf("Account", 9)),
    person(MA_OWN),
    person(MA_COLLEAGUE),
    person(MA_ONLY, account=hs("companies", 1)),
    role(1, DEAL, OWN),
    engagement(1, person=MA_OWN),
    engagement(2, person=MA_COLLEAGUE),
    engagement(3, person=MA_ONLY, form=EngagementKind.FORM, at=NOW - timedelta(days=99)),
]


def fill(tx: Transaction) -> None:
    """The world, unified, with every mark dealt with."""
    mirror.save(tx, WORLD)
    together(tx, Kind.ACCOUNT, sf("Account", 1), sf("Account", 2), hs("companies", 1))
    together(tx, Kind.PERSON, OWN, MA_OWN)
    together(tx, Kind.PERSON, COLLEAGUE, MA_COLLEAGUE)
    marks.spread(tx)
    marks.clear(tx, marks.due(tx, NOW, 1000))


@pytest.fixture
def tx(store: Store) -> Iterator[Transaction]:
    """The world above."""
    with store.scratch() as open_tx:
        fill(open_tx)
        yield open_tx


def _case(tx: Transaction, ref: Ref = DEAL) -> Case:
    return cases.load(tx, [str(ref)], web_since=SINCE)[0]


def _people(case: Case) -> list[Ref]:
    return [one.person.ref for one in case.company_people]


def _acts(case: Case) -> list[str]:
    return [one.ref.id for one in case.company_engagements]


def test_a_deals_case_has_what_others_of_its_company_did(tx: Transaction) -> None:
    """Of all records of the company and of each person, apart from the deal's own people; oldest first."""
    case = _case(tx)
    assert [one.person.ref for one in case.participants] == [OWN]
    assert [one.ref.id for one in case.engagements] == ["1"]
    assert _people(case) == [MA_ONLY, COLLEAGUE]
    assert [record.ref for record in case.company_people[1].records] == [COLLEAGUE, MA_COLLEAGUE]
    assert _acts(case) == ["3", "2"]
    assert case.colleagues == ()


def test_a_deal_that_names_nobody_has_everybody_of_its_company(tx: Transaction) -> None:
    """Which is where a signal of such a deal comes from."""
    case = _case(tx, LOST)
    assert (case.participants, _people(case), _acts(case)) == ((), [MA_ONLY, OWN, COLLEAGUE], ["3", "1", "2"])


def test_where_nobody_asks_for_it_or_the_deal_is_won_there_is_none_of_it(tx: Transaction) -> None:
    """It is read for deals alone that a signal can be about."""
    (unasked,) = cases.load(tx, [str(DEAL)])
    won, company = _case(tx, WON), _case(tx, sf("Account", 1))
    assert [(one.company_people, one.company_engagements) for one in (unasked, won, company)] == [((), ())] * 3
    assert [one.ref.id for one in company.engagements] == ["3", "1", "2"]


def test_mail_opens_and_what_is_long_ago_are_left_out(tx: Transaction) -> None:
    """Also where the company's own case is loaded beside, which has them all."""
    long_ago = SINCE - timedelta(seconds=1)
    mirror.save(
        tx,
        [
            engagement(4, person=MA_ONLY, form=EngagementKind.MAIL_OPEN),
            engagement(5, person=MA_ONLY, at=long_ago, modified_at=long_ago),
            engagement(6, person=MA_ONLY, at=SINCE, modified_at=SINCE),
            engagement(7, person=MA_ONLY, at=SINCE, modified_at=NOW, deleted=True),
        ],
    )
    assert _acts(_case(tx)) == ["6", "3", "2"]
    both = {case.ref: case for case in cases.load(tx, [str(DEAL), str(sf("Account", 1))], web_since=SINCE)}
    assert _acts(both[DEAL]) == ["6", "3", "2"]
    assert {"4", "5"} <= {one.ref.id for one in both[sf("Account", 1)].engagements}


@pytest.mark.parametrize("name", ["last_visit_at", "last_form_at"])
def test_somebody_whose_last_visit_alone_is_known_is_there(tx: Transaction, name: str) -> None:
    """Not every edition has a stream; who was never seen, or long ago, is none of it."""
    seen = person(5, account=sf("Account", 1), **{name: SINCE})
    mirror.save(tx, [seen, person(6, account=sf("Account", 1), **{name: SINCE - timedelta(days=1)})])
    mirror.save(tx, [person(7, account=sf("Account", 1))])
    assert _people(_case(tx)) == [MA_ONLY, COLLEAGUE, seen.ref]


def test_who_belongs_to_another_company_is_there_with_that_one(tx: Transaction) -> None:
    """The SFA's record speaks for a person, whatever the MA's names."""
    together(tx, Kind.PERSON, OTHER_FIRM, MA_ONLY)
    assert _people(_case(tx)) == [COLLEAGUE]
    assert _people(_case(tx, ELSEWHERE)) == [OTHER_FIRM]


def test_a_part_in_the_deal_makes_a_colleague_one_of_its_people(tx: Transaction) -> None:
    """Nobody is there twice, whichever record has the part."""
    mirror.save(tx, [role(2, DEAL, COLLEAGUE)])
    case = _case(tx)
    assert ([one.ref.id for one in case.engagements], _people(case)) == (["1", "2"], [MA_ONLY])


CHANGES = [
    pytest.param(engagement(4, person=MA_COLLEAGUE), True, ["1", "2"], id="a page that a colleague opened"),
    pytest.param(engagement(4, person=MA_ONLY), True, ["1", "2"], id="or somebody whom the MA alone knows"),
    pytest.param(engagement(2, deleted=True), True, ["1", "2"], id="a page that is gone"),
    pytest.param(engagement(4, person=MA_OWN), True, ["1", "2"], id="a page that its own person opened"),
    pytest.param(person(MA_COLLEAGUE, page_views=3), True, ["1", "2"], id="a colleague's twin"),
    pytest.param(person(COLLEAGUE, account=sf("Account", 9)), True, ["1", "2", "3", "9"], id="a colleague who leaves"),
    pytest.param(
        person(OTHER_FIRM, account=sf("Account", 2), last_visit_at=NOW), True, ["1", "2", "9"], id="a new one"
    ),
    pytest.param(person(7, account=sf("Account", 2)), False, ["1", "2"], id="a colleague who was never seen"),
    pytest.param(engagement(4, person=OTHER_FIRM), False, ["9"], id="a page that somebody else opened"),
    pytest.param(activity(4, people=(COLLEAGUE,)), False, [], id="a talk with a colleague"),
]


@pytest.mark.parametrize(("changed", "moves", "due"), CHANGES)
def test_a_change_moves_the_version_and_leads_to_the_companys_deals(
    tx: Transaction, changed: Record, moves: bool, due: list[str]
) -> None:
    """To the open and the lost ones; a won one is only concerned where the company itself is."""
    before = _case(tx).version
    mirror.save(tx, [changed])
    marks.spread(tx)
    assert (_case(tx).version != before) is moves
    assert [ref.rsplit(":", 1)[1] for ref in marks.due(tx, NOW, 100) if ":Opportunity:" in ref] == due


def test_the_number_of_queries_does_not_depend_on_the_number_of_colleagues(tx: Transaction) -> None:
    """Nor on that of deals."""
    statements: list[str] = []

    @event.listens_for(tx.connection, "before_cursor_execute")
    def _count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    _case(tx)
    of_one = len(statements)
    mirror.save(tx, [person(number, account=sf("Account", 1)) for number in range(20, 60)])
    mirror.save(tx, [engagement(number, person=sf("Contact", number)) for number in range(20, 60)])
    statements.clear()
    assert len(cases.load(tx, [str(DEAL), str(LOST), str(ELSEWHERE)], web_since=SINCE)[0].company_people) == 42
    assert len(statements) <= of_one + 2


# --- marks mirror cases --------------------------------------------------------------------------------------------

_PEOPLE = [*(sf("Contact", number) for number in (1, 2, 9)), *(hs("contacts", number) for number in (1, 2, 3))]
_ACCOUNTS = [sf("Account", 1), sf("Account", 2), sf("Account", 9), hs("companies", 1)]
_DEALS = [DEAL, LOST, WON, ELSEWHERE]
_anybody, _nobody = st.sampled_from(_PEOPLE), st.none()


def _engagement(number: int, who: Ref | None, days: int, form: EngagementKind, *, deleted: bool) -> Engagement:
    at = NOW - timedelta(days=days)
    return engagement(number, person=who, at=at, modified_at=at, form=form, deleted=deleted)


_SAVED: st.SearchStrategy[Record] = st.one_of(
    st.builds(
        _engagement,
        st.integers(1, 5),
        st.one_of(_nobody, _anybody),
        st.sampled_from([0, 99, 101]),
        st.sampled_from(EngagementKind),
        deleted=st.booleans(),
    ),
    st.builds(
        lambda ref, company, seen, gone: person(ref, account=company, last_visit_at=seen, deleted=gone),
        _anybody,
        st.one_of(_nobody, st.sampled_from(_ACCOUNTS)),
        st.sampled_from([None, NOW, SINCE - timedelta(days=1)]),
        st.booleans(),
    ),
    st.builds(
        lambda ref, company, closed, won, named: deal(
            ref, account=company, is_closed=closed or won, is_won=won, approach_person=named
        ),
        st.sampled_from(_DEALS),
        st.one_of(_nobody, st.sampled_from([one for one in _ACCOUNTS if one.system == "salesforce"])),
        st.booleans(),
        st.booleans(),
        st.one_of(_nobody, _anybody),
    ),
    st.builds(
        lambda number, at, who, gone: role(number, at, who, deleted=gone),
        st.integers(1, 3),
        st.sampled_from(_DEALS),
        _anybody,
        st.booleans(),
    ),
    st.builds(
        lambda number, who, on: activity(number, people=(who,), opportunities=tuple(on)),
        st.integers(1, 3),
        _anybody,
        st.lists(st.sampled_from(_DEALS), max_size=1),
    ),
    st.builds(membership, st.integers(1, 2), _anybody),
    st.builds(lambda ref, notes: account(ref, notes=notes), st.sampled_from(_ACCOUNTS), st.sampled_from(["a", "b"])),
)


def _saving(record: Record) -> Callable[[Transaction], None]:
    return lambda tx: mirror.save(tx, [record]) and None


def _grouping(kind: Kind, refs: list[Ref]) -> Callable[[Transaction], None]:
    def group(tx: Transaction) -> None:
        clusters.assign(tx, kind, [frozenset(map(str, refs))], NOW)

    return group


_STEPS: st.SearchStrategy[Callable[[Transaction], None]] = st.one_of(
    _SAVED.map(_saving),
    st.lists(st.sampled_from(_PEOPLE), min_size=1, max_size=3, unique=True).map(lambda r: _grouping(Kind.PERSON, r)),
    st.lists(st.sampled_from(_ACCOUNTS), min_size=1, max_size=3, unique=True).map(lambda r: _grouping(Kind.ACCOUNT, r)),
)


def _versions(tx: Transaction) -> dict[str, str]:
    return {str(case.ref): case.version for case in cases.load(tx, [str(ref) for ref in _DEALS], web_since=SINCE)}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEPS, min_size=1, max_size=6))
@example(steps=[_saving(engagement(4, person=MA_COLLEAGUE))])
@example(steps=[_grouping(Kind.PERSON, [OWN]), _saving(person(MA_OWN, account=hs("companies", 1)))])
def test_whatever_changes_a_deals_case_marks_it(store: Store, steps: list[Callable[[Transaction], None]]) -> None:
    """What is read into a case leads back to it: no deal's version moves without its mark."""
    with store.scratch() as tx:
        fill(tx)
        for step in steps:
            before = _versions(tx)
            step(tx)
            marks.spread(tx)
            after, due = _versions(tx), set(marks.due(tx, NOW, 1000))
            assert {ref for ref in after if after[ref] != before.get(ref)} <= due
            marks.clear(tx, sorted(due))
