"""A value that a vendor's field does not take stops nothing else of what a decision wants."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from build import World

from connector.engine.deployment import Deployment
from connector.engine.effects import Decided, Effects, effects
from connector.mapping import load_mappings
from connector.model.case import Case
from connector.model.intents import CreateRecord, Decision, Intent, SetFields, Standing
from connector.model.limits import FieldLimit
from connector.model.records import Opportunity, Ref
from connector.settings import Settings
from connector.sinks.nowhere import NowhereSink
from connector.store import Store, mirror

NOW = datetime(2026, 11, 18, 1, tzinfo=UTC)
DEAL = Ref("salesforce", "Opportunity", "006A")
FIELDS = ("LastName", "Company", "LeadSource", "Title", "Lost_Reason__c", "Lost_To__c", "Next_Approach_Date__c")
LIST = FieldLimit(values=frozenset({"Web"}))


class StrictOrg(NowhereSink):
    """An org that tells what its fields take."""

    def limits(self, object_: str) -> Mapping[str, FieldLimit]:
        """Two lists of values, a number and a short text."""
        return {
            "LeadSource": LIST,
            "Lost_Reason__c": LIST,
            "Lost_To__c": FieldLimit(holds="number"),
            "Title": FieldLimit(holds="text", length=4),
        }


def drawn(store: Store, *intents: Intent) -> tuple[Case, Effects]:
    """What becomes of these intents of one program about one deal that the mirror knows."""
    case = World().case()
    deployment = Deployment(
        settings=Settings(project_dir=Path.cwd()),
        mappings=load_mappings(None),
        store=store,
        sources=(),
        sinks={"salesforce": StrictOrg("salesforce", FIELDS)},
    )
    decision = Decision(Standing.NOT_ELIGIBLE, "test", "", intents)
    with store.begin() as tx:
        mirror.save(tx, [Opportunity(ref=DEAL, modified_at=NOW, name="基幹刷新")])
        return case, effects(deployment, tx, [Decided("lost", case, decision)])


def test_a_new_record_is_made_without_what_does_not_fit(store: Store) -> None:
    """Else the vendor would refuse the person for a source that its list lacks, day after day."""
    person = {
        "family_name": "山田",
        "company_name": "株式会社アクメ",
        "lead_source": "展示会",
        "title": "代表取締役社長",
    }
    wanted = CreateRecord(key="k", system="salesforce", object="Lead", values=person)
    case, found = drawn(store, wanted)
    (made,) = found.changes
    values = {name: field.after for name, field in made.fields.items()}
    assert values == {"LastName": "山田", "Company": "株式会社アクメ", "Title": "代表取…"}
    (left,) = found.unwritten["lost", str(case.ref)]
    assert (left.object, left.id, left.field, left.reason) == ("Lead", None, "LeadSource", "list")
    assert "展示会" not in left.model_dump_json()


def test_each_field_of_a_record_that_does_not_fit_is_named_and_the_others_are_written(store: Store) -> None:
    """With the record, what is wrong and the remedy, and never the value."""
    values = {"lost_reason": "秘密", "lost_to": "山田商事", "next_approach_date": date(2027, 2, 1)}
    case, found = drawn(store, SetFields(record=DEAL, values=values))
    (change,) = found.changes
    assert set(change.fields) == {"Next_Approach_Date__c"}
    told = found.unwritten["lost", str(case.ref)]
    assert {(one.id, one.field, one.reason) for one in told} == {
        ("006A", "Lost_Reason__c", "list"),
        ("006A", "Lost_To__c", "number"),
    }
    assert all(one.text and "秘密" not in one.text for one in told)
