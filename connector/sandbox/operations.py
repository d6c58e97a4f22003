"""Short names for what a request does, so that calls can be counted: `query`, `updateCollection`, `search`, …

Used by the request log only; unknown paths are `other`.
"""

import re

_DATA = r"/services/data/v\d+\.\d"
_SALESFORCE: tuple[tuple[str, str, str], ...] = (
    ("*", r"/services/oauth2/token", "token"),
    ("*", r"/services/oauth2/.*", "oauth"),
    ("GET", r"/services/data", "versions"),
    ("GET", rf"{_DATA}", "resources"),
    ("GET", rf"{_DATA}/query", "query"),
    ("GET", rf"{_DATA}/queryAll", "queryAll"),
    ("GET", rf"{_DATA}/query(All)?/.+", "queryMore"),
    ("GET", rf"{_DATA}/limits", "limits"),
    ("GET", rf"{_DATA}/limits/recordCount", "recordCount"),
    ("GET", rf"{_DATA}/sobjects", "describeGlobal"),
    ("GET", rf"{_DATA}/sobjects/\w+/describe.*", "describe"),
    ("GET", rf"{_DATA}/sobjects/\w+", "describeBasic"),
    ("GET", rf"{_DATA}/sobjects/\w+/updated", "getUpdated"),
    ("GET", rf"{_DATA}/sobjects/\w+/deleted", "getDeleted"),
    ("POST", rf"{_DATA}/sobjects/\w+", "create"),
    ("GET", rf"{_DATA}/sobjects/\w+/\w+(/.+)?", "retrieve"),
    ("PATCH", rf"{_DATA}/sobjects/\w+/\w+", "update"),
    ("PATCH", rf"{_DATA}/sobjects/\w+/\w+/.+", "upsert"),
    ("DELETE", rf"{_DATA}/sobjects/\w+/\w+(/.+)?", "delete"),
    ("POST", rf"{_DATA}/composite/sobjects", "createCollection"),
    ("PATCH", rf"{_DATA}/composite/sobjects", "updateCollection"),
    ("DELETE", rf"{_DATA}/composite/sobjects", "deleteCollection"),
    ("PATCH", rf"{_DATA}/composite/sobjects/.+", "upsertCollection"),
    ("*", rf"{_DATA}/composite/sobjects/.+", "retrieveCollection"),
    ("POST", rf"{_DATA}/composite(/.+)?", "composite"),
)
_VERSION = r"(?:v\d|\d{4}-\d{2})"
_HUBSPOT: tuple[tuple[str, str, str], ...] = (
    ("GET", r"/crm/OBJECTS/[^/]+/[^/]+/associations/.+", "associations.list"),
    ("POST", r"/crm/OBJECTS/[^/]+/search", "search"),
    ("POST", r"/crm/OBJECTS/[^/]+/batch/(?P<verb>\w+)", "batch."),
    ("POST", r"/crm/OBJECTS/[^/]+/merge", "merge"),
    ("GET", r"/crm/OBJECTS/[^/]+", "list"),
    ("POST", r"/crm/OBJECTS/[^/]+", "create"),
    ("GET", r"/crm/OBJECTS/[^/]+/[^/]+", "read"),
    ("PATCH", r"/crm/OBJECTS/[^/]+/[^/]+", "update"),
    ("DELETE", r"/crm/OBJECTS/[^/]+/[^/]+", "archive"),
    ("*", r"/crm/OBJECTS/[^/]+/[^/]+/associations/.+", "associations.write"),
    ("POST", r"/crm/ASSOCIATIONS/[^/]+/[^/]+/batch/(?P<verb>\w+)", "associations.batch."),
    ("*", r"/crm/ASSOCIATIONS/.+", "associations.labels"),
    ("*", r"/crm/PROPERTIES/.+", "properties"),
    ("*", r"/crm/OWNERS(/.*)?", "owners"),
    ("*", r"/crm/PIPELINES/.+", "pipelines"),
    ("*", r"/crm/SCHEMAS(/.*)?", "schemas"),
    ("*", r"/account-info/.+", "account"),
    ("GET", r"/(companies|deals|engagements|properties)/v\d/.+", "legacy"),
)


def _compiled(rules: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """An upper-case word in a path stands for both families: `v3/objects` and `objects/2026-03`."""

    def both(word: re.Match[str]) -> str:
        name = word[0].lower()
        return f"(?:{_VERSION}/{name}|{name}/{_VERSION})"

    return tuple((method, re.compile(re.sub(r"[A-Z]{6,}", both, path)), name) for method, path, name in rules)


_RULES = {"salesforce": _compiled(_SALESFORCE), "hubspot": _compiled(_HUBSPOT)}


def operation_of(vendor: str, method: str, path: str) -> str:
    """The name of the first rule that fits."""
    trimmed = path.rstrip("/")
    for verb, pattern, name in _RULES[vendor]:
        if verb in ("*", method) and (found := pattern.fullmatch(trimmed)):
            return name + found["verb"] if name.endswith(".") else name
    return "other"
