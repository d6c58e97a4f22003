"""HubSpot's marketing side: lists and who is in them, forms and what was sent by them, events of the web.

A part of `HubSpotClient`, used by source and sink. Must not know the model of sales.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from hubspot.client import Client

from connector.clients.hubspot_answers import (
    ObjectPage,
    answer_of,
    chunks,
    page,
    pages,
    parsed,
    rows_in,
    unknown_shape,
    written,
)
from connector.clients.hubspot_errors import NotInThisTier
from connector.clients.paths import with_family
from connector.clients.session import VendorSession
from connector.clients.trail import Trail
from connector.model.errors import ConfigurationError
from connector.settings import HubSpotSettings

LIST_SEARCH = 500
MEMBERSHIP_PAGE = 250
MEMBERSHIP_IDS = 10_000
"""Ids of one call that adds to a list or takes from it. The vendor publishes no limit; a body stays under 200 kB."""
FORM_PAGE = 100
SUBMISSION_PAGE = 50
EVENT_PAGE = 100


@dataclass(frozen=True, slots=True)
class Membership:
    """What adding to a list or taking from it did. Who was in it (or not) before is in none of these."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    """Ids that the portal does not know as records of the list's object."""


class HubSpotMarketing:
    """Reads lists, forms and events; joins and leaves lists."""

    settings: HubSpotSettings
    _client: Client
    _session: VendorSession

    def lists(self, processing_types: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """All lists (`listId`, `name`, `objectTypeId`, `processingType`, …), or those of some processing types."""
        offset = 0
        trail = Trail("HubSpot", str(offset))
        while True:
            asked = {
                "query": "",
                "offset": offset,
                "count": LIST_SEARCH,
                "listIds": [],
                "processingTypes": list(processing_types),
                "additionalProperties": [],
            }
            answer = parsed(self._client.crm.lists.lists_api.do_search, asked)
            found = rows_in(answer, "lists", named="listId")
            yield from found
            if not answer.get("hasMore"):
                return
            offset = _offset(trail.onward(str(answer.get("offset")), empty=not found))

    def memberships(self, list_id: str, after: str | None = None) -> Iterator[dict[str, Any]]:
        """Who is in a list, by ascending record id: `recordId` and, where told, `membershipTimestamp`."""
        api = self._client.crm.lists.memberships_api

        def ask(following: str | None) -> ObjectPage:
            given = {"after": following} if following is not None else {}
            return page(parsed(api.get_page, list_id, limit=MEMBERSHIP_PAGE, **given), named="recordId")

        for found in pages(ask, after):
            yield from found.results

    def join_list(self, list_id: str, record_ids: Sequence[str]) -> Membership:
        """Adds records to a list that is filled by hand. Who is in it already stays."""
        return self._change(self._client.crm.lists.memberships_api.add, list_id, record_ids)

    def leave_list(self, list_id: str, record_ids: Sequence[str]) -> Membership:
        """Takes records out of a list that is filled by hand. Who is not in it is no error."""
        return self._change(self._client.crm.lists.memberships_api.remove, list_id, record_ids)

    def _change(self, call: Any, list_id: str, record_ids: Sequence[str]) -> Membership:
        done = Membership()
        for part in chunks(list(dict.fromkeys(map(str, record_ids))), MEMBERSHIP_IDS):
            answer = written(call, list_id, part)
            done = Membership(
                added=done.added | _ids(answer, "recordsIdsAdded", "recordIdsAdded"),
                removed=done.removed | _ids(answer, "recordIdsRemoved", "recordsIdsRemoved"),
                missing=done.missing | _ids(answer, "recordIdsMissing", "recordsIdsMissing"),
            )
        return done

    def forms(self) -> Iterator[dict[str, Any]]:
        """All forms (`id`, `name`, `formType`, …) that are not archived, pop-up forms and foreign ones included."""
        api = self._client.marketing.forms.forms_api

        def ask(after: str | None) -> ObjectPage:
            given = {"after": after} if after is not None else {}
            return page(parsed(api.get_page, limit=FORM_PAGE, form_types=["all"], **given), named="id")

        for found in pages(ask):
            yield from found.results

    def form_submissions(self, form_id: str, after: str | None = None) -> ObjectPage:
        """One page of what was sent by a form, the latest first: `submittedAt` (epoch ms), `values`, `pageUrl`, …

        The SDK has no call for it.
        """
        params = {"limit": str(SUBMISSION_PAGE)} | ({"after": after} if after is not None else {})
        return page(self._get(f"/form-integrations/v1/submissions/forms/{quote(form_id, safe='')}", params))

    def events(
        self,
        event_type: str,
        occurred_after: datetime,
        occurred_before: datetime | None = None,
        *,
        object_type: str = "contact",
        after: str | None = None,
    ) -> Iterator[ObjectPage]:
        """Pages of what happened in a span of time, in the vendor's order: `objectId`, `occurredAt`, `properties`, …

        Raises NotInThisTier where the portal's edition or the token has no events.
        """
        api = self._client.events.events_api
        given: dict[str, Any] = {
            "event_type": event_type,
            "object_type": object_type,
            "occurred_after": _moment(occurred_after),
            "limit": EVENT_PAGE,
        }
        if occurred_before is not None:
            given["occurred_before"] = _moment(occurred_before)

        def ask(following: str | None) -> ObjectPage:
            begin = {"after": following} if following is not None else {}
            try:
                return page(parsed(api.get_page, **given, **begin), named="id")
            except ConfigurationError as refused:
                if refused.code != "permission":
                    raise
                raise NotInThisTier(str(refused), code=refused.code) from None

        yield from pages(ask, after)

    def account_details(self) -> dict[str, Any]:
        """The portal itself: `portalId`, `timeZone` (in which its day of API calls begins), `companyCurrency`, …

        The SDK has no call for it.
        """
        return self._get("/account-info/v3/details", {})

    def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        url = with_family(f"{self.settings.base_url.rstrip('/')}{path}", self.settings.api_version)
        return answer_of(self._session.get(url, params=params).content)


def _ids(answer: Mapping[str, Any], *spellings: str) -> frozenset[str]:
    lists = (answer.get(name) for name in spellings)
    return frozenset(str(one) for told in lists if isinstance(told, list) for one in told)


def _offset(told: str) -> int:
    if not told.isdecimal():
        raise unknown_shape()
    return int(told)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
