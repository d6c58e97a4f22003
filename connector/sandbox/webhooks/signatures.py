"""How HubSpot signs what it sends: versions 1 to 3, over the public address of the receiver.

Used by the targets. Time stamps are wall time, as receivers judge their age by it.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

_DECODED: Final[Mapping[str, str]] = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}


def signed_uri(url: str) -> str:
    """The address as it enters signature 3: these characters are never percent-encoded there, others stay as given."""
    for code, character in _DECODED.items():
        url = url.replace(code, character).replace(code.lower(), character)
    return url


def version_1(secret: str, body: bytes) -> dict[str, str]:
    digest = hashlib.sha256(secret.encode() + body).hexdigest()
    return {"X-HubSpot-Signature": digest, "X-HubSpot-Signature-Version": "v1"}


def version_2(secret: str, method: str, url: str, body: bytes) -> dict[str, str]:
    digest = hashlib.sha256(f"{secret}{method}{url}".encode() + body).hexdigest()
    return {"X-HubSpot-Signature": digest, "X-HubSpot-Signature-Version": "v2"}


def version_3(secret: str, method: str, url: str, body: bytes, milliseconds: int) -> dict[str, str]:
    message = f"{method}{signed_uri(url)}".encode() + body + str(milliseconds).encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return {
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        "X-HubSpot-Request-Timestamp": str(milliseconds),
    }
