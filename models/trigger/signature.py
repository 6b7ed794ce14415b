"""Who said it, and about what: signatures of decisions and proposals, and the hash of evidence.

HMAC-SHA256 (RFC 2104) over canonical JSON: keys sorted, no spaces, UTF-8.
"""

import hmac
import json
from hashlib import sha256
from typing import Final, TypeVar

from schemas.events import Evidence
from schemas.trigger import Decision, Proposal

SHORTEST: Final = 16
"""Bytes of a secret, at least."""
Said = TypeVar("Said", Decision, Proposal)


def evidence_hash(evidence: Evidence) -> str:
    """Return the SHA-256 of evidence as canonical JSON, in hex."""
    return sha256(_canonical(evidence.model_dump(mode="json"))).hexdigest()


def proposal_id(said: Proposal) -> str:
    """Name a proposal by what it says: 32 hex digits."""
    told = said.model_dump(mode="json", exclude={"id", "signature"})
    return sha256(_canonical(told)).hexdigest()[:32]


def signed(said: Said, secret: bytes) -> Said:
    """Return what is said with its signature."""
    return said.model_copy(update={"signature": _signature(said, secret)})


def is_signed(said: Decision | Proposal, secret: bytes) -> bool:
    """Say whether the signature is of this secret; in a time that does not tell how far it fits."""
    return hmac.compare_digest(_signature(said, secret), said.signature)


def _signature(said: Decision | Proposal, secret: bytes) -> str:
    told = said.model_dump(mode="json", exclude={"signature"})
    return hmac.new(secret, _canonical(told), sha256).hexdigest()


def _canonical(told: object) -> bytes:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")
