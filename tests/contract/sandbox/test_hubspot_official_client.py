"""HubSpot's own Python client reads the simulated portal page by page."""

import pytest
from hubspot import Client
from hubspot.crm import lists
from hubspot.crm.associations.v4 import (
    AssociationSpec,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
)
from hubspot.crm.contacts import (
    ApiException,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchReadInputSimplePublicObjectId,
    PublicObjectSearchRequest,
)
from hubspot.crm.properties import PropertyCreate, PropertyGroupCreate
from hubspot.events import ApiException as EventsApiException


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


@pytest.fixture(scope="module")
def writer(start_sandbox):
    with start_sandbox(plant=frozenset({"events"})) as ready:
        made = Client.create(access_token=ready.hubspot.access_token)
        made.config.update({"host": ready.hubspot.base_url, "ssl_ca_cert": ready.ca_bundle})
        yield made


def test_lists_through_the_client(writer):
    """Created, filled, paged, searched, emptied."""
    request = lists.ListCreateRequest(object_type_id="0-1", processing_type="MANUAL", name="SDK")
    made = writer.crm.lists.lists_api.create(request).list
    people = [one.id for one in writer.crm.contacts.basic_api.get_page(limit=3).results]
    added = writer.crm.lists.memberships_api.add(made.list_id, people)
    assert added.records_ids_added == people
    page = writer.crm.lists.memberships_api.get_page(made.list_id, limit=2)
    assert [one.record_id for one in page.results] == sorted(people, key=int)[:2]
    assert page.paging.next.after
    asked = lists.ListSearchRequest(query="SDK", offset=0, additional_properties=[], list_ids=[], processing_types=[])
    found = writer.crm.lists.lists_api.do_search(asked)
    assert [one.list_id for one in found.lists] == [made.list_id]
    mine = writer.crm.lists.memberships_api.get_lists("0-1", people[0])
    assert made.list_id in {one.list_id for one in mine.results}
    left = writer.crm.lists.memberships_api.remove(made.list_id, people)
    assert left.record_ids_removed == people


def test_events_through_the_client(writer, client):
    """Page views of one contact; on the lower tier the client raises the 403."""
    page = writer.events.events_api.get_page(event_type="e_visited_page", limit=5)
    assert len(page.results) == 5
    one = page.results[0]
    own = writer.events.events_api.get_page(object_type="contact", object_id=int(one.object_id), limit=100)
    assert one.id in {each.id for each in own.results}
    assert writer.events.events_api.get_types().event_types == ["e_visited_page"]
    with pytest.raises(EventsApiException) as caught:
        client.events.events_api.get_page(event_type="e_visited_page")
    assert caught.value.status == 403


def test_upsert_properties_and_links_through_the_client(writer):
    """Batch upsert by email, a group and a property, a link of the present API made and taken away."""
    one = {"id": "sdk@client.example", "idProperty": "email", "properties": {"lastname": "上"}}
    batch = BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one])
    contact = writer.crm.contacts.batch_api.upsert(batch).results[0]
    assert contact.new is True
    groups, core = writer.crm.properties.groups_api, writer.crm.properties.core_api
    groups.create("contacts", PropertyGroupCreate(name="sdk", label="SDK", display_order=-1))
    wanted = PropertyCreate(
        name="sdk_key", label="SDK", type="string", field_type="text", group_name="sdk", has_unique_value=True
    )
    assert core.create("contacts", wanted).has_unique_value is True
    core.archive("contacts", "sdk_key")
    company = writer.crm.companies.basic_api.get_page(limit=1).results[0]
    types = [AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=279)]
    link = {"from": {"id": contact.id}, "to": {"id": company.id}, "types": types}
    v4 = writer.crm.associations.v4
    assert v4.batch_api.create("contacts", "companies", BatchInputPublicAssociationMultiPost(inputs=[link])).results
    assert v4.basic_api.get_page("contacts", contact.id, "companies").results
    v4.basic_api.archive("contacts", contact.id, "companies", company.id)
    assert not v4.basic_api.get_page("contacts", contact.id, "companies").results
