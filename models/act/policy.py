"""Whether an action is done at all. The order of the lines is the policy."""

from typing import Final

from models.act.ledger import Due
from models.act.message import Result
from schemas.trigger import Configured, Mode, Stage, Why

UNKNOWN: Final = Result(Stage.FAILED, Why.OFF, "no action of this name is configured")


def refused(action: Configured, due: Due, now_s: float) -> Result | None:
    """Say why an action is not begun; None: it is. `now_s`: since 1970."""
    if action.mode is Mode.OFF:
        return Result(Stage.FAILED, Why.OFF, "its mode is off")
    if now_s - due.asked_s > action.too_late_s:
        return Result(Stage.FAILED, Why.TOO_LATE, f"asked for {now_s - due.asked_s:.0f} s ago")
    return None


def lane(action: Configured | None, due: Due) -> str:
    """Name the queue an action stands in: deeds on one asset are done in their order.

    Notifications are no deeds: those of an asset are in order among themselves.
    """
    asset = due.event.data.asset
    return f"{action.name}|{asset}" if action and action.kind == "alertmanager" else f"|{asset}"
