"""The HubSpot client: the connection, list and search pages, batch reads, associations, owners and properties.

Called by the HubSpot source and sink, and by doctor; speaks through hubspot-api-client. Writing and marketing are parts
of their own. Must not know mappings or the model of sales.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import urllib3
from hubspot.client import Client

from connector.clients.auth import FixedToken
from connector.clients.budget import HubSpotBudget, Usage, shared_windows
from connector.clients.egress import Endpoint
from connector.clients.guard import RouteGuard
from connector.clients.hubspot_answers import (
    ObjectPage,
    batch,
    chunks,
    following,
    object_page,
    objects,
    page,
    pages,
    parsed,
    rows_in,
    unknown_shape,
)
from connector.clients.hubspot_marketing import HubSpotMarketing, Membership
from connector.clients.hubspot_rows import RowError, RowResult
from connector.clients.hubspot_writing import HubSpotWriting
from connector.clients.paths import with_family
from connector.clients.retry import RetryPolicy
from connector.clients.session import VendorSession
from connector.clients.trail import Trail
from connector.model.errors import RetryLater
from connector.settings import HubSpotSettings

__all__ = ["HubSpotClient", "Membership", "ObjectPage", "RowError", "RowResult"]

LIST_PAGE = 100
SEARCH_PAGE = 200
BATCH_READ_IDS = 100
ASSOCIATION_IDS = 1_000
OWNER_PAGE = 500

_SIGN_IN_REMEDY = (
    "HubSpot does not accept the token in hubspot.access_token (OKOSHI_HUBSPOT__ACCESS_TOKEN): make a service key in "
    "the portal, or a new token of the project app, and put it there"
)


class SessionPool:
    """What the SDK takes for urllib3's pool: sends through our session, in the path family that the settings choose."""

    def __init__(self, session: VendorSession, api_version: str) -> None:
        self._session = session
        self._api_version = api_version

    def request(self, method: str, url: str, **options: Any) -> urllib3.HTTPResponse:
        """As `urllib3.PoolManager.request`, with the options that the SDK uses."""
        response = self._session.request(
            method,
            with_family(url, self._api_version),
            params=[(name, _spelt(value)) for name, value in options.get("fields") or ()],
            data=options.get("body"),
            headers=options.get("headers"),
        )
        return urllib3.HTTPResponse(
            body=response.content, status=response.status_code, headers=dict(response.headers), reason=response.reason
        )


@dataclass(eq=False)
class HubSpotClient(HubSpotWriting, HubSpotMarketing):
    """One connection to a portal, safe to use from several threads.

    Raises ConfigurationError, RetryLater, StopSync and Refused; a write also AnswerLost, and after any other error
    nothing of that call was written.
    """

    settings: HubSpotSettings
    read_only: bool = field(kw_only=True)
    merging: bool = field(default=False, kw_only=True)
    """Instead of all other writes, merging two records."""
    reserve_percent: int = field(default=0, kw_only=True)
    timezone: str = field(default="Asia/Tokyo", kw_only=True)
    """The portal's time zone, in which its day of API calls begins."""
    budget: HubSpotBudget | None = field(default=None, kw_only=True)
    """Given where a deployment has rules and shared windows of its own; else a plain one with `reserve_percent`."""
    retry: RetryPolicy = field(default_factory=RetryPolicy, kw_only=True)

    def __post_init__(self) -> None:
        settings = self.settings.require()
        token = settings.access_token.get_secret_value() if settings.access_token else ""
        self._session = VendorSession(
            self._guard(),
            self.budget or HubSpotBudget(shared_windows(settings.base_url, token), self.reserve_percent, self.timezone),
            ca_bundle=settings.ca_bundle,
            read_timeout=settings.timeout_seconds,
            retry=self.retry,
        )
        self._session.signs_in_with(FixedToken(token, _SIGN_IN_REMEDY))
        self._pool = SessionPool(self._session, settings.api_version)
        self._apis: dict[tuple[str, str], Any] = {}
        self._definitions = {}
        self._defining = threading.Lock()
        self._client = Client.create(host=settings.base_url, access_token=token, api_factory=self._api)

    def _guard(self) -> RouteGuard:
        if self.read_only:
            return RouteGuard.reading("hubspot")
        return RouteGuard.merging() if self.merging else RouteGuard.writing("hubspot")

    def _api(self, package: ModuleType, api_name: str, config: Mapping[str, Any]) -> Any:
        """Each API object is made once and speaks through our session; left alone the SDK opens a pool per access."""
        key = (package.__name__, api_name)
        if key not in self._apis:
            configuration = package.Configuration(host=config["host"])
            configuration.access_token = config["access_token"]
            api_client = package.ApiClient(configuration=configuration)
            api_client.rest_client.pool_manager = self._pool
            self._apis.setdefault(key, getattr(package, api_name)(api_client=api_client))
        return self._apis[key]

    @property
    def usage(self) -> Usage:
        """Calls that were made, by operation, and the portal's own count of the day."""
        return self._session.budget.usage

    @property
    def endpoints(self) -> frozenset[Endpoint]:
        """Where this client connects to, for `egress_only`."""
        return self._session.endpoints(self.settings.base_url)

    def close(self) -> None:
        """Closes the pooled connections."""
        self._session.close()

    def check(self) -> None:
        """One cheap call that proves address, token and the scope for owners."""
        parsed(self._client.crm.owners.owners_api.get_page, limit=1)

    def list_page(
        self,
        object_type: str,
        *,
        properties: Sequence[str],
        associations: Sequence[str] = (),
        after: str | None = None,
        archived: bool = False,
        limit: int = LIST_PAGE,
    ) -> ObjectPage:
        """One page of all objects of a type, associated ids inline. Not in order of change."""
        given: dict[str, Any] = {"properties": list(properties), "limit": limit, "archived": archived}
        if associations:
            given["associations"] = list(associations)
        if after is not None:
            given["after"] = after
        answer = object_page(parsed(self._client.crm.objects.basic_api.get_page, object_type, **given))
        if answer.after is not None and answer.after == after:
            raise RetryLater("HubSpot sends us from a page of objects to the same page; run again later")
        return answer

    def search_page(
        self,
        object_type: str,
        *,
        filters: Sequence[Mapping[str, Any]],
        sort_by: str,
        descending: bool = False,
        properties: Sequence[str],
        limit: int = SEARCH_PAGE,
    ) -> ObjectPage:
        """The first page of a search by filters that must all fit; values are strings.

        Search lags behind writes, is out of order by seconds and ends after 10,000 objects: go on by narrowing the
        filters (`hs_object_id` greater than the last one), not by paging.
        """
        body: dict[str, Any] = {
            "sorts": [{"propertyName": sort_by, "direction": "DESCENDING" if descending else "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        }
        if filters:
            body["filterGroups"] = [{"filters": [dict(one) for one in filters]}]
        return object_page(parsed(self._client.crm.objects.search_api.do_search, object_type, body))

    def batch_read(
        self,
        object_type: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        id_property: str | None = None,
        archived: bool = False,
    ) -> list[dict[str, Any]]:
        """The objects that still exist among `ids`, or with `archived` those that do not any more.

        A merged id answers as its survivor, which names it in `hs_merged_object_ids`. With `id_property` the ids are
        values of that property, which must be unique.
        """
        found: list[dict[str, Any]] = []
        for chunk in chunks(list(dict.fromkeys(ids)), BATCH_READ_IDS):
            body: dict[str, Any] = {
                "inputs": [{"id": one} for one in chunk],
                "properties": list(properties),
                "propertiesWithHistory": [],
            }
            if id_property is not None:
                body["idProperty"] = id_property
            # As text: on a POST the SDK writes a boolean into the address as Python spells it.
            asked = {"archived": "true"} if archived else {}
            found += objects(batch(parsed(self._client.crm.objects.batch_api.read, object_type, body, **asked)))
        return found

    def associations(self, from_type: str, to_type: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """For each of `ids` the ids it is associated with, in the vendor's order; none is an empty list."""
        found: dict[str, list[str]] = {one: [] for one in ids}
        for chunk in chunks(list(found), ASSOCIATION_IDS):
            inputs = [{"id": one} for one in chunk]
            trail = Trail("HubSpot")
            while inputs:
                inputs = self._associate(from_type, to_type, inputs, found)
                for unfinished in inputs:
                    trail.onward(f"{unfinished['id']}:{unfinished['after']}")
        return {one: list(dict.fromkeys(others)) for one, others in found.items()}

    def _associate(
        self, from_type: str, to_type: str, inputs: list[dict[str, str]], found: dict[str, list[str]]
    ) -> list[dict[str, str]]:
        """Reads one batch into `found`; what is returned has more pages and is to be asked again."""
        api = self._client.crm.associations.v4.batch_api
        answer = batch(parsed(api.get_page, from_type, to_type, {"inputs": inputs}))
        unfinished: list[dict[str, str]] = []
        for row in rows_in(answer):
            source, targets = _links(row)
            found.setdefault(source, []).extend(targets)
            after = following(row)
            if after:
                unfinished.append({"id": source, "after": after})
        return unfinished

    def association_types(self, from_type: str, to_type: str) -> list[dict[str, Any]]:
        """The kinds of links between two objects: `category`, `typeId` and `label`, which is null for the plain one."""
        api = self._client.crm.associations.v4.schema.definitions_api
        return rows_in(parsed(api.get_all, from_type, to_type))

    def owners(self) -> Iterator[dict[str, Any]]:
        """All owners, those who have left (`archived`) after the others."""
        for archived in (False, True):

            def ask(after: str | None, archived: bool = archived) -> ObjectPage:
                given: dict[str, Any] = {"limit": OWNER_PAGE, "archived": archived}
                if after is not None:
                    given["after"] = after
                return page(parsed(self._client.crm.owners.owners_api.get_page, **given), named="id")

            for found in pages(ask):
                yield from found.results

    def properties(self, object_type: str) -> dict[str, dict[str, Any]]:
        """The definitions of an object's properties by name, asked once per client."""
        with self._defining:
            if object_type not in self._definitions:
                told = rows_in(parsed(self._client.crm.properties.core_api.get_all, object_type))
                self._definitions[object_type] = {str(one["name"]): one for one in told if one.get("name")}
            return self._definitions[object_type]


def _links(row: Mapping[str, Any]) -> tuple[str, list[str]]:
    """(id, ids it is linked to) of a row. Ids are numbers in live traffic and strings in the specification; rows come
    grouped, or one a pair. Raises RetryLater for any other shape.
    """
    try:
        source = row["from"]["id"] if "from" in row else row["fromObjectId"]
        return str(source), [str(target["toObjectId"]) for target in row.get("to", [row])]
    except (KeyError, TypeError):
        raise unknown_shape() from None


def _spelt(value: Any) -> Any:
    """Booleans as JSON spells them; the SDK leaves them to Python, which writes `False`."""
    return str(value).lower() if isinstance(value, bool) else value
