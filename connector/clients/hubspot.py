"""The HubSpot client: list and search pages, batch reads, associations, owners and properties over hubspot-api-client.

Called by the HubSpot source and by doctor. Must not know mappings or the model of sales.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import urllib3
from hubspot.client import Client

from connector.clients.auth import FixedToken
from connector.clients.budget import HubSpotBudget, Usage, shared_windows
from connector.clients.egress import Endpoint
from connector.clients.errors import Refused
from connector.clients.guard import RouteGuard
from connector.clients.paths import with_family
from connector.clients.retry import RetryPolicy
from connector.clients.session import VendorSession
from connector.model.errors import RetryLater
from connector.settings import HubSpotSettings

LIST_PAGE = 100
SEARCH_PAGE = 200
BATCH_READ_IDS = 100
ASSOCIATION_IDS = 1_000
OWNER_PAGE = 500

_NORMAL_ABSENCE = frozenset({"OBJECT_NOT_FOUND", "crm.associations.NO_ASSOCIATIONS_FOUND", "NO_ASSOCIATIONS_FOUND"})
_SIGN_IN_REMEDY = (
    "HubSpot does not accept the token in hubspot.access_token (OKOSHI_HUBSPOT__ACCESS_TOKEN): make a service key in "
    "the portal, or a new token of the project app, and put it there"
)


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """One page of objects as the vendor sent them, where the next one begins, and how many a search found in all."""

    results: list[dict[str, Any]]
    after: str | None = None
    total: int | None = None


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
class HubSpotClient:
    """One connection to a portal, safe to use from several threads.

    Raises ConfigurationError, RetryLater, StopSync and Refused.
    """

    settings: HubSpotSettings
    read_only: bool = field(kw_only=True)
    reserve_percent: int = field(default=0, kw_only=True)
    timezone: str = field(default="Asia/Tokyo", kw_only=True)
    """The portal's time zone, in which its day of API calls begins."""
    retry: RetryPolicy = field(default_factory=RetryPolicy, kw_only=True)

    def __post_init__(self) -> None:
        settings = self.settings.require()
        token = settings.access_token.get_secret_value() if settings.access_token else ""
        self._session = VendorSession(
            RouteGuard.reading("hubspot") if self.read_only else RouteGuard.writing("hubspot"),
            HubSpotBudget(shared_windows(settings.base_url, token), self.reserve_percent, self.timezone),
            ca_bundle=settings.ca_bundle,
            read_timeout=settings.timeout_seconds,
            retry=self.retry,
        )
        self._session.signs_in_with(FixedToken(token, _SIGN_IN_REMEDY))
        self._pool = SessionPool(self._session, settings.api_version)
        self._apis: dict[tuple[str, str], Any] = {}
        self._client = Client.create(host=settings.base_url, access_token=token, api_factory=self._api)

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
        _parsed(self._client.crm.owners.owners_api.get_page, limit=1)

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
        return _page(_parsed(self._client.crm.objects.basic_api.get_page, object_type, **given))

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
        return _page(_parsed(self._client.crm.objects.search_api.do_search, object_type, body))

    def batch_read(self, object_type: str, ids: Sequence[str], properties: Sequence[str]) -> list[dict[str, Any]]:
        """The objects that still exist among `ids`. A merged id answers as its survivor."""
        found: list[dict[str, Any]] = []
        for chunk in _chunks(ids, BATCH_READ_IDS):
            body = {
                "inputs": [{"id": one} for one in chunk],
                "properties": list(properties),
                "propertiesWithHistory": [],
            }
            answer = _parsed(self._client.crm.objects.batch_api.read, object_type, body)
            _refuse_unusual(answer)
            found += answer.get("results") or []
        return found

    def associations(self, from_type: str, to_type: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """For each of `ids` the ids it is associated with, in the vendor's order; none is an empty list."""
        found: dict[str, list[str]] = {one: [] for one in ids}
        for chunk in _chunks(list(found), ASSOCIATION_IDS):
            inputs = [{"id": one} for one in chunk]
            while inputs:
                inputs = self._associate(from_type, to_type, inputs, found)
        return {one: list(dict.fromkeys(others)) for one, others in found.items()}

    def _associate(
        self, from_type: str, to_type: str, inputs: list[dict[str, str]], found: dict[str, list[str]]
    ) -> list[dict[str, str]]:
        """Reads one batch into `found`; what is returned has more pages and is to be asked again."""
        api = self._client.crm.associations.v4.batch_api
        answer = _parsed(api.get_page, from_type, to_type, {"inputs": inputs})
        _refuse_unusual(answer)
        unfinished: list[dict[str, str]] = []
        for row in answer.get("results") or []:
            # Ids are numbers in live traffic and strings in the specification; rows come grouped or one a pair.
            source = str(row["from"]["id"] if "from" in row else row["fromObjectId"])
            targets = row.get("to", [row])
            found.setdefault(source, []).extend(str(target["toObjectId"]) for target in targets)
            following = _after(row)
            if following:
                unfinished.append({"id": source, "after": following})
        return unfinished

    def owners(self) -> Iterator[dict[str, Any]]:
        """All owners, those who have left (`archived`) after the others."""
        for archived in (False, True):
            after: str | None = None
            while True:
                given: dict[str, Any] = {"limit": OWNER_PAGE, "archived": archived}
                if after is not None:
                    given["after"] = after
                page = _page(_parsed(self._client.crm.owners.owners_api.get_page, **given))
                yield from page.results
                after = page.after
                if after is None:
                    break

    def properties(self, object_type: str) -> dict[str, dict[str, Any]]:
        """The definitions of an object's properties by name."""
        answer = _parsed(self._client.crm.properties.core_api.get_all, object_type)
        return {definition["name"]: definition for definition in answer.get("results") or []}


def _parsed(call: Callable[..., Any], *given: Any, **options: Any) -> dict[str, Any]:
    """The JSON of an SDK call. The SDK's own models cost many times the parsing and reject what live traffic holds."""
    response = call(*given, **options, _preload_content=False)
    try:
        answer = json.loads(response.data or b"")
    except ValueError as error:
        raise RetryLater("HubSpot sent a page that is no JSON; run again later") from error
    if not isinstance(answer, dict):
        raise RetryLater("HubSpot sent an answer of an unknown shape; run again later")
    return answer


def _spelt(value: Any) -> Any:
    """Booleans as JSON spells them; the SDK leaves them to Python, which writes `False`."""
    return str(value).lower() if isinstance(value, bool) else value


def _page(answer: Mapping[str, Any]) -> ObjectPage:
    return ObjectPage(results=answer.get("results") or [], after=_after(answer), total=answer.get("total"))


def _after(answer: Mapping[str, Any]) -> str | None:
    following = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return str(following) if following is not None else None


def _refuse_unusual(answer: Mapping[str, Any]) -> None:
    """Raises for errors of a 207 other than “gone” and “has none”, which are normal."""
    for error in answer.get("errors") or ():
        codes = {error.get("category"), error.get("subCategory")}
        if not codes & _NORMAL_ABSENCE:
            code = str(error.get("subCategory") or error.get("category") or "UNKNOWN")
            raise Refused(f"HubSpot refused a part of a batch read ({code})", code)


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
