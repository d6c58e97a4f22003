"""Alerts inside the sandbox's Salesforce: posts on a record's feed, and custom notifications (the bell)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from salesforce_client import signed_in
from salesforce_org import ACME, DEAL, INTEGRATION, LEFT, TARO, RunningOrg, running_org, system

from connector.sandbox.access import Ready
from connector.sandbox.salesforce.ids import salesforce_id

POSTS = "/chatter/feed-elements"
BELL = "/actions/standard/customNotificationAction"
TYPE = salesforce_id("0ML", 1)


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        kind = {
            "Id": TYPE,
            "DeveloperName": "Okoshi_Alert",
            "CustomNotifTypeName": "Okoshi_Alert",
            "MasterLabel": "通知",
        }
        running.world.load("salesforce", "CustomNotificationType", [kind | system()])
        yield running


def text(words: str) -> dict[str, str]:
    return {"type": "Text", "text": words}


def mention(user_id: str) -> dict[str, str]:
    return {"type": "Mention", "id": user_id}


def post(*segments: dict[str, str], subject: str = DEAL) -> dict[str, Any]:
    return {"body": {"messageSegments": list(segments)}, "feedElementType": "FeedItem", "subjectId": subject}


def test_a_post_is_a_feed_item(org: RunningOrg) -> None:
    """201 with the element; the record and the journal hold its text and its author."""
    answer = org.call("POST", POSTS, json=post(text("連絡してください: "), mention(TARO)))
    assert answer.status_code == 201
    element = answer.json()
    assert element["body"]["text"] == "連絡してください: @山田 太郎"
    assert (element["parent"]["id"], element["parent"]["type"]) == (DEAL, "Opportunity")
    assert element["actor"]["id"] == INTEGRATION
    (item,) = org.query("SELECT Id, ParentId, Parent.Name, Body, Type, InsertedById FROM FeedItem")["records"]
    assert (item["Id"], item["ParentId"], item["Parent"]["Name"]) == (element["id"], DEAL, "基幹更改")
    assert (item["Body"], item["Type"], item["InsertedById"]) == (element["body"]["text"], "TextPost", INTEGRATION)
    (entry,) = org.world.journal()
    assert (entry["operation"], entry["object"], entry["id"]) == ("create", "FeedItem", element["id"])
    assert (entry["after"]["Body"], entry["actor"]) == (element["body"]["text"], INTEGRATION)


def test_the_feed_of_a_record(org: RunningOrg) -> None:
    """Its posts alone, the latest first, page by page, with who was mentioned."""
    for number in range(3):
        org.call("POST", POSTS, json=post(text(f"{number} "), mention(TARO)))
    org.call("POST", POSTS, json=post(text("elsewhere"), subject=ACME))
    path = f"/chatter/feeds/record/{DEAL}/feed-elements"
    first = org.call("GET", path, params={"pageSize": 2}).json()
    second = org.call("GET", path, params={"pageSize": 2, "page": first["nextPageToken"]}).json()
    elements = first["elements"] + second["elements"]
    assert [one["body"]["text"][0] for one in elements] == ["2", "1", "0"]
    assert second["nextPageUrl"] is None
    assert [segment["type"] for segment in elements[0]["body"]["messageSegments"]] == ["Text", "Mention"]
    assert elements[0]["body"]["messageSegments"][1]["record"]["id"] == TARO


def test_a_post_can_be_read_and_taken_back(org: RunningOrg) -> None:
    """By its id; then it is gone from the feed."""
    id_ = org.call("POST", POSTS, json=post(text("a"))).json()["id"]
    assert org.call("GET", f"{POSTS}/{id_}").json()["body"]["text"] == "a"
    assert org.call("DELETE", f"{POSTS}/{id_}").status_code == 204
    assert org.error("GET", f"{POSTS}/{id_}") == (404, "NOT_FOUND")
    assert org.call("GET", f"/chatter/feeds/record/{DEAL}/feed-elements").json()["elements"] == []


def test_mentions_are_limited(org: RunningOrg) -> None:
    """Twenty-five, not one more."""
    assert org.call("POST", POSTS, json=post(*[mention(TARO)] * 25)).status_code == 201
    assert org.error("POST", POSTS, post(*[mention(TARO)] * 26)) == (400, "LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (post(text("a"), subject=salesforce_id("006", 404)), 404),
        (post(text("a"), subject="nonsense"), 400),
        (post(text("a"), subject=salesforce_id("0ML", 1)), 400),
        (post(text("a"), mention(LEFT)), 400),
        (post(text("a"), mention(ACME)), 400),
        (post(), 400),
        (post(text("  ")), 400),
        (post(text("x" * 10_001)), 400),
        (post({"type": "Emoticon"}), 400),
        (post(text("a")) | {"feedElementType": "Bundle"}, 400),
        (post(text("a")) | {"body": "a"}, 400),
    ],
)
def test_wrong_posts_are_refused(org: RunningOrg, body: dict[str, Any], status: int) -> None:
    """A subject that is not there, people who cannot be mentioned, nothing said, too much said."""
    assert org.error("POST", POSTS, body)[0] == status
    assert list(org.world.journal()) == []


def ring(**values: Any) -> dict[str, Any]:
    usual = {"customNotifTypeId": TYPE, "recipientIds": [TARO], "title": "再開", "body": "連絡", "targetId": DEAL}
    return {"inputs": [usual | values]}


def test_the_bell_rings(org: RunningOrg) -> None:
    """The result in the vendor's shape; the journal holds what was sent to whom."""
    answer = org.call("POST", BELL, json=ring())
    message = "Your custom notification is processed successfully."
    assert (answer.status_code, answer.json()) == (
        200,
        [
            {
                "actionName": "customNotificationAction",
                "errors": None,
                "isSuccess": True,
                "outputValues": {"SuccessMessage": message},
            }
        ],
    )
    (entry,) = org.world.journal()
    assert (entry["object"], entry["operation"], entry["actor"]) == ("CustomNotification", "create", INTEGRATION)
    assert entry["after"] == ring()["inputs"][0]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"customNotifTypeId": salesforce_id("0ML", 404)}, "INVALID_ID_FIELD"),
        ({"customNotifTypeId": DEAL}, "INVALID_ID_FIELD"),
        ({"recipientIds": []}, "REQUIRED_FIELD_MISSING"),
        ({"recipientIds": [ACME]}, "INVALID_ID_FIELD"),
        ({"recipientIds": [TARO] * 501}, "INVALID_INPUT"),
        ({"title": ""}, "REQUIRED_FIELD_MISSING"),
        ({"title": "x" * 251}, "STRING_TOO_LONG"),
        ({"body": "x" * 751}, "STRING_TOO_LONG"),
        ({"body": 5}, "INVALID_TYPE"),
        ({"targetId": None}, "REQUIRED_FIELD_MISSING"),
        ({"targetId": salesforce_id("006", 404)}, "INVALID_ID_FIELD"),
    ],
)
def test_wrong_notifications_are_refused(org: RunningOrg, wrong: dict[str, Any], code: str) -> None:
    """As a result with errors, and nothing is sent."""
    answer = org.call("POST", BELL, json=ring(**wrong))
    (result,) = answer.json()
    assert (answer.status_code, result["isSuccess"], result["outputValues"]) == (400, False, None)
    assert result["errors"][0]["statusCode"] == code
    assert list(org.world.journal()) == []


def test_each_notification_has_its_own_result(org: RunningOrg) -> None:
    """In order; 207 when some were sent."""
    inputs = [*ring()["inputs"], *ring(title="")["inputs"], *ring(targetId=None, targetPageRef="{}")["inputs"]]
    answer = org.call("POST", BELL, json={"inputs": inputs})
    assert (answer.status_code, [one["isSuccess"] for one in answer.json()]) == (207, [True, False, True])
    assert org.error("POST", BELL, {"inputs": []}) == (400, "INVALID_INPUT")
    assert {one["name"] for one in org.call("GET", BELL).json()["inputs"]} >= set(inputs[0])


def test_notification_types_can_be_queried(org: RunningOrg) -> None:
    """That is how a client finds the id to send with."""
    soql = "SELECT Id FROM CustomNotificationType WHERE DeveloperName = 'Okoshi_Alert'"
    assert org.values(soql, "Id") == [TYPE]
    assert org.error("POST", "/sobjects/CustomNotificationType", {"DeveloperName": "x"})[0] == 400


@pytest.mark.parametrize("plant", [frozenset(), frozenset({"nobell"})], ids=["may", "may not"])
def test_the_permission_to_ring(
    start_sandbox: Callable[..., AbstractContextManager[Ready]],
    plant: frozenset[str],
) -> None:
    """The company has a notification type; with `nobell` the integration user lacks Send Custom Notifications."""
    with start_sandbox(plant=plant) as ready:
        client = signed_in(ready)
        (kind,) = client.query("SELECT Id FROM CustomNotificationType")["records"]
        (person,) = client.query("SELECT Id FROM User WHERE IsActive = true LIMIT 1")["records"]
        (deal,) = client.query("SELECT Id FROM Opportunity LIMIT 1")["records"]
        body = ring(customNotifTypeId=kind["Id"], recipientIds=[person["Id"]], targetId=deal["Id"])
        answer = client.session.post(f"{client.base_url}{BELL[1:]}", json=body, headers=client.headers, timeout=20)
        (result,) = answer.json()
        if plant:
            assert (answer.status_code, result["errors"][0]["statusCode"]) == (400, "INSUFFICIENT_ACCESS")
        else:
            assert (answer.status_code, result["isSuccess"]) == (200, True)
