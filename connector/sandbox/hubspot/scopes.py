"""Which scopes an address asks for, and the refusal when one of them was withdrawn from the app.

Asked by `app` behind the sign-in; which scopes are withdrawn is the world's condition.
"""

import re
from typing import Final

from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.schema import OBJECTS, object_of
from connector.sandbox.world import World

_VERSION: Final = r"(?:v\d|\d{4}-\d{2})"
_READING_POST: Final = re.compile(r"/(?:search|batch/read|memberships/join-order)$")
_OBJECT: Final = re.compile(
    rf"/crm/(?:{_VERSION}/)?(?P<kind>objects|properties|associations|pipelines)/(?:{_VERSION}/)?(?P<object>[^/]+)"
)
_OTHERS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(rf"/crm/(?:{_VERSION}/)?owners(?:/|$)"), "crm.objects.owners"),
    (re.compile(rf"/crm/(?:{_VERSION}/)?lists(?:/|$)"), "crm.lists"),
    (re.compile(rf"/crm(?:-object-schemas)?/(?:{_VERSION}/)?schemas(?:/|$)"), "crm.schemas.custom"),
    (re.compile(r"/marketing/.*forms|/form-integrations/|^/forms/"), "forms"),
    (re.compile(r"/events/"), "business-intelligence"),
    (re.compile(r"^/companies/"), "crm.objects.companies"),
    (re.compile(r"^/deals/"), "crm.objects.deals"),
    (re.compile(r"^/engagements/"), "crm.objects.contacts"),
)
_WITHOUT_VERB: Final = frozenset({"forms", "business-intelligence"})
# Activities have no scopes of their own: those of contacts cover them.
_OWN_SCOPES: Final = frozenset({"contacts", "companies", "deals", "leads", "line_items", "products", "quotes"})
KNOWN: Final = tuple(
    sorted(
        {
            f"crm.{kind}.{object_}.{verb}"
            for kind in ("objects", "schemas")
            for object_ in _OWN_SCOPES
            for verb in ("read", "write")
        }
        | {
            f"{scope}.{verb}"
            for scope in ("crm.lists", "crm.objects.owners", "crm.schemas.custom")
            for verb in ("read", "write")
        }
        | {"tickets"}
        | _WITHOUT_VERB
    )
)


def scope_of(method: str, path: str) -> str | None:
    """The scope that a request needs; None for what every app may do."""
    trimmed = path.rstrip("/")
    verb = "read" if method == "GET" or _READING_POST.search(trimmed) else "write"
    for pattern, scope in _OTHERS:
        if pattern.search(trimmed):
            return scope if scope in _WITHOUT_VERB else f"{scope}.{verb}"
    found = _OBJECT.match(trimmed)
    object_ = object_of(found["object"]) if found else None
    if found is None or object_ is None:
        return None
    if object_ == "tickets":
        return "tickets"
    family = "schemas" if found["kind"] in ("properties", "pipelines") else "objects"
    return f"crm.{family}.{object_ if object_ in _OWN_SCOPES else 'contacts'}.{verb}"


def scopes_of_object(object_: str) -> frozenset[str]:
    """All scopes that show or change one object's records."""
    if object_ not in OBJECTS:
        return frozenset()
    own = object_ if object_ in _OWN_SCOPES else "contacts"
    return frozenset({f"crm.objects.{own}.{verb}" for verb in ("read", "write")})


def refuse_withdrawn(world: World, method: str, path: str) -> None:
    """403 MISSING_SCOPES when the request needs what the app may no longer do."""
    if not world.conditions.withdrawn_scopes:
        return
    scope = scope_of(method, path)
    if scope in world.conditions.withdrawn_scopes:
        raise errors.missing_scopes([str(scope)])
