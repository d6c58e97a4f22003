"""HubSpot's own Python client reads the simulated portal page by page."""

import pytest
from hubspot import Client
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.contacts import ApiException, BatchReadInputSimplePublicObjectId, PublicObjectSearchRequest


@pytest.fixture(scope="module")
def client(sandbox):
    made = Client.create(access_token=sandbox.hubspot.access_token)
    made.config.update({"host": sandbox.hubspot.base_url, "ssl_ca_cert": sandbox.ca_bundle})
    return made


def test_all_pages_of_every_object(client, control):
    """`get_all` meets every record of the objects that sales uses."""
    for name in ("contacts", "companies", "deals"):
        listed = getattr(client.crm, name).get_all()
        stored = [one for one in control.get(f"/state/hubspot/{name}").json() if not one["archived"]]
        assert {one.id for one in listed} == {one["id"] for one in stored}
    calls = client.crm.objects.basic_api.get_page("calls", limit=100, properties=["hs_call_disposition"])
    assert calls.results


def test_search_and_batch_read(client):
    """The client's models take the answers of search and batch read, null values included."""
    request = PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}]}],
        sorts=["lastmodifieddate"],
        properties=["email", "mobilephone"],
        limit=5,
    )
    found = client.crm.contacts.search_api.do_search(public_object_search_request=request)
    assert found.total > len(found.results) == 5
    inputs = [{"id": one.id} for one in found.results]
    body = BatchReadInputSimplePublicObjectId(inputs=inputs, properties=["email"], properties_with_history=[])
    read = client.crm.contacts.batch_api.read(batch_read_input_simple_public_object_id=body)
    assert {one.id for one in read.results} == {one["id"] for one in inputs}


def test_links_owners_properties_pipelines(client):
    """Associations, owners, properties and pipelines in the client's spelling (trailing slashes included)."""
    contact = client.crm.contacts.basic_api.get_page(limit=1).results[0]
    body = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": contact.id}])
    linked = client.crm.associations.v4.batch_api.get_page("contacts", "companies", body)
    assert linked.results[0].to[0].association_types
    assert client.crm.owners.get_all()
    assert client.crm.properties.core_api.get_all("contacts").results
    assert client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages


def test_a_missing_record_raises_with_the_vendors_body(client):
    """The client's exception carries status and category."""
    with pytest.raises(ApiException) as caught:
        client.crm.contacts.basic_api.get_by_id("999999999999")
    assert caught.value.status == 404
    assert "OBJECT_NOT_FOUND" in caught.value.body
