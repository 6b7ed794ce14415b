"""What comes of an alert, for one action. The order of the lines is the policy."""

from typing import Final, NamedTuple

from schemas.trigger import Level, Mode, Stage, Why


class Case(NamedTuple):
    """All that a decision rests on."""

    asked: Level
    """What the rule may."""
    quality: float
    """Of the evidence, 0..1."""
    floor: float
    """The rule's, 0..1."""
    mode: Mode
    """Of the action; off where none is configured."""
    only_tells: bool = False
    """A notification: it changes nothing in the plant, so it needs no level, and has no breaker."""
    is_late: bool = False
    in_maintenance: bool = False
    is_silenced: bool = False
    is_follower: bool = False
    """An open incident names another cause, and this asset among those it has reached."""
    breaker_is_open: bool = False
    are_too_many_questions: bool = False


class Answer(NamedTuple):
    """What is decided."""

    stage: Stage
    why: Why
    level: Level
    """What the rule may on such data."""


LOWER: Final = {Level.ACT: Level.ASK, Level.ASK: Level.ADVISE, Level.ADVISE: Level.ADVISE}
_BY_MODE: Final = {Mode.LIVE: Why.ALLOWED, Mode.SHADOW: Why.DRY_RUN}


def decide(case: Case) -> Answer:  # noqa: PLR0911 - a line a reason
    """Answer one alert for one action. Bad data is looked at before permission."""
    level = LOWER[case.asked] if case.quality < case.floor else case.asked
    if case.mode is Mode.OFF:
        return Answer(Stage.DROPPED, Why.OFF, level)
    if case.in_maintenance:
        return Answer(Stage.DROPPED, Why.MAINTENANCE, level)
    if case.is_silenced:
        return Answer(Stage.DROPPED, Why.SILENCED, level)
    if case.is_follower:
        return Answer(Stage.DROPPED, Why.FOLLOWER, level)
    if case.only_tells:
        return _requested(case, Level.ACT)
    if case.is_late:
        return Answer(Stage.DROPPED, Why.TOO_LATE, level)
    if case.breaker_is_open and level is not Level.ADVISE:
        return Answer(Stage.DROPPED, Why.BREAKER_OPEN, level)
    if case.are_too_many_questions and level is Level.ASK:
        return Answer(Stage.DROPPED, Why.TOO_MANY_QUESTIONS, level)
    return _permitted(case, level)


def _permitted(case: Case, level: Level) -> Answer:
    is_poor = case.quality < case.floor
    if level is Level.ADVISE:
        return Answer(Stage.ADVISED, Why.POOR_DATA if is_poor else Why.ADVICE_ONLY, level)
    if level is Level.ASK:
        return Answer(Stage.AWAITING, Why.POOR_DATA if is_poor else Why.NEEDS_APPROVAL, level)
    return _requested(case, level)


def _requested(case: Case, level: Level) -> Answer:
    return Answer(Stage.REQUESTED, _BY_MODE[case.mode], level)
