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
    ("POST", rf"{_DATA}/jobs/query", "createQueryJob"),
    ("GET", rf"{_DATA}/jobs/query", "listQueryJobs"),
    ("GET", rf"{_DATA}/jobs/query/\w+", "getQueryJob"),
    ("PATCH", rf"{_DATA}/jobs/query/\w+", "abortQueryJob"),
    ("DELETE", rf"{_DATA}/jobs/query/\w+", "deleteQueryJob"),
    ("GET", rf"{_DATA}/jobs/query/\w+/results", "queryJobResults"),
    ("POST", rf"{_DATA}/jobs/ingest", "createIngestJob"),
    ("GET", rf"{_DATA}/jobs/ingest", "listIngestJobs"),
    ("PUT", rf"{_DATA}/jobs/ingest/\w+/batches", "uploadJobData"),
    ("GET", rf"{_DATA}/jobs/ingest/\w+", "getIngestJob"),
    ("PATCH", rf"{_DATA}/jobs/ingest/\w+", "updateIngestJob"),
    ("DELETE", rf"{_DATA}/jobs/ingest/\w+", "deleteIngestJob"),
    ("GET", rf"{_DATA}/jobs/ingest/\w+/\w+", "ingestJobResults"),
    ("POST", rf"{_DATA}/chatter/feed-elements", "postFeedElement"),
    ("GET", rf"{_DATA}/chatter/feed-elements/\w+", "readFeedElement"),
    ("DELETE", rf"{_DATA}/chatter/feed-elements/\w+", "deleteFeedElement"),
    ("GET", rf"{_DATA}/chatter/feeds/record/\w+/feed-elements", "recordFeed"),
    ("GET", rf"{_DATA}/actions/standard/customNotificationAction", "describeAction"),
    ("POST", rf"{_DATA}/actions/standard/customNotificationAction", "customNotificationAction"),
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
    ("POST", rf"/crm/(?:{_VERSION}/lists|lists/{_VERSION})/search", "lists.search"),
    ("GET", rf"/crm/(?:{_VERSION}/lists|lists/{_VERSION})/.*memberships.*", "lists.memberships"),
    ("*", rf"/crm/(?:{_VERSION}/lists|lists/{_VERSION})/.*memberships.*", "lists.members.write"),
    ("*", rf"/crm/(?:{_VERSION}/lists|lists/{_VERSION})(/.*)?", "lists"),
    ("GET", r"/events/.+", "events"),
    ("GET", r"/marketing/v3/forms(/.*)?", "forms"),
    ("GET", r"/form-integrations/v1/submissions/forms/.+", "forms.submissions"),
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


def is_operation(name: str, vendor: str | None = None) -> bool:
    """Whether a request of this vendor (or of any) can have this name."""
    known = {one for each in ((vendor,) if vendor else tuple(_RULES)) for _, _, one in _RULES[each]}
    return name in known | {"other"} or any(one.endswith(".") and name.startswith(one) for one in known)


def operation_names(vendor: str | None = None) -> list[str]:
    """All names, for whoever has to choose one; a name that ends in a dot goes on with the batch's verb."""
    return sorted({one for each in ((vendor,) if vendor else tuple(_RULES)) for _, _, one in _RULES[each]})
