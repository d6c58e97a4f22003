"""The portal's tables beside the CRM records: owners, lists, memberships, forms, submissions, events.

Put together with the rest by `schema`; it must not know the wire.
"""

from connector.sandbox.world import Column, Table

SYSTEM = (
    Column("id", "string"),
    Column("createdAt", "datetime"),
    Column("updatedAt", "datetime"),
    Column("archived", "bool"),
)

_OWNERS = Table(
    name="owners",
    columns=(
        *SYSTEM,
        Column("email", "string"),
        Column("firstName", "string"),
        Column("lastName", "string"),
        Column("userId", "number"),
        Column("type", "string"),
        Column("teams", "string"),  # the vendor's JSON array as text, or null
    ),
    key="id",
)

_LISTS = Table(
    name="lists",
    columns=(
        *SYSTEM,
        Column("name", "string"),
        Column("objectTypeId", "string"),
        Column("processingType", "string"),  # MANUAL, SNAPSHOT or DYNAMIC
        Column("processingStatus", "string"),
        Column("listVersion", "number"),
        Column("createdById", "string"),
        Column("updatedById", "string"),
        Column("filtersUpdatedAt", "datetime"),
        Column("filterBranch", "string"),  # the vendor's JSON as text, or null
    ),
    key="id",
    first_new_number=9_000,
)
_MEMBERSHIPS = Table(
    name="memberships",
    columns=(
        Column("id", "string"),  # the list's id, a colon, the record's
        Column("listId", "string", indexed=True),
        Column("objectTypeId", "string"),
        Column("recordId", "string", indexed=True),
        Column("firstAddedTimestamp", "datetime"),
        Column("membershipTimestamp", "datetime"),
    ),
    key="id",
)
_FORMS = Table(
    name="forms",
    columns=(
        *SYSTEM,
        Column("name", "string"),
        Column("fields", "string"),
    ),  # names of the contact properties, as JSON
    key="id",
)
_SUBMISSIONS = Table(
    name="form_submissions",
    columns=(
        Column("id", "string"),
        Column("formId", "string", indexed=True),
        Column("contactId", "string", indexed=True),
        Column("submittedAt", "datetime"),
        Column("pageUrl", "string"),
        Column("values", "string"),  # JSON: [{name, value, objectTypeId}]
    ),
    key="id",
)
_EVENTS = Table(
    name="events",
    columns=(
        Column("id", "string"),
        Column("eventType", "string"),
        Column("objectType", "string"),
        Column("objectId", "string", indexed=True),
        Column("occurredAt", "datetime", indexed=True),
        Column("properties", "string"),  # JSON: name to text
    ),
    key="id",
)

SIDE_TABLES: tuple[Table, ...] = (_OWNERS, _LISTS, _MEMBERSHIPS, _FORMS, _SUBMISSIONS, _EVENTS)
