"""Messages as the agents' own documentation shows them, and what they must decode to, by format."""

from schemas.formats.base import Golden

GOLDEN: dict[str, tuple[Golden, ...]] = {}
"""By format. `alltobit formats` decodes them all and says which pass."""
