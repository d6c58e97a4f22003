"""How a client gets in: addresses, credentials and certificates of one running sandbox, and the files that tell them.

Made by `server`; credentials follow from the seed so that a restart keeps them. It must not know what is served.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HOST = "127.0.0.1"
NAMES = ("localhost", HOST)
REFRESH_FILE = "refresh.token"
"""The refresh token, beside the private key of JWT bearer sign-in."""

SALESFORCE_API_VERSION = "66.0"
HUBSPOT_API_VERSION = "2026-03"


@dataclass(frozen=True)
class SalesforceAccess:
    """What a client needs for the simulated org."""

    instance_url: str
    token_url: str
    client_id: str
    client_secret: str
    username: str
    private_key_file: str
    jwt_audience: str
    refresh_token: str
    api_version: str = SALESFORCE_API_VERSION


@dataclass(frozen=True)
class HubSpotAccess:
    """What a client needs for the simulated portal."""

    base_url: str
    access_token: str
    client_secret: str


@dataclass(frozen=True)
class Ready:
    """A sandbox that accepts connections; `document()` is the content of the ready file."""

    salesforce: SalesforceAccess
    hubspot: HubSpotAccess
    ca_bundle: str
    control_url: str
    now: str

    def document(self) -> dict[str, object]:
        told = asdict(self)
        del told["salesforce"]["refresh_token"]  # in a file beside the key: only some extractors sign in by it
        return told

    def environment(self) -> dict[str, str]:
        """The same as settings of the connector."""
        salesforce = {
            "INSTANCE_URL": self.salesforce.instance_url,
            "TOKEN_URL": self.salesforce.token_url,
            "AUTH": "client_credentials",
            "CLIENT_ID": self.salesforce.client_id,
            "CLIENT_SECRET": self.salesforce.client_secret,
            "USERNAME": self.salesforce.username,
            "PRIVATE_KEY_FILE": self.salesforce.private_key_file,
            "JWT_AUDIENCE": self.salesforce.jwt_audience,
            "API_VERSION": self.salesforce.api_version,
            "CA_BUNDLE": self.ca_bundle,
        }
        hubspot = {
            "BASE_URL": self.hubspot.base_url,
            "ACCESS_TOKEN": self.hubspot.access_token,
            "CLIENT_SECRET": self.hubspot.client_secret,
            "API_VERSION": HUBSPOT_API_VERSION,
            "CA_BUNDLE": self.ca_bundle,
        }
        sections: Mapping[str, Mapping[str, str]] = {"SALESFORCE": salesforce, "HUBSPOT": hubspot}
        lines = {f"OKOSHI_{name}__{key}": text for name, keys in sections.items() for key, text in keys.items()}
        return {**lines, "OKOSHI_NOW": self.now}


def secret(seed: int, purpose: str) -> str:
    """A credential that follows from the seed."""
    return hashlib.sha256(f"okoshi sandbox {seed} {purpose}".encode()).hexdigest()


def uuid_secret(seed: int, purpose: str) -> str:
    """The same, spelt as a UUID (the form of HubSpot's tokens and secrets)."""
    return str(uuid.UUID(secret(seed, purpose)[:32]))


@dataclass(frozen=True)
class KeyFiles:
    """Files of one sandbox: the CA that clients trust, the servers' certificate, the key of JWT bearer sign-in."""

    ca_bundle: Path
    certificate: Path
    private_key: Path
    jwt_private_key: Path
    jwt_public_pem: str


def write_keys(directory: Path) -> KeyFiles:
    """A new CA with one certificate for loopback, and an RSA pair; private keys are readable by the owner only."""
    authority = trustme.CA(organization_name="Okoshi sandbox")
    issued = authority.issue_cert(*NAMES)
    jwt_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    files = KeyFiles(
        ca_bundle=directory / "ca.pem",
        certificate=directory / "server.pem",
        private_key=directory / "server.key",
        jwt_private_key=directory / "jwt.key",
        jwt_public_pem=jwt_key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )
    write_privately(files.ca_bundle, authority.cert_pem.bytes().decode())
    write_privately(files.certificate, "".join(one.bytes().decode() for one in issued.cert_chain_pems))
    write_privately(files.private_key, issued.private_key_pem.bytes().decode())
    pem = jwt_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_privately(files.jwt_private_key, pem.decode())
    return files


def write_files(ready: Ready, ready_file: Path | None, env_file: Path | None) -> None:
    """Tell waiters how to get in; the ready file comes last, so that whoever sees it finds all the rest."""
    if env_file:
        lines = (f"{name}={_quoted(text)}\n" for name, text in ready.environment().items())
        write_privately(env_file, "".join(lines))
    if ready_file:
        write_privately(ready_file, json.dumps(ready.document(), indent=2) + "\n")


def _quoted(text: str) -> str:
    """Paths may hold blanks; everything else is plain."""
    return f'"{text}"' if any(character.isspace() or character == "#" for character in text) else text


def write_privately(path: Path, text: str) -> None:
    """Replace a file in one step; it is never visible half-written nor readable by others."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    draft.replace(path)
