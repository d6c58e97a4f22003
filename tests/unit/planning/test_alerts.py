"""From an alert to its messages: which channels, whom, with which words and links, and once."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.mapping.alerts import AlertRules
from connector.mapping.loader import load_mappings
from connector.model.case import Case, Participant
from connector.model.errors import ConfigurationError
from connector.model.intents import Alert
from connector.model.plan import Because, Change, Effect, Operation
from connector.model.records import Account, Opportunity, Person, Ref, User
from connector.planning.alerts import AlertWriting, alert_changes
from connector.planning.entries import Origin
from connector.planning.links import RecordLinks

THEN = datetime(2026, 11, 1, tzinfo=UTC)
DEAL, TWIN = Ref("salesforce", "Opportunity", "006A"), Ref("hubspot", "deals", "31")
PERSON, LEAD = Ref("salesforce", "Contact", "003A"), Ref("hubspot", "contacts", "51")
TARO, HANAKO, LEFT = (Ref("salesforce", "User", f"005{name}") for name in "ABC")
USERS = {
    TARO: User(ref=TARO, modified_at=THEN, name="山田 太郎", email="taro@example.co.jp"),
    HANAKO: User(ref=HANAKO, modified_at=THEN, name="佐藤 花子"),
    LEFT: User(ref=LEFT, modified_at=THEN, name="退職 済", email="left@example.co.jp", is_active=False),
}
TEXTS = load_mappings(None).texts["ja"] | {
    "churn_risk.alert.title": "解約予兆: {account}",
    "churn_risk.alert.body": "{account} の {who} が解約ページを見ました。\n至急ご連絡ください。",
}
LINKS = RecordLinks("https://acme.my.salesforce.com", "4711")
BECAUSE = (Because(rule="churn", text="viewed"),)


def person(ref: Ref) -> Person:
    """Somebody at the customer's."""
    return Person(ref=ref, modified_at=THEN, name="鈴木")


def case() -> Case:
    """A deal with a twin in the MA, and a person with one."""
    return Case(
        subject=Opportunity(ref=DEAL, modified_at=THEN, name="基幹更改"),
        version="v7",
        same_deal=frozenset({DEAL, TWIN}),
        participants=(Participant(person(PERSON), (person(LEAD),), is_primary=True),),
        accounts=(Account(ref=Ref("salesforce", "Account", "001A"), modified_at=THEN, name="アクメ"),),
    )


def alert(**changes: Any) -> Alert:
    """Two people who are there and one who has left are to be told."""
    given: dict[str, Any] = {
        "key": "churn_risk:006A:1:alert:owner",
        "template": "churn_risk.alert",
        "to": (TARO, HANAKO, LEFT, TARO),
        "about": DEAL,
        "values": {"account": "「アクメ」", "who": "「鈴木」"},
    }
    return Alert(**(given | changes))


def drawn(rules: AlertRules | None = None, *, links: RecordLinks = LINKS, **changes: Any) -> list[Change]:
    """The changes for this alert."""
    about = case()
    origin = Origin("churn_risk", str(about.ref), about.version, BECAUSE)
    return alert_changes(alert(**changes), origin, about, AlertWriting(rules or AlertRules(), TEXTS, USERS, links))


def after(change: Change) -> dict[str, Any]:
    """What the change writes."""
    return {name: field.after for name, field in change.fields.items()}


def test_one_post_mentions_everybody_and_each_bell_rings_for_itself() -> None:
    """Whoever has left is told nothing, and nobody twice."""
    post, *bells = drawn()
    assert (post.key, post.system, post.object) == ("churn_risk:006A:1:alert:owner:chatter", "salesforce", "FeedItem")
    assert after(post)["ParentId"] == "006A"
    assert after(post)["Mentions"] == ["005A", "005B"]
    assert [bell.key for bell in bells] == [f"churn_risk:006A:1:alert:owner:bell:005{name}" for name in "AB"]
    assert [after(bell)["recipientIds"] for bell in bells] == [["005A"], ["005B"]]
    assert after(bells[0]) == {
        "type": "Okoshi_Alert",
        "recipientIds": ["005A"],
        "targetId": "006A",
        "title": "解約予兆: 「アクメ」",
        "body": "「アクメ」 の 「鈴木」 が解約ページを見ました。\n至急ご連絡ください。",
    }


def test_every_message_says_where_it_comes_from() -> None:
    """Program, case, its version, why, and that it is an alert: so the engine sends it before anything else."""
    for change in drawn():
        assert (change.program, change.case, change.basis) == ("churn_risk", str(DEAL), "v7")
        assert (change.operation, change.effect, change.because) == (Operation.CREATE, Effect.ALERT, BECAUSE)


def test_a_post_ends_with_its_key_however_long_its_text_is() -> None:
    """By that line it is found again; links are never cut."""
    (post, *_) = drawn(values={"account": "長" * 20_000, "who": "誰"})
    lines = after(post)["Body"].splitlines()
    assert len(after(post)["Body"]) <= 9_000
    assert lines[-1] == f"管理番号: {post.key}"
    assert lines[-3:-1] == [
        "Salesforceで開く: https://acme.my.salesforce.com/lightning/r/Opportunity/006A/view",
        "HubSpotで開く: https://app.hubspot.com/contacts/4711/record/0-3/31",
    ]


def test_links_lead_to_both_systems() -> None:
    """The record itself, and in the other system its twin; for a person that person."""
    rules = AlertRules(default=("slack",))
    assert after(drawn(rules)[0])["links"] == [
        ["Salesforceで開く", "https://acme.my.salesforce.com/lightning/r/Opportunity/006A/view"],
        ["HubSpotで開く", "https://app.hubspot.com/contacts/4711/record/0-3/31"],
    ]
    assert after(drawn(rules, about=PERSON)[0])["links"] == [
        ["Salesforceで開く", "https://acme.my.salesforce.com/lightning/r/Contact/003A/view"],
        ["HubSpotで開く", "https://app.hubspot.com/contacts/4711/record/0-1/51"],
    ]
    assert after(drawn(rules, links=RecordLinks())[0])["links"] == []


def test_a_hostile_id_makes_no_link() -> None:
    """An address is made of ids that look like ids only."""
    assert LINKS.url(Ref("salesforce", "Opportunity", "006/../../secur")) is None
    assert LINKS.url(Ref("hubspot", "contacts", "5?x=1")) is None
    assert LINKS.url(Ref("hubspot", "events", "5")) is None


def test_what_salesforce_does_not_have_is_told_on_each_persons_own_feed() -> None:
    """The bell then opens the page in the other system, or the start page."""
    post, second, bell, _ = drawn(about=LEAD)
    assert (post.key.rpartition(":")[2], after(post)["ParentId"], after(post)["Mentions"]) == ("005A", "005A", ["005A"])
    assert after(post)["Body"].splitlines()[-1] == f"管理番号: {post.key}"
    assert after(second)["ParentId"] == "005B"
    page = json.loads(after(bell)["targetPageRef"])
    assert page["attributes"]["url"] == "https://app.hubspot.com/contacts/4711/record/0-1/51"
    nowhere = drawn(about=LEAD, links=RecordLinks())[2]
    assert json.loads(after(nowhere)["targetPageRef"])["type"] == "standard__namedPage"


def test_a_shared_channel_gets_one_message_and_a_personal_one_each() -> None:
    """A personal channel needs a mail address; a shared one works even if everybody has left."""
    rules = AlertRules(default=("slack", "mail"), each_person=("mail",))
    slack, mail = drawn(rules)
    assert (slack.key.rpartition(":")[2], slack.system, slack.object) == ("slack", "alerts", "slack")
    assert "to" not in after(slack)
    assert (mail.key, after(mail)["to"]) == (f"{alert().key}:mail:005A", "taro@example.co.jp")
    assert after(slack)["title"] == "解約予兆: 「アクメ」"
    assert [change.object for change in drawn(rules, to=(LEFT,))] == ["slack"]


def test_nobody_left_still_leaves_a_post_on_the_record() -> None:
    """The alert is not lost with the person."""
    (post,) = drawn(to=(LEFT,))
    assert after(post)["Mentions"] == []


def test_an_alert_may_go_nowhere() -> None:
    """A company may not want it."""
    assert drawn(AlertRules(templates={"churn_risk": ()})) == []


def test_the_same_alert_has_the_same_keys() -> None:
    """However often it is drawn, and whoever else is to be told later."""
    again = {change.key for change in drawn(to=(TARO, HANAKO))}
    assert {change.key for change in drawn()} == again
    assert {change.key for change in drawn(to=(TARO,))} < again


def test_more_people_than_a_post_may_mention() -> None:
    """Twenty-five are mentioned; the bell rings for all."""
    many = {
        ref: User(ref=ref, modified_at=THEN, name="x")
        for n in range(30)
        if (ref := Ref("salesforce", "User", f"005{n}"))
    }
    origin = Origin("churn_risk", str(DEAL), "v7")
    found = alert_changes(alert(to=tuple(many)), origin, case(), AlertWriting(AlertRules(), TEXTS, many, LINKS))
    assert len(after(found[0])["Mentions"]) == 25
    assert len(found) == 31


@pytest.mark.parametrize(
    ("template", "values", "said"),
    [
        ("churn_risk.nothing", {}, "churn_risk.nothing.title: there is no such text"),
        ("churn_risk.alert", {"account": "a"}, "churn_risk.alert.body: nothing fills {who} in"),
    ],
)
def test_a_text_that_cannot_be_filled_is_named(template: str, values: dict[str, str], said: str) -> None:
    """With its key, for whoever wrote it."""
    with pytest.raises(ConfigurationError, match=said.replace("{", r"\{").replace("}", r"\}")):
        drawn(template=template, values=values)


def test_values_are_never_read_as_templates() -> None:
    """A company may be called {x} or {0.__class__}."""
    bell = drawn(values={"account": "{who.__class__}", "who": "{0}"})[1]
    assert after(bell)["title"] == "解約予兆: {who.__class__}"
