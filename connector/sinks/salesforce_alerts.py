"""Alerts inside Salesforce: posts that mention people, and custom notifications; what became of each.

Called by the Salesforce sink. What the org does not take is refused with its reason: an alert stops no run.
"""

from collections.abc import Sequence
from typing import Any

from connector.clients.errors import AnswerLost, Refused
from connector.clients.salesforce import RowResult, SalesforceClient
from connector.clients.salesforce_alerts import INPUTS_A_CALL
from connector.model.errors import ConfigurationError, OkoshiError
from connector.model.plan import Change
from connector.model.records import Ref
from connector.model.sync import Found, Outcome
from connector.sinks.alerts_text import fitting, one_line, visible, without_hashtags
from connector.sinks.keyed_text import holds_key
from connector.sinks.salesforce_outcomes import outcome, ref, unknown, values, written_before

POST, NOTIFICATION = "FeedItem", "CustomNotification"
FIELDS = {
    POST: frozenset({"ParentId", "Mentions", "Body"}),
    NOTIFICATION: frozenset({"type", "recipientIds", "title", "body", "targetId", "targetPageRef"}),
}
LONGEST_TITLE, LONGEST_BODY = 250, 750
"""Characters of a custom notification."""

PARENTS_A_QUERY = 50
_CLOSED_TO_US = frozenset({"permission", "field"})
"""Codes of errors that are about this one thing, not about signing in."""


def find(client: SalesforceClient, changes: Sequence[Change]) -> dict[str, Found]:
    """The posts that exist for `changes`, deleted ones too; of notifications nobody can tell."""
    posts = [change for change in changes if change.object == POST]
    feeds = sorted({str(change.fields["ParentId"].after) for change in posts})
    found: dict[str, Found] = {}
    for start in range(0, len(feeds), PARENTS_A_QUERY):
        for row in client.posts(feeds[start : start + PARENTS_A_QUERY]):
            for change in posts:
                if change.fields["ParentId"].after == row.get("ParentId") and _is_it(change, row):
                    deleted = bool(row.get("IsDeleted"))
                    if change.key not in found or not deleted:
                        found[change.key] = Found(Ref(change.system, POST, str(row["Id"])), deleted)
    return found


def _is_it(change: Change, row: dict[str, Any]) -> bool:
    return holds_key(str(row.get("Body") or ""), change.key)


def write(client: SalesforceClient, object_: str, changes: Sequence[Change]) -> list[Outcome]:
    """One outcome for each change, in order. Raises only when nothing of them was sent."""
    return _post(client, changes) if object_ == POST else _notify(client, changes)


def _post(client: SalesforceClient, changes: Sequence[Change]) -> list[Outcome]:
    """Look first: a feed takes the same post twice."""
    there = find(client, changes)
    outcomes: list[Outcome] = []
    for change in changes:
        if change.key in there:
            outcomes.append(written_before(change, there[change.key]))
            continue
        try:
            post_id = client.post(str(change.fields["ParentId"].after), _segments(change))
        except AnswerLost as error:
            outcomes.append(unknown(change, str(error), late=error.late))
        except OkoshiError as error:
            if _is_refusal(error):
                outcomes.append(_refused(change, str(error)))
            elif not outcomes:
                raise
            else:
                outcomes.append(unknown(change, f"not sent: {error}"))
        else:
            outcomes.append(Outcome(key=change.key, state="done", record=ref(change, post_id)))
    return outcomes


def _segments(change: Change) -> list[dict[str, str]]:
    """Who is meant, then the text, in which no value of the CRM becomes a topic."""
    people = change.fields["Mentions"].after if "Mentions" in change.fields else ()
    text = without_hashtags(visible(str(change.fields["Body"].after)))
    mentions = [one for user in people for one in ({"type": "Mention", "id": str(user)}, {"type": "Text", "text": " "})]
    return [*mentions[:-1], {"type": "Text", "text": f"\n{text}" if mentions else text}]


def _notify(client: SalesforceClient, changes: Sequence[Change]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for start in range(0, len(changes), INPUTS_A_CALL):
        part = changes[start : start + INPUTS_A_CALL]
        try:
            outcomes += _rung(client, part)
        except OkoshiError as error:
            if not _is_refusal(error) and not outcomes:
                raise
            # Nothing of this call was sent, and later nobody could tell: so it is refused, not unknown.
            outcomes += [_refused(change, str(error)) for change in part]
    return outcomes


def _rung(client: SalesforceClient, changes: Sequence[Change]) -> list[Outcome]:
    types = {name: client.notification_type(name) for name in {str(change.fields["type"].after) for change in changes}}
    known = [change for change in changes if types[str(change.fields["type"].after)]]
    try:
        results = client.notify([_input(change, types) for change in known]) if known else []
    except AnswerLost as error:
        results = [RowResult(id=None, success=False, lost=str(error), late=error.late)] * len(known)
    sent = {change.key: outcome(change, result) for change, result in zip(known, results, strict=True)}
    return [sent.get(change.key) or _refused(change, _no_type(change)) for change in changes]


def _input(change: Change, types: dict[str, str | None]) -> dict[str, Any]:
    given = values(change)
    return {
        "customNotifTypeId": types[str(given["type"])],
        "recipientIds": given["recipientIds"],
        "title": fitting(one_line(str(given["title"])), str, LONGEST_TITLE),
        "body": fitting(visible(str(given["body"])), str, LONGEST_BODY),
        **{name: given[name] for name in ("targetId", "targetPageRef") if name in given},
    }


def _no_type(change: Change) -> str:
    return (
        f"Salesforce has no custom notification type {change.fields['type'].after}: make it (Setup, Custom "
        "Notifications; channels Desktop and Mobile), or name another as `notification_type` in mappings/alerts.yaml"
    )


def _is_refusal(error: OkoshiError) -> bool:
    return isinstance(error, Refused) or (isinstance(error, ConfigurationError) and error.code in _CLOSED_TO_US)


def _refused(change: Change, reason: str) -> Outcome:
    return Outcome(key=change.key, state="refused", reason=reason)
