"""Signed webhooks, as in Standard Webhooks 1.0.0 (standardwebhooks.com), symmetric: `v1`."""

import hmac
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final

_PREFIX: Final = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes


def key(secret: str) -> bytes:
    """Read a secret. Raises `ValueError`."""
    try:
        found = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise ValueError("not base64") from None
    if not _SHORTEST <= len(found) <= _LONGEST:
        raise ValueError(f"{len(found)} bytes, not {_SHORTEST} to {_LONGEST}")
    return found


def signed(secret: bytes, action: str, at_s: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign `body`; `at_s`: s since 1970, when it is sent."""
    content = f"{action}.{at_s}.".encode() + body
    digest = b64encode(hmac.digest(secret, content, sha256)).decode()
    return {
        "webhook-id": action,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{digest}",
    }
