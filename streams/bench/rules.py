"""Share of a core that 1,000 conditions over 100,000 signals at 1 Hz cost, beside CEL one by one.

The same samples go through detection with and without the rules, in turns; what the rules cost is
the difference. Beside it stands a loop that hands each evaluation to CEL's own library: which could
not do the half of them (windows, time), so there each counts as a comparison of two numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import thread_time_ns
from typing import Annotated

import msgspec
import numpy as np
import typer
from cel_expr_python import cel

from models import warmup
from models.names import Config
from models.state import State
from schemas.trigger import Rule
from streams.bench.pinned import load, pinned
from streams.bench.state import POINT_NAMES, POINTS, Feed

SIGNALS, RULES = 100_000, 1_000
GROUPS = RULES // POINTS
"""Of assets: each has rules of its own, one a point."""
SETTLED_S = 10  # of event time, before anything is measured
BLOCK = 20_000  # samples
_EVALUATIONS = 100_000  # of CEL, that are timed

KINDS = (
    ("one value past a limit", "{x} > 55", 4),
    ("two values", "{x} > 52 && {y} < 48", 2),
    ("a mean of five minutes", '{x}.avg("5m") > 50.5', 2),
    ("held for a minute", 'held({x} > 49, "1m")', 2),
)
"""What a rule is, and how many of ten are so."""


def rules() -> tuple[Rule, ...]:
    """Return the rules: each on one point, or two, of one asset in ten."""
    return tuple(
        Rule(
            name=f"r-{group}-{i}",
            condition=_condition(i, point),
            asset=f"node-????{group}/gpu?",
            for_s=10.0,
        )
        for group in range(GROUPS)
        for i, point in enumerate(POINT_NAMES)
    )


def _condition(number: int, point: str) -> str:
    texts = [text for _, text, many in KINDS for _ in range(many)]
    other = POINT_NAMES[(number + 1) % POINTS]
    return texts[number % len(texts)].format(x=point, y=other)


@dataclass(slots=True)
class Cost:
    """Processor time of detection, with rules and without."""

    seconds: int = 0
    """Of event time: so many samples a signal."""
    with_ns: int = 0
    without_ns: int = 0
    shares: list[float] = field(default_factory=list)
    """Of each second."""
    asked: int = 0
    instances: int = 0
    cel_ns: float = 0.0
    """An evaluation."""

    @property
    def share(self) -> float:
        """Share of a core that the rules cost: the median over the seconds."""
        return float(np.median(self.shares))

    @property
    def cel_share(self) -> float:
        """Share of a core of the same evaluations by CEL's library."""
        return self.asked / self.seconds * self.cel_ns / 1e9

    @property
    def ratio(self) -> float:
        """How often as long CEL's library takes."""
        return self.cel_share / self.share

    def lines(self) -> Iterator[str]:
        """Say it for people."""
        mix = ", ".join(f"{many} in 10 {name}" for name, _, many in KINDS)
        yield f"{RULES:,} rules ({mix}), each on one asset in {GROUPS}; {SIGNALS:,} signals at 1 Hz"
        each = self.asked / self.seconds
        yield f"{self.instances:,} instances, {each:,.0f} evaluations a second of event time"
        whole, bare = (ns / self.seconds / 1e9 for ns in (self.with_ns, self.without_ns))
        yield f"detection: {whole:.3f} of a core with the rules, {bare:.3f} without"
        yield f"{1e9 * self.share / each:,.0f} ns an evaluation, taking the sample in, all told"
        yield (
            f"CEL's library: {self.cel_ns / 1e3:.2f} us an evaluation, {self.cel_share:.2f} of a "
            f"core: {self.ratio:.0f} times as much"
        )


def cel_ns() -> float:
    """Return what one evaluation by CEL's library takes, in ns: a comparison of a value."""
    env = cel.NewEnv(variables={"x": cel.Type.DOUBLE})
    expression = env.compile("x > 55.0")
    values = np.random.default_rng(1).normal(50.0, 1.0, _EVALUATIONS).tolist()
    began = thread_time_ns()
    held = sum(expression.eval(data={"x": value}).value() for value in values)
    assert held < _EVALUATIONS  # noqa: S101 - else what was measured is something else
    return (thread_time_ns() - began) / _EVALUATIONS


def measure(seed: int, seconds: int) -> Cost:
    """Run the same seconds with and without the rules, in turns."""
    runs = [
        (State(Config(rules=rules())), Feed(SIGNALS, seed)),
        (State(Config()), Feed(SIGNALS, seed)),
    ]
    for state, feed in runs:
        for _ in range(SETTLED_S):
            _second(state, feed)
    cost, (ruled, _) = Cost(), runs[0]
    for _ in range(seconds):
        before = ruled.conditions.instances.rows["now"]["asked_ns"].copy()
        spent = [_second(*one) for one in runs]
        now = ruled.conditions.instances.rows["now"]["asked_ns"]
        cost.asked += int(np.count_nonzero(now != before))
        cost.with_ns += spent[0]
        cost.without_ns += spent[1]
        cost.shares.append((spent[0] - spent[1]) / 1e9)
    cost.seconds, cost.instances = seconds, ruled.conditions.instances.size
    cost.cel_ns = cel_ns()
    return cost


def _second(state: State, feed: Feed) -> int:
    """Apply one sample of every signal; return the processor time in ns."""
    blocks = [feed.block(BLOCK) for _ in range(SIGNALS // BLOCK)]
    began = thread_time_ns()
    samples = sum(state.apply(block).samples for block in blocks)
    spent = thread_time_ns() - began
    assert samples == SIGNALS  # noqa: S101 - else what was measured is something else
    return spent


def run(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the values.")] = 1,
    seconds: Annotated[int, typer.Option(min=1, help="Of event time.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1: a larger share.")] = None,
) -> None:
    """Run conditions over values, and compare with CEL's own library, one by one."""
    with pinned() as cpu:
        warmup.warm_up()
        cost = measure(seed, seconds)
    if as_json:
        figures = {"share": cost.share, "cel_share": cost.cel_share, "ratio": cost.ratio}
        typer.echo(msgspec.json.encode({**figures, "cost": cost, "load": load()}).decode())
    else:
        typer.echo(f"one thread on processor {cpu}; {load()}")
        for line in cost.lines():
            typer.echo(line)
        typer.echo(f"rules: {cost.share:.3f} of a core")
    if fail_over is not None and cost.share > fail_over:
        raise typer.Exit(1)
