"""An incident as a person reads it: what it is, who follows, who is next and when."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from pydantic import ValidationError

from schemas.cascade import AssetKind, Cause, EdgeKind, Follower, Incident, Next, Outcome

_FEW, _NEXT = 3, 4
_WAYS = {
    EdgeKind.FEEDS: "its power",
    EdgeKind.COOLS: "its cooling",
    EdgeKind.LINKS: "a link",
    EdgeKind.CONTAINS: "where it stands",
    EdgeKind.RUNS: "the job",
}


def block(data: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the lines below an incident's summary; none where `data` is no incident."""
    try:
        incident = Incident.model_validate(data)
    except ValidationError:
        return
    is_over = incident.stage.is_over
    for word, cause in zip(("cause", *["or"] * _FEW), incident.causes, strict=False):
        if word == "cause" or not is_over:
            yield f"{word:<9}{_cause(cause)}"
    if not is_over:
        yield from _reach(incident)
    for outcome in incident.outcomes[:_FEW]:
        yield f"{'foretold':<9}{_outcome(outcome)}"
    if incident.unexplained:
        yield f"{'besides':<9}{', '.join(incident.unexplained)}: not explained by it"
    if incident.merged_into:
        yield f"{'goes on':<9}as {incident.merged_into}"


def _reach(incident: Incident) -> Iterator[str]:
    shows = ", ".join(f"{one.assets} {one.kind}" for one in incident.counts)
    yield f"{'shows at':<9}{shows or 'nothing'}; {incident.folded} anomalies in all"
    for follower in incident.followers[:_FEW]:
        yield f"{'reached':<9}{_follower(follower)}"
    for one in _of_each_kind(incident.spread)[:_NEXT]:
        yield f"{'next':<9}{_next(one)}"


def about(data: Any) -> set[str]:  # noqa: ANN401 - any JSON
    """Return what an event is about: an asset; of an incident also its id and its causes' ends."""
    causes = data.get("causes") if isinstance(data.get("causes"), list) else []
    first = causes[0] if causes and isinstance(causes[0], dict) else {}
    names = [data.get("asset"), data.get("incident"), first.get("asset"), *first.get("ends", ())]
    return {str(name) for name in names if name}


def _of_each_kind(coming: Sequence[Next]) -> list[Next]:
    """Return the first of each kind, then the others."""
    seen: Counter[AssetKind] = Counter()
    ranked = []
    for i, one in enumerate(coming):
        ranked.append((seen[one.kind], i))
        seen[one.kind] += 1
    return [coming[i] for _, i in sorted(ranked)]


def _cause(cause: Cause) -> str:
    name = " - ".join(cause.ends) or cause.asset
    what = f"{name} ({cause.medium})" if cause.medium else f"{name} ({cause.kind})"
    return f"{what}, {cause.probability:.0%}, since {_time(cause.since)}: {cause.text}"


def _follower(one: Follower) -> str:
    return f"{one.asset} ({one.kind}) after {one.delay_s:g} s, {_way(one.via)}"


def _way(via: Sequence[EdgeKind]) -> str:
    """Say by what an asset was reached, in order; what comes again at once, once."""
    words = [_WAYS[edge] for edge, _ in groupby(via)]
    return f"through {', then '.join(words)}" if words else "where it began"


def _next(one: Next) -> str:
    between = f"{_time(one.p10)} to {_time(one.p90)}"
    return f"{one.asset} ({one.kind}), {one.probability:.0%}, at {_time(one.p50)} ({between})"


def _outcome(one: Outcome) -> str:
    came = f"reached at {_time(one.reached)}" if one.reached else "was not reached"
    return f"{one.asset} with {one.probability:.0%} for {_time(one.expected)}: {came}"


def _time(time: datetime) -> str:
    return f"{time:%H:%M:%SZ}"
