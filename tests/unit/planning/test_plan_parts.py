"""Gathering one person's deals, drawing changes, and the guard rails."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping.loader import load_mappings
from connector.mapping.schema import TaskWriting
from connector.model.errors import StopSync
from connector.model.intents import EnsureTask, Standing, TaskText, WithdrawTask
from connector.model.plan import Change, FieldChange, Operation
from connector.model.records import Ref, User
from connector.model.time import BusinessCalendar
from connector.planning.changes import LONGEST_BODY, task_body, task_creation, withdrawal
from connector.planning.gathering import Claim, gather
from connector.planning.guard_rails import check

TEXTS = load_mappings(None).texts["ja"]
DEAL = Ref("salesforce", "Opportunity", "006A")
EVERY_FIELD = frozenset(TaskWriting().fields.model_dump().values())
USER = User(
    ref=Ref("salesforce", "User", "005A"), modified_at=datetime(2026, 1, 1, tzinfo=BusinessCalendar().zone), name="IS"
)

claims = st.lists(
    st.builds(
        Claim,
        case=st.uuids().map(str),
        program=st.sampled_from(["stalled", "another"]),
        name=st.just("deal"),
        standing=st.sampled_from(Standing),
        value=st.integers(0, 5).map(Decimal),
    ),
    max_size=8,
)


@given(claims)
def test_of_one_persons_deals_one_leads_whatever_their_order(several: list[Claim]) -> None:
    """Nothing that waits stays beside the leader, no open task is merged, and order does not matter."""
    gathered = gather(several)
    assert gathered == gather(several[::-1])
    if gathered is None:
        assert all(claim.standing in (Standing.EXCLUDED, Standing.NOT_ELIGIBLE) for claim in several)
        return
    issued = [claim for claim in several if claim.standing is Standing.ISSUED]
    assert gathered.leader in issued or not issued
    assert all(claim.standing is not Standing.ISSUED for claim in gathered.merged)
    assert all(gathered.leader.value >= claim.value for claim in gathered.merged if not issued)


def ensure() -> EnsureTask:
    """A task that is wanted."""
    return EnsureTask(
        key="stalled:006A:1.1",
        subject="滞留商談掘り起こし",
        about=DEAL,
        who=None,
        account_owner=None,
        due=date(2026, 11, 18),
        text=TaskText(opening="連絡してください", facts=("金額: ¥1",), inferences=("関心あり",)),
        value=Decimal(1),
        person_key=None,
        matter="stalled",
    )


def test_the_text_keeps_its_order_and_its_reference() -> None:
    """What to do, facts, inferences apart, the frame for the result, and the reference as its last line."""
    body = task_body(ensure().text, "stalled:006A:1.1", ["別の商談"], TEXTS)
    places = [body.index(part) for part in ("連絡して", "¥1", "別の商談", "【推定】", "【事実】", "【所感】")]
    assert places == sorted(places)
    assert body.splitlines()[-1] == "管理番号: stalled:006A:1.1"


def test_a_very_long_text_is_cut_before_its_reference() -> None:
    """The vendor takes so many characters; the key must survive."""
    text = TaskText(opening="あ" * 40_000)
    body = task_body(text, "stalled:006A:1.1", [], TEXTS)
    assert len(body) <= LONGEST_BODY
    assert body.endswith("stalled:006A:1.1")


def test_an_org_without_the_key_field_is_not_sent_one() -> None:
    """Only fields that the org has are written; an empty one is left out."""
    fields = task_creation(ensure(), USER, "本文", TaskWriting(), EVERY_FIELD - {"Okoshi_Key__c"})
    assert "Okoshi_Key__c" not in fields
    assert "WhoId" not in fields
    assert (fields["WhatId"].before, fields["WhatId"].after) == (None, "006A")


@pytest.mark.parametrize(("touched", "operation"), [(True, Operation.UPDATE), (False, Operation.DELETE)])
def test_a_withdrawal_deletes_or_leaves_a_note(touched: bool, operation: Operation) -> None:
    """Begun: the note goes on top of the text, nothing else changes."""
    intent = WithdrawTask(
        key="k:withdraw",
        task=Ref("salesforce", "Task", "00T"),
        touched=touched,
        note="【取り下げ】",
        written={"Status": "未着手"},
        body="本文",
    )
    change = withdrawal(intent, str(DEAL), (), "v", TaskWriting())
    assert change.operation is operation
    if touched:
        assert change.fields == {"Description": FieldChange(before="本文", after="【取り下げ】\n\n本文")}
    else:
        assert change.fields == {"Status": FieldChange(before="未着手", after=None)}


def created(owner: str) -> Change:
    """A task for this user."""
    return Change(
        key="k",
        program="stalled",
        operation=Operation.CREATE,
        system="salesforce",
        object="Task",
        case=str(DEAL),
        basis="v",
        fields={"OwnerId": FieldChange(after=owner)},
    )


def test_too_many_tasks_for_one_person_stop_the_run() -> None:
    """The guard names the user and the setting."""
    check([created("A")] * 3, owner_field="OwnerId", most_per_person=3, most_touched_percent=None, eligible=9)
    with pytest.raises(StopSync, match="max_tasks_per_person_per_day"):
        check([created("A")] * 4, owner_field="OwnerId", most_per_person=3, most_touched_percent=None, eligible=9)


def test_touching_too_large_a_share_stops_the_run() -> None:
    """Ten changes for twelve deals against a limit of half of them."""
    changes = [created(str(n)) for n in range(10)]
    with pytest.raises(StopSync, match="max_touched_percent"):
        check(changes, owner_field="OwnerId", most_per_person=3, most_touched_percent=50, eligible=12)
