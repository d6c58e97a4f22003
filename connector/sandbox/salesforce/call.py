"""One API request as the resources see it, and the answers they give.

Made by the application for every request; resources are plain functions from `Call` to a response.
"""

import json
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.responses import Response

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.ids import salesforce_id
from connector.sandbox.salesforce.query import QueryService
from connector.sandbox.world import World

JSON_TYPE: Final = "application/json;charset=UTF-8"
OLDEST_VERSION: Final = 31
NEWEST_VERSION: Final = 66
TIMEZONE: Final = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class Org:
    """The simulated org: its address, its connected app, its limits. Empty ids are looked up in the world."""

    instance_url: str
    client_id: str
    client_secret: str
    username: str
    public_key_pem: str
    refresh_token: str = ""
    api_versions: tuple[str, ...] = tuple(f"{number}.0" for number in range(OLDEST_VERSION, NEWEST_VERSION + 1))
    daily_limit: int = 150_000
    organization_id: str = field(default_factory=lambda: salesforce_id("00D", 1))
    integration_user_id: str = ""
    may_notify: bool = True


@dataclass(frozen=True)
class Call:
    """One request: path parameters, query parameters, headers in lower case, body, and who asks."""

    world: World
    org: Org
    queries: QueryService
    method: str
    path: Mapping[str, str]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    user_id: str
    version: str
    scope: MutableMapping[str, Any]

    @property
    def base(self) -> str:
        return f"/services/data/v{self.version}"

    @property
    def saves_duplicates(self) -> bool:
        """Whether the client waves through what a duplicate rule only alerts to."""
        given = self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        return "allowsave=true" in re.split("[;,]", given)

    def name(self, operation: str, soql: str | None = None) -> None:
        """Tell the request log what this is."""
        self.scope["okoshi.operation"] = operation
        if soql is not None:
            self.scope["okoshi.soql"] = soql

    def json(self) -> Any:
        try:
            return json.loads(self.body or b"{}", parse_constant=_no_number)
        except ValueError as error:
            raise SalesforceError(400, "JSON_PARSER_ERROR", f"The request body is not JSON: {error}") from error

    def json_object(self) -> dict[str, Any]:
        value = self.json()
        if not isinstance(value, dict):
            message = "The HTTP entity body is required to be a JSON object."
            raise SalesforceError(400, "JSON_PARSER_ERROR", message)
        return value

    def required(self, name: str) -> str:
        value = self.params.get(name)
        if not value:
            message = f"The {name} parameter is required"
            raise SalesforceError(400, "MISSING_ARGUMENT", message)
        return value


def _no_number(text: str) -> float:
    """NaN and Infinity, which Python's reader would take, are not JSON."""
    raise ValueError(f"{text} is not JSON")


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(content, status, dict(headers or {}), JSON_TYPE)


def no_content() -> Response:
    return Response(status_code=204)
