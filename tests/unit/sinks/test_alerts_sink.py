"""The sink of alerts: what Slack, Teams and a mail server really get, and what becomes of messages that fail."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import responses
from pydantic import SecretStr

from connector.clients.guard import ReadOnlyViolation
from connector.clients.messenger import Messenger
from connector.mapping.alerts import AlertRules
from connector.model.errors import ConfigurationError
from connector.model.plan import Change, Effect, FieldChange, Operation
from connector.sinks.alerts import AlertsSink, check_channels

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TEAMS = (
    "https://prod-1.japaneast.logic.azure.com:443/workflows/643e69f83c8944438d68119179a10a64/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu-6Rj8aUKz7108W3wrNJZxFE5A"
)
HOSTILE = "㈱<!channel> & <@U123> [見積](https://evil.example) <at>全員</at> @here <https://evil.example|ここ>"
LINK = ["Salesforceで開く", "https://acme.my.salesforce.com/lightning/r/Opportunity/006A/view"]
EVERYWHERE = re.compile("https://.*")


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """Nothing of these tests leaves this machine."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def sink(*, read_only: bool = False, **channels: str) -> AlertsSink:
    """A sink of these channels."""
    secrets = {name: SecretStr(address) for name, address in channels.items()}
    return AlertsSink(Messenger(secrets, read_only=read_only, timeout=1))


def change(channel: str, key: str = "churn_risk:006A:1:alert:owner:x", **fields: Any) -> Change:
    """One message."""
    given = {"title": f"解約予兆 {HOSTILE}", "body": HOSTILE, "links": [LINK], "urgent": True, **fields}
    return Change(
        key=key, program="churn_risk", operation=Operation.CREATE, effect=Effect.ALERT, system="alerts", object=channel,
        case="salesforce:Opportunity:006A", basis="v", fields={name: FieldChange(after=v) for name, v in given.items()},
    )  # fmt: skip


def posted(web: responses.RequestsMock) -> Mapping[str, Any]:
    """The one message that was sent."""
    (call,) = web.calls
    return dict(json.loads(call.request.body))


def test_slack_gets_text_that_calls_nobody(web: responses.RequestsMock) -> None:
    """`<!channel>` in a company's name is text; the link stays one that Slack makes out by itself."""
    web.post(SLACK, body="ok")
    (outcome,) = sink(slack=SLACK).write([change("slack")])
    assert (outcome.state, outcome.record, outcome.reason) == ("done", None, None)
    (shown,) = posted(web)["attachments"]
    assert posted(web)["mrkdwn"] is False
    for text in (shown["title"], shown["text"]):
        assert "<" not in text
        assert "&lt;!channel&gt; &amp; &lt;@U123&gt;" in text
        assert "@here" not in text
        assert "&amp;lt;" not in text
    assert shown["text"].endswith(f"\n{LINK[0]}: {LINK[1]}")


def test_teams_gets_a_card_without_foreign_links_and_mentions(web: responses.RequestsMock) -> None:
    """Markdown is escaped in the title too, and nobody is mentioned."""
    web.post(EVERYWHERE, status=202)
    assert sink(teams=TEAMS).write([change("teams")])[0].state == "done"
    card = posted(web)["attachments"][0]["content"]
    assert "entities" not in card["msteams"]
    texts = {block["id"]: block["text"] for block in card["body"] if block["type"] == "TextBlock"}
    for text in texts.values():
        assert "\\[見積\\](https://evil.example)" in text
        assert "<at>" not in text
    assert texts["body"].endswith(f"[{LINK[0]}](<{LINK[1]}>)")


def test_one_failing_channel_stops_no_other(web: responses.RequestsMock) -> None:
    """A refusal, a channel without address, one that is reached; each has its own outcome, without any address."""
    web.post(SLACK, status=404, body="no_service")
    web.post("https://example.com/hook", status=200)
    outcomes = sink(slack=SLACK, hook="jsons://example.com/hook").write(
        [change("slack", "a"), change("gone", "b"), change("hook", "c")]
    )
    assert [(one.key, one.state) for one in outcomes] == [("a", "refused"), ("b", "refused"), ("c", "done")]
    assert "alerts.channels.gone" in str(outcomes[1].reason)
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in f"{outcomes}"


def test_a_channel_that_does_not_answer_is_tried_once_a_run() -> None:
    """What is behind it in the queue is refused without a wait, and so comes again later."""
    closed = sink(hook="json://127.0.0.1:1/x", other="json://127.0.0.1:1/y")
    outcomes = closed.write([change("hook", "a"), change("hook", "b"), change("other", "c")])
    assert [one.state for one in outcomes] == ["refused"] * 3
    assert [("just before" in str(one.reason)) for one in outcomes] == [False, True, False]


def test_a_dry_run_is_refused_whoever_asks(web: responses.RequestsMock) -> None:
    """Not by the sink's good will: its client may not send."""
    with pytest.raises(ReadOnlyViolation):
        sink(read_only=True, slack=SLACK).write([change("slack")])
    assert not web.calls


def test_nothing_tells_afterwards_what_was_sent() -> None:
    """So the engine must not take an empty look-up for a proof."""
    there = sink(slack=SLACK)
    assert there.find([change("slack")]) == {}
    assert there.leaves_trace(change("slack")) is False
    assert there.batch_size == 1


@pytest.mark.parametrize(
    ("rules", "channels", "said"),
    [
        ({"default": ["slack"]}, {}, "OKOSHI_ALERTS__CHANNELS__SLACK"),
        ({"default": ["slack"]}, {"slack": "nonsense://x"}, "no address that apprise knows"),
        ({"default": ["slack"], "each_person": ["slack"]}, {"slack": SLACK}, "each_person"),
        ({"templates": {"lost": ["mail"]}}, {"mail": "mailtos://u:p@example.com?to={mail}"}, "each_person"),
    ],
)
def test_rules_and_addresses_that_do_not_fit_are_told_before_a_run(
    rules: dict[str, Any], channels: dict[str, str], said: str
) -> None:
    """Each with the key to set; no address is shown."""
    messenger = Messenger({name: SecretStr(one) for name, one in channels.items()}, read_only=True)
    with pytest.raises(ConfigurationError, match=said) as error:
        check_channels(AlertRules.model_validate(rules), messenger)
    assert not any(address in str(error.value) for address in channels.values())


def test_the_usual_rules_need_no_address() -> None:
    """Chatter and the bell are Salesforce's own."""
    check_channels(AlertRules(), Messenger({}, read_only=True))
