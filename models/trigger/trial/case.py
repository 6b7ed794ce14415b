"""One test of rules: made-up series through detection, what fires beside what should."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from models.names import Config
from models.simulate.frame import Frame
from models.trigger.trial import incidents
from models.trigger.trial.fed import Fed
from models.trigger.trial.on_events import OnEvents
from models.trigger.trial.series import Signal, signal
from models.words import moment
from schemas.events import Event
from schemas.trigger import Alert, State
from schemas.trigger.rule_test import AlertTest, Case, Expected

SECOND_NS = 1_000_000_000
START_NS = 1_699_920_000 * SECOND_NS
"""Of the first samples: a midnight, so that windows begin with a bucket."""
_OF_ALERT = ("cell", "point", "severity", "level")
"""What `exp_labels` may name beside labels."""


def differences(config: Config, case: Case, interval_s: float) -> Iterator[str]:
    """Return, for each expectation that fails, a text of several lines. Raises `SeriesError`."""
    alerts = list(told(config, case, interval_s))
    for test in case.alert_rule_test:
        firing = [e for e in _firing(alerts, test.eval_time) if e.data.rule == test.alertname]
        missing, more = _unmatched(test.exp_alerts, firing)
        if missing or more:
            yield _difference(test, missing, more)


def told(config: Config, case: Case, interval_s: float) -> Iterator[Event[Alert]]:
    """Return all that rules tell of series and incidents of a case. Raises `SeriesError`."""
    frames = _frames([signal(one) for one in case.input_series], case.interval or interval_s)
    last = max((test.eval_time for test in case.alert_rule_test), default=0.0)
    last_ns = START_NS + round(last * SECOND_NS)
    fed, on_events = Fed(config), OnEvents(config.rules)
    for one in chain(fed.take(frames), fed.wait(last_ns)):
        for event in one.events:
            if isinstance(event.data, Alert):
                yield event
            else:
                on_events.take(event)
    for incident in incidents.events(case.input_incidents, moment(START_NS)):
        on_events.take(incident)
    yield from _as_named(on_events.told(last_ns), case)


def _as_named(alerts: Iterable[Event[Alert]], case: Case) -> Iterator[Event[Alert]]:
    """Name incidents as the case does: nobody knows their ids."""
    names = {incidents.named(one.incident): one.incident for one in case.input_incidents}
    for one in alerts:
        of = one.data.labels["event"]
        labels = one.data.labels | {"event": names.get(of, of)}
        yield one.model_copy(update={"data": one.data.model_copy(update={"labels": labels})})


def _frames(signals: Sequence[Signal], interval_s: float) -> Iterator[Frame]:
    """Put the samples of one asset at one time together."""
    longest = max((len(one.values) for one in signals), default=0)
    for i in range(longest):
        at: dict[str, dict[str, float]] = defaultdict(dict)
        for one in signals:
            value = one.values[i] if i < len(one.values) else None
            if value is not None:
                at[one.asset][one.point] = value
        time_ns = START_NS + round(i * interval_s * SECOND_NS)
        for asset, values in at.items():
            yield Frame(asset, time_ns, tuple(values), list(values.values()))


def _firing(alerts: Iterable[Event[Alert]], at_s: float) -> list[Event[Alert]]:
    """Return the alerts that fire at a moment."""
    now: dict[tuple[str, ...], Event[Alert]] = {}
    for event in sorted(alerts, key=lambda one: one.time):
        if event.time.timestamp() - START_NS / SECOND_NS <= at_s:
            now[event.subject, *map(str, sorted(event.data.labels.items()))] = event
    return [one for one in now.values() if one.data.state is State.FIRING]


def _unmatched(
    expected: Sequence[Expected], firing: Sequence[Event[Alert]]
) -> tuple[list[Expected], list[Event[Alert]]]:
    """Return what was expected and does not fire, and what fires and was not expected."""
    left, missing = list(firing), []
    for one in expected:
        found = next((event for event in left if _fits(one, event)), None)
        if found is None:
            missing.append(one)
        else:
            left.remove(found)
    return missing, left


def _fits(expected: Expected, event: Event[Alert]) -> bool:
    if _labels(event, expected.exp_labels) != expected.exp_labels:
        return False
    wanted = expected.exp_annotations
    return wanted is None or _annotations(event, wanted) == wanted


def _labels(event: Event[Alert], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return its labels, and what else of it is wanted."""
    more = {name: str(getattr(event.data, name)) for name in _OF_ALERT if name in wanted}
    return {"asset": event.data.asset, **more, **event.data.labels}


def _annotations(event: Event[Alert], wanted: Mapping[str, str]) -> dict[str, str]:
    more = {"summary": event.data.summary} if "summary" in wanted else {}
    return {**more, **event.data.annotations}


def _difference(test: AlertTest, missing: list[Expected], more: list[Event[Alert]]) -> str:
    lines = [f"{test.alertname} at {test.eval_time:g} s:"]
    for one in missing:
        lines.append(f"  - {_written(one.exp_labels)}")
        lines += [f"    - {name}: {text}" for name, text in (one.exp_annotations or {}).items()]
    for event in more:
        wanted = missing[0] if missing else Expected()
        lines.append(f"  + {_written(_labels(event, wanted.exp_labels))}")
        told_ = _annotations(event, wanted.exp_annotations or {})
        lines += [f"    + {name}: {text}" for name, text in told_.items()]
    return "\n".join(lines)


def _written(labels: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"
