"""HubSpot's two path families: what the SDK calls (`/crm/v3`, `/crm/v4`) and the dated one that replaces it.

Called by the HubSpot client's pool for each request. The version is one setting; nothing else in the project knows it.
"""

import re
from urllib.parse import urlsplit, urlunsplit

_UNDATED = re.compile(r"/crm/v[34]/(?P<area>objects|associations|properties|owners|pipelines|lists)(?P<rest>(?:/.*)?)")


def with_family(url: str, version: str) -> str:
    """The same resource in the path family of `version` (`2026-03`, or `v3` for what the SDK itself calls)."""
    if version.startswith("v"):
        return url
    parts = urlsplit(url)
    found = _UNDATED.fullmatch(parts.path)
    if not found:
        return url
    path = f"/crm/{found['area']}/{version}{found['rest']}".rstrip("/")
    return urlunsplit(parts._replace(path=path))
