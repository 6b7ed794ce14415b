"""Names of events, made of what they say."""

from hashlib import blake2b


def event_id(*parts: object) -> str:
    """Name an event by its content: 32 hex digits."""
    return blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()
