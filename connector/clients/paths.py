"""HubSpot's two path families: what the SDK calls (`/crm/v3`, `/crm/v4`, …) and the dated one that replaces it.

Called by the HubSpot client for each request. The version is one setting; nothing else in the project knows it.
"""

import re
from urllib.parse import urlsplit, urlunsplit

_CRM = r"objects|associations|properties|owners|pipelines|lists"
_DATED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"/crm/v[34]/(?P<area>{_CRM})(?P<rest>(?:/.*)?)"), r"/crm/\g<area>/{version}\g<rest>"),
    (re.compile(r"/events/v3/events(?P<rest>(?:/.*)?)"), r"/events/event-occurrences/{version}\g<rest>"),
    (re.compile(r"/account-info/v3(?P<rest>(?:/.*)?)"), r"/account-info/{version}\g<rest>"),
)
"""As in HubSpot's published OpenAPI. Forms and their submissions have no dated path that is more than a beta: they
keep their own."""


def with_family(url: str, version: str) -> str:
    """The same resource in the path family of `version` (`2026-03`, or `v3` for what the SDK itself calls)."""
    if version.startswith("v"):
        return url
    parts = urlsplit(url)
    for undated, dated in _DATED:
        if found := undated.fullmatch(parts.path):
            path = found.expand(dated.format(version=version)).rstrip("/")
            return urlunsplit(parts._replace(path=path))
    return url
