"""A health event that another system decided on, told on in our envelope."""

from datetime import datetime

from schemas.events import Body


class HealthReport(Body):
    """What a health monitor said of one asset. `quality` is 1: it is told, not measured by us."""

    asset: str
    check: str
    """What was looked at: the sender's name of it."""
    healthy: bool
    fatal: bool
    said: str = ""
    """The sender's own words."""
    action: str = ""
    """What the sender recommends."""
    codes: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    """Parts it is about, `TYPE:value`."""
    since: datetime
