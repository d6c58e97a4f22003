"""Every endpoint that the portal serves: method, path, handler – the versioned family and the dated one.

Read once by `app`; what an endpoint answers is decided in the handlers.
"""

from collections.abc import Iterator

from connector.sandbox.hubspot import (
    associations,
    catalog,
    events,
    forms,
    legacy,
    legacy_portal,
    linking,
    list_catalog,
    memberships,
    objects,
    property_catalog,
    property_groups,
    property_writes,
    search,
    writes,
)
from connector.sandbox.hubspot.wire import Handler

DATED = "2026-03"
Served = Iterator[tuple[str, str, Handler]]


def served() -> Served:
    """All endpoints; of two paths that fit a request the first one answers."""
    yield from _objects()
    yield from _links()
    yield from _properties()
    yield from _lists()
    yield from _marketing()
    yield from _portal()
    yield from _old()


def _objects() -> Served:
    for base in ("/crm/v3/objects", f"/crm/objects/{DATED}"):
        yield "POST", f"{base}/{{object}}/search", search.search
        yield "POST", f"{base}/{{object}}/batch/read", objects.batch_read
        yield "POST", f"{base}/{{object}}/batch/create", writes.batch_create
        yield "POST", f"{base}/{{object}}/batch/update", writes.batch_update
        yield "POST", f"{base}/{{object}}/batch/upsert", writes.batch_upsert
        yield "POST", f"{base}/{{object}}/batch/archive", writes.batch_archive
        yield "POST", f"{base}/{{object}}/merge", writes.merge
        yield "POST", f"{base}/{{object}}", writes.create
        yield "PATCH", f"{base}/{{object}}/{{id}}", writes.update
        yield "DELETE", f"{base}/{{object}}/{{id}}", writes.archive
        yield "GET", f"{base}/{{object}}/{{id}}", objects.read_one
        yield "GET", f"{base}/{{object}}", objects.list_page
    yield "GET", "/crm/v4/objects/{object}", objects.list_page


def _links() -> Served:
    for base in ("/crm/v4/objects", f"/crm/objects/{DATED}"):
        yield "GET", f"{base}/{{object}}/{{id}}/associations/{{to}}", associations.of_record
        yield "PUT", f"{base}/{{from}}/{{id}}/associations/default/{{to}}/{{to_id}}", linking.put_default_link
        yield "PUT", f"{base}/{{from}}/{{id}}/associations/{{to}}/{{to_id}}", linking.put_link
        yield "DELETE", f"{base}/{{from}}/{{id}}/associations/{{to}}/{{to_id}}", linking.delete_link
    for base in ("/crm/v4/associations", f"/crm/associations/{DATED}"):
        yield "POST", f"{base}/{{from}}/{{to}}/batch/read", associations.batch_read
        yield "POST", f"{base}/{{from}}/{{to}}/batch/create", linking.batch_link
        yield "POST", f"{base}/{{from}}/{{to}}/batch/associate/default", linking.batch_default_link
        yield "POST", f"{base}/{{from}}/{{to}}/batch/archive", linking.batch_unlink
        yield "POST", f"{base}/{{from}}/{{to}}/batch/labels/archive", linking.batch_unlabel
        yield "GET", f"{base}/{{from}}/{{to}}/labels", associations.labels
        yield "POST", f"{base}/{{from}}/{{to}}/labels", linking.create_label
    yield "POST", "/crm/v3/associations/{from}/{to}/batch/read", associations.batch_read_v3
    yield "POST", "/crm/v3/associations/{from}/{to}/batch/create", linking.batch_link_v3
    yield "POST", "/crm/v3/associations/{from}/{to}/batch/archive", linking.batch_unlink


def _properties() -> Served:
    for base in ("/crm/v3/properties", f"/crm/properties/{DATED}"):
        yield "GET", f"{base}/{{object}}", property_catalog.properties
        yield "POST", f"{base}/{{object}}", property_writes.create
        yield "POST", f"{base}/{{object}}/batch/read", property_catalog.batch_read
        yield "POST", f"{base}/{{object}}/batch/create", property_writes.batch_create
        yield "POST", f"{base}/{{object}}/batch/archive", property_writes.batch_archive
        yield "GET", f"{base}/{{object}}/groups", property_groups.groups
        yield "POST", f"{base}/{{object}}/groups", property_groups.create_group
        yield "GET", f"{base}/{{object}}/groups/{{name}}", property_groups.group
        yield "PATCH", f"{base}/{{object}}/groups/{{name}}", property_groups.update_group
        yield "DELETE", f"{base}/{{object}}/groups/{{name}}", property_groups.archive_group
        yield "GET", f"{base}/{{object}}/{{name}}", property_catalog.property_
        yield "PATCH", f"{base}/{{object}}/{{name}}", property_writes.update
        yield "DELETE", f"{base}/{{object}}/{{name}}", property_writes.archive


def _lists() -> Served:
    for base in ("/crm/v3/lists", f"/crm/lists/{DATED}"):
        yield "GET", base, list_catalog.several
        yield "POST", base, list_catalog.create
        yield "POST", f"{base}/search", list_catalog.search
        yield "GET", f"{base}/object-type-id/{{object}}/name/{{name}}", list_catalog.by_name
        yield "GET", f"{base}/records/{{object}}/{{id}}/memberships", memberships.of_record
        yield "POST", f"{base}/records/memberships/batch/read", memberships.of_records
        yield "GET", f"{base}/{{list}}", list_catalog.one
        yield "DELETE", f"{base}/{{list}}", list_catalog.delete
        yield "PUT", f"{base}/{{list}}/restore", list_catalog.restore
        yield "PUT", f"{base}/{{list}}/update-list-name", list_catalog.rename
        yield "GET", f"{base}/{{list}}/memberships", memberships.by_record
        yield "DELETE", f"{base}/{{list}}/memberships", memberships.empty
        yield "GET", f"{base}/{{list}}/memberships/join-order", memberships.by_joining
        yield "PUT", f"{base}/{{list}}/memberships/add", memberships.add
        yield "PUT", f"{base}/{{list}}/memberships/remove", memberships.remove
        yield "PUT", f"{base}/{{list}}/memberships/add-and-remove", memberships.add_and_remove


def _marketing() -> Served:
    for base in ("/events/v3/events", f"/events/event-occurrences/{DATED}"):
        yield "GET", base, events.occurrences
        yield "GET", f"{base}/event-types", events.types
    yield "GET", "/marketing/v3/forms", forms.forms
    yield "GET", "/marketing/v3/forms/{form}", forms.form
    yield "GET", "/form-integrations/v1/submissions/forms/{form}", forms.submissions


def _portal() -> Served:
    for base in ("/crm/v3/owners", f"/crm/owners/{DATED}"):
        yield "GET", base, catalog.owners
        yield "GET", f"{base}/{{id}}", catalog.owner
    for base in ("/crm/v3/pipelines", f"/crm/pipelines/{DATED}"):
        yield "GET", f"{base}/{{object}}", catalog.pipelines
        yield "GET", f"{base}/{{object}}/{{pipeline}}", catalog.pipeline
        yield "GET", f"{base}/{{object}}/{{pipeline}}/stages", catalog.stages
    for path in ("/account-info/v3/details", f"/account-info/{DATED}/details"):
        yield "GET", path, catalog.account
    for path in ("/account-info/v3/api-usage/daily", "/account-info/v3/api-usage/daily/private-apps"):
        yield "GET", path, catalog.api_usage
    yield "GET", f"/account-info/{DATED}/api-usage/daily/private-apps", catalog.api_usage
    for path in ("/crm/v3/schemas", f"/crm/schemas/{DATED}", "/crm-object-schemas/v3/schemas"):
        yield "GET", path, catalog.schemas
    for path in ("/crm/v3/schemas", f"/crm-object-schemas/{DATED}/schemas", "/crm-object-schemas/v3/schemas"):
        yield "GET", f"{path}/{{object}}", catalog.schema


def _old() -> Served:
    yield "GET", "/companies/v2/properties", legacy.company_properties
    yield "GET", "/companies/v2/companies/paged", legacy.companies_page
    yield "GET", "/companies/v2/companies/{id}", legacy.company
    yield "GET", "/properties/v1/deals/properties", legacy.deal_properties
    yield "GET", "/deals/v1/deal/paged", legacy.deals_page
    yield "GET", "/deals/v1/pipelines", legacy.deal_pipelines
    yield "GET", "/engagements/v1/engagements/modified/after", legacy.engagements_page
    yield "GET", "/properties/v2/{object}/properties", legacy_portal.properties
    yield "GET", "/crm-pipelines/v1/pipelines/{object}", legacy_portal.pipelines
    yield "GET", "/forms/v2/forms", legacy_portal.forms
    yield "GET", "/forms/v2/forms/{form}", legacy_portal.form
    yield "GET", "/settings/v3/users", legacy_portal.users
    yield "GET", "/settings/v3/users/teams", legacy_portal.teams
    yield "GET", "/automation/v3/workflows", legacy_portal.without("automation")
    yield "GET", "/email/public/v1/{rest:path}", legacy_portal.without("content")
    yield "GET", "/marketing-emails/v1/{rest:path}", legacy_portal.without("content")
