"""A client that nobody here wrote (simple-salesforce) signs in to the whole sandbox over TLS, reads and writes."""

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest
from simple_salesforce.login import token_login

from connector.sandbox.access import Ready


@pytest.fixture
def client(sandbox: Ready) -> Salesforce:
    """Signed in with client credentials at the sandbox's token address."""
    session = requests.Session()
    session.trust_env = False
    session.verify = sandbox.ca_bundle
    form = {
        "grant_type": "client_credentials",
        "client_id": sandbox.salesforce.client_id,
        "client_secret": sandbox.salesforce.client_secret,
    }
    token, _ = token_login(sandbox.salesforce.token_url, form, "test", "key", None, None, session)
    return Salesforce(
        session_id=token,
        instance_url=sandbox.salesforce.instance_url,
        session=session,
        version=sandbox.salesforce.api_version,
    )


def test_it_reads_every_object_page_by_page(client: Salesforce) -> None:
    """Describe, then all queryable fields of all rows: as many as COUNT() says."""
    for item in client.describe()["sobjects"]:
        name = item["name"]
        fields = [field["name"] for field in getattr(client, name).describe()["fields"]]
        total = client.query(f"SELECT COUNT() FROM {name}")["totalSize"]
        soql = f"SELECT {', '.join(fields)} FROM {name}"
        options = {"Sforce-Query-Options": "batchSize=200"}
        ids = [record["Id"] for record in client.query_all_iter(soql, headers=options)]
        assert (len(ids), len(set(ids))) == (total, total), name


def test_it_creates_updates_upserts_and_deletes(client: Salesforce) -> None:
    """The calls that the connector's own client makes."""
    task = client.Task
    created = task.create({"Subject": "client"})
    assert task.update(created["id"], {"Status": "進行中"}) == 204
    assert task.get(created["id"])["Status"] == "進行中"
    assert task.upsert("Okoshi_Key__c/client-1", {"Subject": "keyed"}) == 201
    assert task.upsert("Okoshi_Key__c/client-1", {"Subject": "keyed"}) == 200
    assert task.get_by_custom_id("Okoshi_Key__c", "client-1")["Subject"] == "keyed"
    assert task.delete(created["id"]) == 204
    assert client.query_all(f"SELECT Id FROM Task WHERE Id = '{created['id']}'", include_deleted=True)["totalSize"] == 1
    assert client.api_usage["api-usage"].used > 0
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        client.query("SELECT Nope FROM Task")
