"""Answers on rules: those in force, and those that were sent to be checked or tried."""

from datetime import datetime
from typing import ClassVar

from schemas.ask.answer import Answer, Line
from schemas.base import Message, Ratio
from schemas.cascade.incident import Amount


class RuleLine(Message):
    """A rule in force."""

    name: str
    rule: str
    """As JSON; YAML takes that, too."""
    firing: Amount
    """Assets that its last alert fires on, as far as is known."""


class RulesTold(Answer):
    """Rules in force."""

    rows: ClassVar[str] = "rules"

    rules: tuple[RuleLine, ...] = ()


class Checked(Answer):
    """What is wrong with rules, and what looks so."""

    is_fine: bool
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Firing(Message):
    """When a rule would have fired."""

    asset: str
    fired: datetime
    lasted_s: float
    is_over: bool
    quality: Ratio
    summary: Line


class Tried(Message):
    """What one rule would have done."""

    rule: str
    firings: tuple[Firing, ...]
    """The first of them."""
    fired: Amount
    """How often in all."""
    held_back: Amount
    """For poor data."""
    asked: Amount
    """Assets, or cells, that it was asked of."""
    fired_on: Amount
    a_day: float
    warnings: tuple[str, ...]


class Backtested(Answer):
    """Rules on recorded readings."""

    headline: str
    hours: float
    """Of event time that was read."""
    assets: Amount
    rules: tuple[Tried, ...] = ()
