"""A Salesforce client that nobody here wrote (simple-salesforce), signed in to a running sandbox over TLS."""

import requests
from simple_salesforce import Salesforce
from simple_salesforce.login import token_login

from connector.sandbox.access import Ready


def signed_in(ready: Ready) -> Salesforce:
    """With client credentials at the sandbox's token address."""
    session = requests.Session()
    session.trust_env = False
    session.verify = ready.ca_bundle
    form = {
        "grant_type": "client_credentials",
        "client_id": ready.salesforce.client_id,
        "client_secret": ready.salesforce.client_secret,
    }
    token, _ = token_login(ready.salesforce.token_url, form, "test", "key", None, None, session)
    return Salesforce(
        session_id=token,
        instance_url=ready.salesforce.instance_url,
        session=session,
        version=ready.salesforce.api_version,
    )
