"""Rules on values against a reference in plain Python: `for`, hysteresis, held back, watermarks."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from models import pipeline
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Piece, tick_block
from models.words import filled
from schemas.readings import Tick
from schemas.telemetry import Quality, Source, SpansBuilder
from schemas.trigger import Rule
from schemas.units import Point

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch")
NAN = float("nan")


@dataclass
class Reference:
    """One rule on one signal, as the settings' documentation tells it."""

    rule: Rule
    sign: int = 1
    state: str = "idle"
    since: int = 0
    good: np.float32 = field(default_factory=lambda: np.float32(1))
    held_good: float = 1.0
    told: list[tuple[str, int]] = field(default_factory=list)

    def due(self, now: int) -> None:
        """Let event time reach `now`."""
        end = self.since + round(self.rule.for_s * 1e9)
        if self.state == "pending" and now >= end:
            self.state = "held" if self.held_good < self.rule.quality else "firing"
            self.told.append((self.state, end))
        elif self.state == "held" and self.held_good >= self.rule.quality:
            self.state = "firing"
            self.told.append(("firing", end))

    def sample(self, value: float, now: int) -> None:
        """Take a usable sample."""
        self.due(now)
        past = self.sign * (value - self.rule.limit) > 0
        clear = self.rule.limit if self.rule.clear is None else self.rule.clear
        if self.state == "firing":
            if not past and self.sign * (value - clear) <= 0:
                self.state = "idle"
                self.told.append(("resolved", now))
        elif not past:
            self.state = "idle"
        elif self.state == "idle":
            self.state, self.since = "pending", now
        self.held_good = float(self.good)
        if self.state == "pending" and self.since == now:
            self.due(now)

    def quality(self, is_good: bool) -> None:
        """Remember whether a sample was good."""
        self.good = np.float32(self.good + (float(is_good) - float(self.good)) / 64)


class Signal:
    """One signal in a real state, fed a block a sample."""

    def __init__(self, *rules: Rule, unit: str = "") -> None:
        points = (Point(name="p", unit=unit),) if unit else ()
        config = Config(rules=rules, points=points, lateness_ns=0, frame_ns=3600 * SECOND)
        self.state, self.offset, self.alerts = State(config), 0, []

    def sample(self, value: float, now: int, mark: int = 0) -> None:
        """Apply a sample, in a block of its own."""
        spans = SpansBuilder()
        spans.add(0, "a", ("p",), now, (value,), (mark,))
        gatherer = Gatherer(lambda _asset: 0)
        gatherer.add(Piece(SOURCE, np.array([self.offset]), spans.build()))
        self.offset += 1
        self._take(gatherer.flush()[0][0])

    def tick(self, now: int, latest: int) -> None:
        """Let the source be silent up to `now`."""
        self._take(tick_block([(SOURCE, Tick(0, self.offset, latest, now - latest))]))

    def _take(self, block) -> None:
        found = pipeline.judge(self.state, block)
        self.alerts += [e for e in found.events if e.type.startswith("io.alltobit.alert")]

    def told(self, name: str) -> list[tuple[str, int]]:
        """Return the alerts of a rule: state and event time."""
        return [
            (str(e.data.state), round(e.time.timestamp() * 1e9))
            for e in self.alerts
            if e.data.rule == name
        ]


ABOVE = Rule(name="above", point="p", above=80.0, clear=75.0, for_s=3.0, quality=0.97)
BELOW = Rule(name="below", point="p", below=20.0, clear=25.0, for_s=5.0, quality=0.97)
AT_ONCE = Rule(name="at-once", point="p", above=80.0, quality=0.0)
values = st.sampled_from([10.0, 20.0, 22.0, 25.0, 50.0, 75.0, 78.0, 80.0, 80.5, 99.0])


class Machine(RuleBasedStateMachine):
    """Samples good and bad, and time that passes; every rule must do what its reference does."""

    def __init__(self) -> None:
        super().__init__()
        self.signal = Signal(ABOVE, BELOW, AT_ONCE)
        self.references = [Reference(ABOVE), Reference(BELOW, -1), Reference(AT_ONCE)]
        self.now = self.latest = 1_000 * SECOND

    @rule(value=values, wait=st.integers(1, 4))
    def sample(self, value, wait):
        """Send a good sample."""
        self.now += wait * SECOND
        self.latest = self.now
        self.signal.sample(value, self.now)
        for reference in self.references:
            reference.sample(value, self.now)
            reference.quality(True)

    @rule(n=st.integers(1, 4))
    def bad(self, n):
        """Send samples without a value."""
        for _ in range(n):
            self.now += SECOND
            self.latest = self.now
            self.signal.sample(NAN, self.now, int(Quality.MISSING))
            for reference in self.references:
                if reference.state == "pending":
                    reference.due(self.now)  # the watermark passes
                reference.quality(False)

    @rule(wait=st.integers(1, 8))
    def silence(self, wait):
        """Let time pass."""
        self.now += wait * SECOND
        self.signal.tick(self.now, self.latest)
        for reference in self.references:
            if reference.state == "pending":
                reference.due(self.now)

    @invariant()
    def tells_the_same(self):
        """Compare all alerts so far."""
        for reference in self.references:
            assert self.signal.told(reference.rule.name) == reference.told


Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestMachine = Machine.TestCase

steps = st.lists(st.tuples(values, st.integers(1, 6)), min_size=1, max_size=30)


@settings(deadline=None, max_examples=60)
@given(steps=steps, ticks=st.lists(st.integers(0, 29)))
def test_a_watermark_lets_a_rule_fire_earlier_and_changes_no_event(steps, ticks):
    lazy, eager, now = Signal(ABOVE, BELOW), Signal(ABOVE, BELOW), 1_000 * SECOND
    for i, (value, wait) in enumerate(steps):
        if i in ticks:
            for second in range(wait):
                eager.tick(now + second * SECOND, now)
        now += wait * SECOND
        lazy.sample(value, now)
        eager.sample(value, now)
    for one in (lazy, eager):
        one.sample(50.0, now + 3600 * SECOND)

    assert {e.id: e for e in lazy.alerts} == {e.id: e for e in eager.alerts}
    assert len({e.id for e in eager.alerts}) == len(eager.alerts)


def told(rule, *samples):
    signal = Signal(rule)
    for now, value in samples:
        signal.sample(value, now * SECOND)
    return signal.told(rule.name)


def test_a_value_at_the_limit_is_not_past_it():
    assert told(AT_ONCE, (1, 80.0), (2, 80.1)) == [("firing", 2 * SECOND)]


def test_a_rule_fires_when_its_time_has_passed_not_at_the_sample_that_shows_it():
    assert told(ABOVE, (1, 90.0), (2, 90.0), (9, 90.0)) == [("firing", 4 * SECOND)]


def test_one_value_back_within_the_limit_begins_the_wait_anew():
    samples = [(1, 90.0), (3, 79.0), (4, 90.0), (6, 90.0), (7, 90.0)]

    assert told(ABOVE, *samples) == [("firing", 7 * SECOND)]


def test_a_firing_rule_resolves_only_past_its_hysteresis():
    samples = [(1, 90.0), (9, 90.0), (10, 78.0), (11, 76.0), (12, 75.0)]

    assert told(ABOVE, *samples) == [("firing", 4 * SECOND), ("resolved", 12 * SECOND)]


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("{value}", "91 Cel"),
        ("{value} {unit}", "91 Cel"),
        ("{value}{unit}!", "91 Cel!"),
        ("{value}, in {unit}", "91 Cel, in Cel"),
        ("{unit} {value}", "Cel 91 Cel"),
    ],
)
def test_a_value_says_its_unit_once_and_not_again_where_the_unit_follows(summary, said):
    assert filled(summary, {"value": "91 Cel", "unit": "Cel"}) == said
    signal = Signal(Rule(name="r", point="p", above=85.0, summary=summary), unit="Cel")
    signal.sample(91.0, SECOND)

    assert signal.alerts[0].data.summary == said


@pytest.mark.parametrize("summary", ["{unit}", "{asset}" * 900, "{point}" * 1900, "hot: {value}"])
def test_a_rules_own_words_never_break_its_alert(summary):
    signal = Signal(Rule(name="r", point="p", above=1.0, summary=summary))
    signal.sample(2.0, SECOND)

    assert 1 <= len(signal.alerts[0].data.summary) <= 2000
