"""What may leave the process: default deny, read-only, and no way around by tricks in the address."""

import pytest
import requests

from connector.clients.guard import ReadOnlyViolation, RouteGuard

DATA = "https://acme.my.salesforce.com/services/data/v66.0"
HUB = "https://api.hubapi.com"
CRM = f"{HUB}/crm"

READS = [
    ("salesforce", "POST", "https://acme.my.salesforce.com/services/oauth2/token", "sign_in"),
    ("salesforce", "GET", f"{DATA}/query/?q=SELECT+Id+FROM+Task", "query"),
    ("salesforce", "GET", f"{DATA}/query/01g0000000000AA-2000", "query"),
    ("salesforce", "GET", f"{DATA}/queryAll/?q=SELECT+Id+FROM+Task", "query_all"),
    ("salesforce", "GET", f"{DATA}/sobjects/Okoshi_Thing__c/describe", "describe"),
    ("salesforce", "POST", f"{DATA}/composite/sobjects/Task", "retrieve"),
    ("salesforce", "POST", f"{DATA}/jobs/query", "bulk_query"),
    ("salesforce", "GET", f"{DATA}/jobs/query/7505g00000AbCdEAAV", "bulk_query_state"),
    ("salesforce", "GET", f"{DATA}/jobs/query/7505g00000AbCdEAAV/results?maxRecords=5", "bulk_query_results"),
    ("salesforce", "PATCH", f"{DATA}/jobs/query/7505g00000AbCdEAAV", "bulk_query_abort"),
    ("salesforce", "DELETE", f"{DATA}/jobs/query/7505g00000AbCdEAAV", "bulk_query_delete"),
    ("hubspot", "GET", f"{CRM}/objects/2026-03/contacts?limit=100", "list"),
    ("hubspot", "GET", f"{CRM}/v3/objects/0-1", "list"),
    ("hubspot", "POST", f"{CRM}/objects/2026-03/contacts/search", "search"),
    ("hubspot", "POST", f"{CRM}/v3/objects/CONTACT/batch/read", "batch_read"),
    ("hubspot", "POST", f"{CRM}/associations/2026-03/calls/contacts/batch/read", "associations"),
    ("hubspot", "POST", f"{CRM}/v4/associations/calls/contacts/batch/read", "associations"),
    ("hubspot", "GET", f"{CRM}/v3/owners/", "owners"),
    ("hubspot", "GET", f"{CRM}/properties/2026-03/contacts", "properties"),
    ("hubspot", "GET", f"{CRM}/v4/associations/notes/contacts/labels", "association_types"),
    ("hubspot", "POST", f"{CRM}/lists/2026-03/search", "lists"),
    ("hubspot", "GET", f"{CRM}/v3/lists/12/memberships?limit=250", "memberships"),
    ("hubspot", "GET", f"{HUB}/marketing/v3/forms/?limit=100", "forms"),
    ("hubspot", "GET", f"{HUB}/form-integrations/v1/submissions/forms/3f7f-8a", "form_submissions"),
    ("hubspot", "GET", f"{HUB}/events/event-occurrences/2026-03?eventType=e_visited_page", "events"),
    ("hubspot", "GET", f"{HUB}/events/v3/events/", "events"),
    ("hubspot", "GET", f"{HUB}/account-info/2026-03/details", "account_details"),
]
WRITES = [
    ("POST", f"{DATA}/composite/sobjects", "create"),
    ("PATCH", f"{DATA}/composite/sobjects", "update"),
    ("PATCH", f"{DATA}/composite/sobjects/Task/Okoshi_Key__c", "upsert"),
    ("DELETE", f"{DATA}/composite/sobjects?ids=00T1&allOrNone=false", "delete"),
    ("POST", f"{DATA}/jobs/ingest", "bulk_write"),
    ("PUT", f"{DATA}/jobs/ingest/7505g00000AbCdEAAV/batches", "bulk_write_upload"),
    ("PATCH", f"{DATA}/jobs/ingest/7505g00000AbCdEAAV", "bulk_write_close"),
    ("POST", f"{DATA}/chatter/feed-elements", "post"),
    ("POST", f"{DATA}/actions/standard/customNotificationAction", "notify"),
]
HUBSPOT_WRITES = [
    ("POST", f"{CRM}/objects/2026-03/contacts/batch/create", "batch_create"),
    ("POST", f"{CRM}/v3/objects/CONTACT/batch/update", "batch_update"),
    ("POST", f"{CRM}/objects/2026-03/notes/batch/upsert", "batch_upsert"),
    ("POST", f"{CRM}/v3/objects/contacts/batch/archive", "batch_archive"),
    ("POST", f"{CRM}/associations/2026-03/notes/contacts/batch/associate/default", "associate"),
    ("POST", f"{CRM}/v4/associations/notes/contacts/batch/archive", "dissociate"),
    ("PUT", f"{CRM}/lists/2026-03/12/memberships/add", "join_list"),
    ("PUT", f"{CRM}/v3/lists/12/memberships/remove", "leave_list"),
    ("POST", f"{CRM}/properties/2026-03/contacts", "create_property"),
    ("POST", f"{CRM}/properties/2026-03/contacts/groups", "create_property_group"),
]
NEVER = [
    ("salesforce", "POST", f"{DATA}/composite"),
    ("salesforce", "POST", f"{DATA}/sobjects/Task"),
    ("salesforce", "DELETE", f"{DATA}/sobjects/Task/00T1"),
    ("salesforce", "DELETE", f"{DATA}/jobs/ingest/7505g00000AbCdEAAV"),
    ("salesforce", "PUT", f"{DATA}/jobs/query/7505g00000AbCdEAAV/batches"),
    ("salesforce", "GET", f"{DATA}/jobs/ingest"),
    ("salesforce", "PATCH", f"{DATA}/query/"),
    ("salesforce", "DELETE", f"{DATA}/chatter/feed-elements/0D5000000000001"),
    ("salesforce", "POST", f"{DATA}/actions/standard/emailSimple"),
    ("salesforce", "POST", f"{DATA}/composite/sobjects/Task?_HttpMethod=PATCH"),
    ("salesforce", "GET", f"{DATA}/query/../composite/sobjects"),
    ("salesforce", "GET", f"{DATA}/query/%2e%2e/composite"),
    ("salesforce", "GET", "https://acme.my.salesforce.com/services/apexrest/query"),
    ("hubspot", "POST", f"{CRM}/objects/2026-03/contacts"),
    ("hubspot", "POST", f"{CRM}/objects/2026-03/contacts/merge"),
    ("hubspot", "POST", f"{CRM}/objects/2026-03/contacts/gdpr-delete"),
    ("hubspot", "DELETE", f"{CRM}/lists/2026-03/12/memberships"),
    ("hubspot", "PUT", f"{CRM}/lists/2026-03/12/memberships/add-from/13"),
    ("hubspot", "DELETE", f"{CRM}/lists/2026-03/12"),
    ("hubspot", "POST", f"{CRM}/lists/2026-03"),
    ("hubspot", "DELETE", f"{CRM}/properties/2026-03/contacts/email"),
    ("hubspot", "POST", f"{HUB}/marketing/v3/forms/"),
    ("hubspot", "DELETE", f"{CRM}/v3/objects/contacts/1"),
    ("hubspot", "GET", "https://api.hubapi.com/oauth/v1/access-tokens/x"),
]


def prepared(method: str, url: str, **headers: str) -> requests.PreparedRequest:
    return requests.Request(method, url, headers=headers).prepare()


@pytest.mark.parametrize(("vendor", "method", "url", "operation"), READS)
def test_a_read_is_named_and_let_through(vendor: str, method: str, url: str, operation: str) -> None:
    """Signing in and every read that the clients make have a route, which names the operation and writes nothing."""
    route = RouteGuard.reading(vendor).route(prepared(method, url))
    assert (route.operation, route.writes) == (operation, False)


@pytest.mark.parametrize(("method", "url", "operation"), WRITES)
def test_a_write_passes_only_a_writing_guard(method: str, url: str, operation: str) -> None:
    """The sinks' writes are refused in a dry run and known as writes otherwise."""
    with pytest.raises(ReadOnlyViolation, match=f"{method} /services/data/v66.0/"):
        RouteGuard.reading("salesforce").route(prepared(method, url))
    route = RouteGuard.writing("salesforce").route(prepared(method, url))
    assert (route.operation, route.writes) == (operation, True)


@pytest.mark.parametrize(("method", "url", "operation"), HUBSPOT_WRITES)
def test_a_write_to_the_portal_passes_only_a_writing_guard(method: str, url: str, operation: str) -> None:
    """In both path families, by the names that counters and budgets use."""
    with pytest.raises(ReadOnlyViolation):
        RouteGuard.reading("hubspot").route(prepared(method, url))
    route = RouteGuard.writing("hubspot").route(prepared(method, url))
    assert (route.operation, route.writes) == (operation, True)


@pytest.mark.parametrize(("vendor", "method", "url"), NEVER)
def test_everything_else_is_refused(vendor: str, method: str, url: str) -> None:
    """What is not in the table is refused even where writing is allowed: other resources, other methods, odd paths."""
    with pytest.raises(ReadOnlyViolation):
        RouteGuard.writing(vendor).route(prepared(method, url))


def test_a_method_override_header_is_refused() -> None:
    """A read that asks the vendor to treat it as another method does not pass as a read."""
    request = prepared("POST", f"{DATA}/composite/sobjects/Task", **{"X-HTTP-Method-Override": "PATCH"})
    with pytest.raises(ReadOnlyViolation):
        RouteGuard.reading("salesforce").route(request)


def test_the_refusal_does_not_repeat_the_query() -> None:
    """The message names method and path; the query string may hold personal data."""
    with pytest.raises(ReadOnlyViolation) as refused:
        RouteGuard.reading("salesforce").route(prepared("GET", f"{DATA}/search/?q=FIND+taro@example.co.jp"))
    assert "/search/" in str(refused.value)
    assert "taro" not in str(refused.value)
