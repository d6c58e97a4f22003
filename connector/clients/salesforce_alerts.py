"""Telling people inside Salesforce: posts on a feed (Connect API) and custom notifications (an invocable action).

A part of the Salesforce client, used by its sink. Must not know what an alert is.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simple_salesforce.api import Salesforce

from connector.clients.errors import AnswerLost
from connector.clients.salesforce_values import LOOKED_UP, RowResult, full_id, row_results
from connector.clients.soql import format_soql

INPUTS_A_CALL = 100
"""Notifications that go out together; the vendor takes more, but they are in doubt together too."""

LATEST_POSTS = 1_000
"""Most posts in one answer: a user who may not see all data gets no more from a feed, and has to say so."""

_TYPE = "SELECT Id FROM CustomNotificationType WHERE DeveloperName = {}"
_POSTS = "SELECT Id, ParentId, Body, IsDeleted FROM FeedItem WHERE ParentId IN {} ORDER BY CreatedDate DESC LIMIT {}"


class SalesforceAlerts(ABC):
    """What the Salesforce client can do beyond records."""

    _api: Salesforce
    _notification_types: dict[str, str]

    @abstractmethod
    def query(self, soql: str, *, include_deleted: bool = False) -> Iterator[list[dict[str, Any]]]:
        """The rows of a query, one list a page."""

    def post(self, subject: str, segments: Sequence[Mapping[str, str]]) -> str:
        """Posts message segments ({type: Text, text} or {type: Mention, id}) on a record's feed; the post's id.

        Raises as every write does; ConfigurationError and Refused where this feed or one of these people is closed.
        """
        body = {"feedElementType": "FeedItem", "subjectId": subject, "body": {"messageSegments": list(segments)}}
        answer = self._told("chatter/feed-elements", body)
        post_id = full_id(answer.get("id")) if isinstance(answer, dict) else None
        if post_id is None:
            raise AnswerLost(f"Salesforce answered a post in an unknown shape; {LOOKED_UP}")
        return post_id

    def posts(self, subjects: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The latest thousand posts on each of these feeds, deleted ones too: Id, ParentId, Body, IsDeleted."""
        soql = format_soql(_POSTS, list(subjects), LATEST_POSTS)
        found = [row for page in self.query(soql, include_deleted=True) for row in page]
        if len(found) >= LATEST_POSTS and len(subjects) > 1:
            half = len(subjects) // 2
            yield from self.posts(subjects[:half])
            yield from self.posts(subjects[half:])
        else:
            yield from found

    def notification_type(self, name: str) -> str | None:
        """The id of the custom notification type with this DeveloperName, asked for once."""
        if name not in self._notification_types:
            found = [row["Id"] for page in self.query(format_soql(_TYPE, name)) for row in page]
            if not found:
                return None
            self._notification_types[name] = str(found[0])
        return self._notification_types[name]

    def notify(self, inputs: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Sends custom notifications (customNotifTypeId, recipientIds, title, body, targetId or targetPageRef), at most
        100 a call; one result each, in order. Where all fail, the vendor refuses the call.
        """
        if len(inputs) > INPUTS_A_CALL:
            raise ValueError(f"at most {INPUTS_A_CALL} notifications a call, got {len(inputs)}")
        answer = self._told("actions/standard/customNotificationAction", {"inputs": list(inputs)})
        rows = answer if isinstance(answer, list) else []
        if len(rows) != len(inputs) or not all(isinstance(row, dict) for row in rows):
            raise AnswerLost("Salesforce answered some notifications in an unknown shape; they may have been delivered")
        return row_results([{**row, "success": row.get("isSuccess")} for row in rows], len(inputs))

    def _told(self, path: str, body: Mapping[str, Any]) -> Any:
        try:
            return self._api.restful(path, method="POST", data=json.dumps(body, ensure_ascii=False).encode())
        except (ValueError, TypeError):
            return None
