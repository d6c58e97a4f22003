"""What extractors and clients that nobody here wrote rely on besides the resources themselves: each was seen in one."""

import pytest
import requests
from simple_salesforce.api import Salesforce

TREE = {
    "records": [
        {
            "attributes": {"type": "Account", "referenceId": "a"},
            "Name": "木構造商事",
            "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "枝"}]},
        }
    ]
}


def token(ready, **form):
    with requests.Session() as session:
        session.trust_env = False
        given = {"client_id": ready.salesforce.client_id, "client_secret": ready.salesforce.client_secret, **form}
        return session.post(ready.salesforce.token_url, data=given, verify=ready.ca_bundle, timeout=10)


@pytest.fixture
def salesforce(sandbox):
    session = requests.Session()
    session.trust_env, session.verify = False, sandbox.ca_bundle
    granted = token(sandbox, grant_type="refresh_token", refresh_token=sandbox.salesforce.refresh_token).json()
    return Salesforce(
        session_id=granted["access_token"], instance_url=granted["instance_url"], session=session, version="62.0"
    )


def test_a_refresh_token_signs_in_and_a_wrong_one_does_not(sandbox, salesforce):
    """As the extractors do that were authorised in a browser once."""
    assert salesforce.query("SELECT Id FROM User LIMIT 1")["totalSize"] == 1
    refused = token(sandbox, grant_type="refresh_token", refresh_token="5Aep861wrong")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_headers_are_spelt_as_the_vendors_spell_them(sandbox, salesforce, hubspot):
    """Some clients put the headers into a plain dictionary and ask for `Content-Type` there."""
    answer = salesforce._call_salesforce("GET", f"{salesforce.base_url}limits")
    assert {"Content-Type", "Sforce-Limit-Info"} <= set(dict(answer.headers))
    assert {"Content-Type", "X-HubSpot-RateLimit-Max"} <= set(dict(hubspot.get("/crm/v3/owners").headers))


def test_a_batch_answers_every_part_by_itself(salesforce):
    """A part that fails leaves the others; after it, they are halted on request."""
    parts = [{"method": "GET", "url": f"v62.0/{path}"} for path in ("limits", "sobjects/Nothing", "sobjects/User")]
    answer = salesforce.restful("composite/batch", method="POST", json={"batchRequests": parts})
    assert answer["hasErrors"] is True
    assert [one["statusCode"] for one in answer["results"]] == [200, 404, 200]
    halted = salesforce.restful("composite/batch", method="POST", json={"batchRequests": parts, "haltOnError": True})
    assert [one["statusCode"] for one in halted["results"]] == [200, 404, 412]


def test_a_tree_is_made_whole_or_not_at_all(start_sandbox):
    """Children hang on the parent that was made with them; one refusal undoes all."""
    with start_sandbox() as ready, requests.Session() as session:
        session.trust_env, session.verify = False, ready.ca_bundle
        granted = token(ready, grant_type="client_credentials").json()
        org = Salesforce(
            session_id=granted["access_token"], instance_url=granted["instance_url"], session=session, version="62.0"
        )
        made = org.restful("composite/tree/Account", method="POST", json=TREE)
        ids = {one["referenceId"]: one["id"] for one in made["results"]}
        assert made["hasErrors"] is False
        assert org.Contact.get(ids["c"])["AccountId"] == ids["a"]
        before = org.query("SELECT COUNT() FROM Account")["totalSize"]
        bad = {"records": [*TREE["records"], {"attributes": {"type": "Account", "referenceId": "b"}, "Nme": "x"}]}
        with pytest.raises(Exception, match="INVALID_FIELD"):
            org.restful("composite/tree/Account", method="POST", json=bad)
        assert org.query("SELECT COUNT() FROM Account")["totalSize"] == before


def test_what_the_portal_tells_of_itself_is_there_in_the_old_shape(hubspot):
    """Properties, pipelines, forms, users and teams hold the same as the present families."""
    present = hubspot.get("/crm/v3/properties/contacts").json()["results"]
    assert hubspot.get("/properties/v2/contact/properties").json() == present
    assert {one["name"] for one in hubspot.get("/properties/v2/form/properties").json()}
    (pipeline,) = hubspot.get("/crm-pipelines/v1/pipelines/deals").json()["results"]
    (now,) = hubspot.get("/crm/v3/pipelines/deals").json()["results"]
    assert [one["stageId"] for one in pipeline["stages"]] == [one["id"] for one in now["stages"]]
    forms = hubspot.get("/marketing/v3/forms").json()["results"]
    old = hubspot.get("/forms/v2/forms").json()
    assert [one["guid"] for one in old] == [one["id"] for one in forms]
    assert hubspot.get(f"/forms/v2/forms/{old[0]['guid']}").json() == old[0]
    owners = {one["email"] for one in hubspot.pages("/crm/v3/owners", limit=100)}
    assert {one["email"] for one in hubspot.get("/settings/v3/users").json()["results"]} == owners
    assert hubspot.get("/settings/v3/users/teams").status_code == 200


def test_what_the_app_has_no_scope_for_is_refused_and_not_unknown(hubspot):
    """Extractors leave a stream out that is forbidden, and give up at one that does not exist."""
    for path in ("/automation/v3/workflows", "/email/public/v1/campaigns/by-id", "/marketing-emails/v1/emails"):
        refused = hubspot.get(path)
        assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
