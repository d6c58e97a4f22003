"""What may leave the process: default deny, read-only, and no way around by tricks in the address."""

import pytest
import requests

from connector.clients.guard import ReadOnlyViolation, RouteGuard

DATA = "https://acme.my.salesforce.com/services/data/v66.0"
CRM = "https://api.hubapi.com/crm"

READS = [
    ("salesforce", "POST", "https://acme.my.salesforce.com/services/oauth2/token", "sign_in"),
    ("salesforce", "GET", f"{DATA}/query/?q=SELECT+Id+FROM+Task", "query"),
    ("salesforce", "GET", f"{DATA}/query/01g0000000000AA-2000", "query"),
    ("salesforce", "GET", f"{DATA}/queryAll/?q=SELECT+Id+FROM+Task", "query_all"),
    ("salesforce", "GET", f"{DATA}/sobjects/Okoshi_Thing__c/describe", "describe"),
    ("salesforce", "POST", f"{DATA}/composite/sobjects/Task", "retrieve"),
    ("hubspot", "GET", f"{CRM}/objects/2026-03/contacts?limit=100", "list"),
    ("hubspot", "GET", f"{CRM}/v3/objects/0-1", "list"),
    ("hubspot", "POST", f"{CRM}/objects/2026-03/contacts/search", "search"),
    ("hubspot", "POST", f"{CRM}/v3/objects/CONTACT/batch/read", "batch_read"),
    ("hubspot", "POST", f"{CRM}/associations/2026-03/calls/contacts/batch/read", "associations"),
    ("hubspot", "POST", f"{CRM}/v4/associations/calls/contacts/batch/read", "associations"),
    ("hubspot", "GET", f"{CRM}/v3/owners/", "owners"),
    ("hubspot", "GET", f"{CRM}/properties/2026-03/contacts", "properties"),
]
WRITES = [
    ("POST", f"{DATA}/composite/sobjects", "create"),
    ("PATCH", f"{DATA}/composite/sobjects", "update"),
    ("PATCH", f"{DATA}/composite/sobjects/Task/Okoshi_Key__c", "upsert"),
    ("DELETE", f"{DATA}/composite/sobjects?ids=00T1&allOrNone=false", "delete"),
]
NEVER = [
    ("salesforce", "POST", f"{DATA}/composite"),
    ("salesforce", "POST", f"{DATA}/sobjects/Task"),
    ("salesforce", "DELETE", f"{DATA}/sobjects/Task/00T1"),
    ("salesforce", "POST", f"{DATA}/jobs/ingest"),
    ("salesforce", "PATCH", f"{DATA}/query/"),
    ("salesforce", "POST", f"{DATA}/composite/sobjects/Task?_HttpMethod=PATCH"),
    ("salesforce", "GET", f"{DATA}/query/../composite/sobjects"),
    ("salesforce", "GET", f"{DATA}/query/%2e%2e/composite"),
    ("salesforce", "GET", "https://acme.my.salesforce.com/services/apexrest/query"),
    ("hubspot", "POST", f"{CRM}/objects/2026-03/contacts/batch/update"),
    ("hubspot", "POST", f"{CRM}/objects/2026-03/contacts"),
    ("hubspot", "POST", f"{CRM}/v3/objects/contacts/batch/archive"),
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
    with pytest.raises(ReadOnlyViolation, match=f"{method} /services/data/v66.0/composite/sobjects"):
        RouteGuard.reading("salesforce").route(prepared(method, url))
    route = RouteGuard.writing("salesforce").route(prepared(method, url))
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
