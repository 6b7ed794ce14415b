"""What the rules on one signal do at one of its samples; the loop of `models.signals` asks."""

from models import happened as tell
from models.compiled import compiled
from models.rows import Signal, Span, Table
from models.trigger import limit as trigger
from schemas.telemetry import Quality

RESET = int(Quality.RESET)


@compiled
def judge(  # noqa: PLR0913, PLR0917 - one sample
    bindings: Table,
    limits: Table,
    signal: Signal,
    span: Span,
    value: float,
    flaws: int,
    happened: Table,
    n: int,
) -> int:
    """Apply the rules of `signal` to one usable sample; count the events."""
    b = signal.binding
    while b >= 0:
        binding = bindings[b]
        limit = limits[binding.rule]
        if not flaws & RESET or trigger.holds_at_least(limit, value):
            n = _one(binding, b, limit, signal, span, value, flaws, happened, n)
        b = binding.next
    return n


@compiled
def _one(  # noqa: PLR0913, PLR0917 - one sample
    binding: trigger.Binding,
    index: int,
    limit: trigger.Limit,
    signal: Signal,
    span: Span,
    value: float,
    flaws: int,
    happened: Table,
    n: int,
) -> int:
    """Apply one rule to one sample; count the events."""
    waited = trigger.due(binding, limit, span.time_ns)
    if waited != trigger.NOTHING:
        n = tell.rule(happened, n, binding, index, waited, limit.for_ns)
    was = binding.state
    done = trigger.step(binding, limit, value, span.time_ns)
    binding.good = signal.quality.good
    if was == trigger.IDLE and binding.state == trigger.PENDING:
        binding.offset = span.offset
        binding.source = span.source
        binding.mark = flaws
        done = trigger.due(binding, limit, span.time_ns)
    if done != trigger.NOTHING:
        n = tell.rule(happened, n, binding, index, done, limit.for_ns)
    if done == trigger.RESOLVE:
        event = happened[n - 1]
        event.time_ns = span.time_ns
        event.value = value
        event.offset = span.offset
        event.source = span.source
        event.mark = flaws
    return n


@compiled
def waited(bindings: Table, limits: Table, signals: Table, lanes: Table, happened: Table) -> int:
    """Let every rule fire that the watermark of its signal's lane has reached; count the events.

    `happened` must have room for one event a binding.
    """
    n = 0
    for b in range(bindings.size):
        binding = bindings[b]
        if binding.state == trigger.PENDING:
            limit = limits[binding.rule]
            lane = lanes[signals[binding.row].lane]
            what = trigger.due(binding, limit, lane.watermark_ns)
            if what != trigger.NOTHING:
                n = tell.rule(happened, n, binding, b, what, limit.for_ns)
    return n
