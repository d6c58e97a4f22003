"""Alerts inside Salesforce where the org answers as no friendly one does; the friendly one is tests/contract's."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from pydantic import SecretStr
from requests import PreparedRequest

from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import SalesforceClient
from connector.model.errors import StopSync
from connector.model.plan import Change, Effect, FieldChange, Operation
from connector.settings import SalesforceSettings
from connector.sinks.salesforce import SalesforceSink

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v66.0"
POSTS, BELL = f"{DATA}/chatter/feed-elements", f"{DATA}/actions/standard/customNotificationAction"
LIMIT = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
ITEM = "0D5000000000001AAA"


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    """An org; a request that no answer was prepared for is a connection error."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def sink() -> SalesforceSink:
    """A sink that does not wait between attempts."""
    settings = SalesforceSettings(instance_url=INSTANCE, auth="session", session_id=SecretStr("00D-session"))
    return SalesforceSink(SalesforceClient(settings, read_only=False, retry=RetryPolicy(sleep=lambda _: None)))


def queried(vendor: responses.RequestsMock, *rows: dict[str, Any]) -> list[str]:
    """Answers every SOQL with those of the rows whose parent it names, and keeps the texts."""
    texts: list[str] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        texts.append(parse_qs(urlsplit(str(request.url)).query)["q"][0])
        found = [row for row in rows if row.get("ParentId", "") in texts[-1]]
        return 200, {}, json.dumps({"done": True, "records": found[:1_000]})

    for path in ("query", "queryAll"):
        vendor.add_callback(responses.GET, f"{DATA}/{path}/", reply)
    return texts


def change(object_: str, key: str, **values: Any) -> Change:
    """A message with everything that a sink does not look at filled in."""
    return Change(
        key=key, program="lost", operation=Operation.CREATE, effect=Effect.ALERT, system="salesforce", object=object_,
        case="salesforce:Opportunity:006", basis="v", fields={name: FieldChange(after=v) for name, v in values.items()},
    )  # fmt: skip


def post(key: str, parent: str = "006000000000001AAA") -> Change:
    """A post on a deal."""
    return change("FeedItem", key, ParentId=parent, Mentions=["005000000000001AAA"], Body=f"本文\n管理番号: {key}")


def bell(key: str) -> Change:
    """A notification for somebody."""
    given = {"recipientIds": ["005000000000001AAA"], "title": "件名", "body": "本文", "targetId": "006000000000001AAA"}
    return change("CustomNotification", key, type="Okoshi_Alert", **given)


@pytest.mark.parametrize("code", ["FUNCTIONALITY_NOT_ENABLED", "API_DISABLED_FOR_ORG", "INSUFFICIENT_ACCESS"])
def test_an_org_without_chatter_refuses_and_the_run_goes_on(
    vendor: responses.RequestsMock, sink: SalesforceSink, code: str
) -> None:
    """The reason says what to look at; the org's own words, which may quote people, stay out."""
    queried(vendor)
    vendor.post(POSTS, status=403, json=[{"errorCode": code, "message": "鈴木様"}])
    outcomes = sink.write([post("a"), post("b")])
    assert [one.state for one in outcomes] == ["refused", "refused"]
    assert f"Chatter is off or closed to it ({code}, HTTP 403)" in str(outcomes[0].reason)
    assert "鈴木" not in str(outcomes)


def test_a_day_without_calls_stops_before_anything_was_sent(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Then nothing is in doubt: the alerts stay planned."""
    queried(vendor)
    vendor.post(POSTS, status=403, json=LIMIT)
    with pytest.raises(StopSync):
        sink.write([post("a")])


def test_a_day_that_ends_half_way_leaves_the_rest_to_be_looked_up(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """What was posted is done, and what was not is found absent later."""
    queried(vendor)
    vendor.post(POSTS, status=201, json={"id": ITEM})
    vendor.post(POSTS, status=403, json=LIMIT)
    outcomes = sink.write([post("a"), post("b")])
    assert [(one.key, one.state) for one in outcomes] == [("a", "done"), ("b", "unknown")]
    assert outcomes[0].record is not None
    assert outcomes[0].record.id == ITEM


def test_long_feeds_are_asked_one_by_one(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Where one answer might not hold all, no post is overlooked."""
    one, two = "006000000000001AAA", "006000000000002AAA"
    noise = [{"Id": ITEM, "ParentId": one, "Body": "x", "IsDeleted": False}] * 1_000
    ours = {"Id": ITEM, "ParentId": two, "Body": "本文\n管理番号: b", "IsDeleted": True}
    asked = queried(vendor, *noise, ours)
    found = sink.find([post("a", one), post("b", two)])
    assert found.keys() == {"b"}
    assert found["b"].deleted
    assert len(asked) == 3
    assert "ORDER BY CreatedDate DESC LIMIT 1000" in asked[0]


def test_an_answer_that_covers_not_all_notifications_is_unknown(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """They may have been delivered."""
    queried(vendor, {"Id": "0ML000000000001AAA"})
    vendor.post(BELL, json=[{"isSuccess": True, "errors": None}])
    assert [one.state for one in sink.write([bell("a"), bell("b")])] == ["unknown", "unknown"]


def test_a_notification_without_a_word_on_it_is_unknown(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Neither success nor an error."""
    queried(vendor, {"Id": "0ML000000000001AAA"})
    vendor.post(BELL, status=207, json=[{"isSuccess": True, "errors": None}, {"isSuccess": False, "errors": None}])
    assert [one.state for one in sink.write([bell("a"), bell("b")])] == ["done", "unknown"]


def test_notification_types_that_are_hidden_refuse_the_bell(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Nothing is sent, and the run goes on."""
    message = "sObject type 'CustomNotificationType' is not supported."
    vendor.get(f"{DATA}/query/", status=400, json=[{"errorCode": "INVALID_TYPE", "message": message}])
    (outcome,) = sink.write([bell("a")])
    assert outcome.state == "refused"
    assert "CustomNotificationType" in str(outcome.reason)


def test_the_type_is_asked_for_once(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Its id does not change while a run lasts."""
    asked = queried(vendor, {"Id": "0ML000000000001AAA"})
    vendor.post(BELL, json=[{"isSuccess": True, "errors": None}])
    for key in ("a", "b"):
        assert sink.write([bell(key)])[0].state == "done"
    assert len(asked) == 1


def test_people_come_before_the_text(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Mentions as segments of their own: names in the text call nobody."""
    queried(vendor)
    vendor.post(POSTS, status=201, json={"id": ITEM})
    sink.write([post("a")])
    sent = json.loads(str(vendor.calls[-1].request.body, "utf-8"))
    assert sent == {
        "feedElementType": "FeedItem",
        "subjectId": "006000000000001AAA",
        "body": {
            "messageSegments": [
                {"type": "Mention", "id": "005000000000001AAA"},
                {"type": "Text", "text": "\n本文\n管理番号: a"},
            ]
        },
    }
