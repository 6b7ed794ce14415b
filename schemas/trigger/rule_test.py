"""Tests of rules, as promtool has them: series go in, alerts at moments come out.

Source: Prometheus, "Unit testing rules" (3.x). Ours: the label `asset` of a series names the asset;
other labels stay with the point; `input_incidents`. Not there: `promql_expr_test`,
`external_labels`, histograms.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from schemas.base import Message
from schemas.durations import Duration
from schemas.trigger.incident_test import SaidIncident
from schemas.trigger.rule import Name
from schemas.units import Point

Text = Annotated[str, BeforeValidator(lambda one: one if isinstance(one, bool) else str(one))]
"""A bare number in YAML is meant as text."""
Interval = Annotated[Duration, Field(gt=0)]


class Series(Message):
    """Samples of one signal, one an interval."""

    series: Annotated[str, Field(min_length=1, max_length=1000)]
    """`point{asset="gpu-0"}`"""
    values: Annotated[Text, Field(max_length=100_000)]
    """`1+2x3` is 1 3 5 7, `5x2` is 5 5 5, `_` no sample, `_x3` three, `stale` one without value."""


class Expected(Message):
    """An alert that fires."""

    exp_labels: dict[str, Text] = Field(default_factory=dict)
    """All of its labels, and `asset`; more may be named: cell, point, severity, level."""
    exp_annotations: dict[str, Text] | None = None
    """All of its annotations, and `summary` if that is wanted; None: whatever they are."""


class AlertTest(Message):
    """What fires of one rule at one moment."""

    eval_time: Duration
    """Since the first sample."""
    alertname: Name
    exp_alerts: Annotated[tuple[Expected, ...], Field(max_length=1000)] = ()


class Case(Message):
    """Series, and what is expected of them."""

    name: str = ""
    interval: Interval | None = None
    """Of samples; None: the file's `evaluation_interval`."""
    input_series: Annotated[tuple[Series, ...], Field(max_length=1000)] = ()
    input_incidents: Annotated[tuple[SaidIncident, ...], Field(max_length=1000)] = ()
    """For rules with `each: incident`; of an incident they are taken in order of time."""
    alert_rule_test: tuple[AlertTest, ...]


class SiteCell(Message):
    """Assets that rules see together."""

    name: Annotated[str, Field(min_length=1, max_length=249)]
    assets: tuple[str, ...]


class RuleTests(Message):
    """A file of tests."""

    rule_files: Annotated[tuple[Path, ...], Field(min_length=1)]
    """From the folder of this file."""
    evaluation_interval: Interval = 60.0
    """Of samples, where a case does not say; rules are asked at every sample anyway."""
    group_eval_order: tuple[str, ...] = ()
    """Taken and ignored: a rule reads no other rule's alerts."""
    points: tuple[Point, ...] = ()
    cells: tuple[SiteCell, ...] = ()
    tests: tuple[Case, ...]
