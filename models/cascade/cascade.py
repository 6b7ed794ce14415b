"""Anomalies of a site in, incidents out: one value that moves with event time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import nan
from typing import Final

import numpy as np

from models.cascade import telling
from models.cascade.delays import Delays
from models.cascade.explain import Reasoner, Rival
from models.cascade.fates import Fates
from models.cascade.groups import Group, Groups, Key, signs
from models.cascade.idle import Seen, is_well
from models.cascade.incidents import Change, Foretold, Incidents, Now, Place, Standing, of_work
from models.cascade.order import FOREVER
from models.cascade.physics import FAULTS, felt, physics
from models.cascade.reach import NO_ONE, ground, space
from models.cascade.recovery import coming_back
from models.cascade.spread import Coming, Course, Spread
from models.events import event_id
from models.site import Graph
from models.words import moment, shortened
from schemas.anomaly import Anomaly
from schemas.cascade import Incident, Outcome, Radius, Stage
from schemas.events import Event, Kind

STEP_S: Final = 2.0
"""New signs are explained this often."""
REST_S: Final = 5.0
"""Without new signs, open incidents are looked at this often."""
LEARNS: Final = 0.6
"""What came of an incident is learned from where its cause was at least this likely."""
_KIND: Final = {
    Stage.OPENED: Kind.INCIDENT_OPENED,
    Stage.UPDATED: Kind.INCIDENT_UPDATED,
    Stage.RESOLVED: Kind.INCIDENT_RESOLVED,
    Stage.MERGED: Kind.INCIDENT_MERGED,
}


def moved(cause: Rival, before: Graph, graph: Graph) -> Rival | None:
    """Return a cause where it stands in another graph; None: it is not there."""
    asset = graph.place(before.names[cause.asset])
    other = graph.place(before.names[cause.other]) if cause.other >= 0 else cause.other
    if asset < 0 or (cause.other >= 0 and other < 0):
        return None
    return cause._replace(asset=asset, other=other)


def reasoner(graph: Graph) -> Reasoner:
    """Return what asks `graph` for causes."""
    return Reasoner(graph, ground(graph), physics(), space(graph))


@dataclass(slots=True)
class Cascade:
    """What is known of one site. Time passes with `step`, in event time."""

    name: str
    spread: Spread
    incidents: Incidents
    groups: Groups = field(default_factory=Groups)
    fates: Fates = field(default_factory=Fates)
    looked_ns: int = 0
    """When signs were explained last."""
    changed: bool = False
    """Signs have come or gone since."""

    @classmethod
    def of(cls, name: str, graph: Graph) -> "Cascade":
        """Begin to watch a site."""
        return cls(name, Spread(reasoner(graph), Delays()), Incidents(name))

    @property
    def graph(self) -> Graph:
        """Return the site graph."""
        return self.spread.reasoner.graph

    def move(self, graph: Graph) -> None:
        """Go on with another graph; what is open stays open."""
        for standing in self.incidents.all:
            if standing.cause is not None:
                standing.cause = moved(standing.cause, self.graph, graph)
        self.spread = Spread(reasoner(graph), self.spread.delays)

    def take(self, event: Event[Anomaly], time_ns: int) -> None:
        """Take one anomaly in, at event time."""
        if self.groups.take(event, time_ns) is not None:
            self.changed = True

    def due_ns(self) -> int:
        """Return when to look again; `FOREVER`: nothing can happen until something is taken in."""
        if not (self.changed or self.groups.all or self.incidents.all):
            return FOREVER
        return self.looked_ns + round((STEP_S if self.changed else REST_S) * 1e9)

    def step(self, now_ns: int) -> list[Event[Incident]]:
        """Let time pass; return what is to be told."""
        if now_ns < self.due_ns():
            return []
        self.looked_ns, self.changed = now_ns, False
        self._forget(list(self.groups.over(now_ns, self.incidents.holds())))
        seen = Seen(self.graph, self.groups.all, now_ns)
        named, rest = self._explain(now_ns)
        well = {key for key in rest if is_well(seen, self.groups.all[key])}
        lonely = tuple(sorted({asset for asset, _ in rest - well}))
        changes = self.incidents.step(named, seen)
        for standing in self.incidents.all:
            folds = sum(group.many for group in self._known(standing))
            standing.folded = max(standing.folded, folds)
            self.fates.see(standing.keys & self.groups.all.keys(), ())
        self.fates.see((), of_work(named) | well)
        told = [self._tell(change, lonely, now_ns) for change in changes]
        over = [change.standing for change in changes if change.stage is Stage.RESOLVED]
        for standing in over:
            known = standing.keys & self.groups.all.keys()
            self._forget(key for key in known if not self.groups.all[key].lasts)
        return told

    def _forget(self, keys: Iterable[Key]) -> None:
        keys = list(keys)
        self.fates.end(self.groups.all[key] for key in keys)
        self.groups.forget(keys)

    def _explain(self, now_ns: int) -> tuple[list[Now], frozenset[Key]]:
        """Explain all signs; return the causes with names, and the signs that none explains."""
        graph = self.graph
        back = coming_back(self.incidents.all, self.groups.all, self.spread, now_ns)
        known = [group for key, group in self.groups.all.items() if key not in back]
        known.sort(key=lambda group: (group.first_ns, group.asset, group.says))
        every = [graph.place(group.asset) for group in known]
        known = [group for group, place in zip(known, every, strict=True) if place >= 0]
        places = [place for place in every if place >= 0]
        explained = self.spread.reasoner.explain(signs(known, places, graph.kinds, now_ns), 0.0)
        named = [
            (one, frozenset(known[i].key for i in one.signs), tuple(self._places(one.rivals)))
            for one in explained
        ]
        return named, frozenset(self.groups.all).difference(back, *(keys for _, keys, _ in named))

    def _known(self, standing: Standing) -> list[Group]:
        """Return the signs of an incident, those that are still known."""
        return [self.groups.all[key] for key in standing.keys & self.groups.all.keys()]

    def _places(self, rivals: Iterable[Rival]) -> Iterable[Place]:
        names = self.graph.names
        for rival in rivals:
            yield Place(names[rival.asset], names[rival.other] if rival.other >= 0 else "")

    def _tell(self, change: Change, lonely: tuple[str, ...], now_ns: int) -> Event[Incident]:
        standing = change.standing
        if change.explained is None or change.cause is None:
            body = self._ended(change, now_ns)
        else:
            body = self._goes_on(change, lonely, now_ns)
        return Event[Incident](
            id=event_id(standing.id, change.stage, now_ns, body.causes[0].asset),
            source=f"/alltobit/{self.name}",
            type=_KIND[change.stage],
            subject=f"incident/{standing.id}",
            time=moment(now_ns),
            dataschema="urn:alltobit:schema:incident:1",
            data=body,
        )

    def _goes_on(self, change: Change, lonely: tuple[str, ...], now_ns: int) -> Incident:
        standing, explained, cause = change.standing, change.explained, change.cause
        assert explained is not None  # noqa: S101 - asked before
        assert cause is not None  # noqa: S101
        course = self.spread.course(cause)
        groups = sorted(self._known(standing), key=lambda group: group.key)
        began = telling.onsets(groups)
        comings = self._comings(course, groups, standing, cause)
        outcomes = self._outcomes(standing, began, now_ns)
        page = telling.Page(self.graph, standing, explained, course, groups, began, comings, cause)
        reach = telling.radius(page)
        body = Incident(
            incident=standing.id,
            stage=change.stage,
            since=moment(standing.since_ns),
            quality=round(float(np.mean([group.quality for group in groups])), 4),
            summary=shortened(telling.summary(page, reach)),
            evidence=telling.evidence(page),
            causes=telling.causes(page, now_ns),
            followers=telling.followers(page),
            counts=telling.counts(page),
            unexplained=lonely[: telling.UNEXPLAINED],
            folded=standing.folded,
            radius=reach,
            spread=telling.spread(page, now_ns),
            outcomes=outcomes[: telling.OUTCOMES],
        )
        self._remember(standing, body, cause, now_ns)
        return body

    def _comings(
        self, course: Course, groups: list[Group], standing: Standing, cause: Rival
    ) -> list[Coming]:
        names = self.graph.names
        is_seen = np.zeros(course.assets.size, np.bool_)
        rows = course.rows(np.array([*map(self.graph.place, standing.reached)], np.int64))
        is_seen[rows[rows != NO_ONE]] = True
        ends = {names[cause.asset], names[cause.other] if cause.other >= 0 else ""}
        own = {group.says for group in groups if group.asset in ends}
        return self.spread.coming(course, is_seen, -cause.onset_s, felt(FAULTS[cause.fault], own))

    def _remember(self, standing: Standing, body: Incident, cause: Rival, now_ns: int) -> None:
        standing.told_ns, standing.told_place = now_ns, standing.place
        standing.told_reached = len(standing.reached)
        standing.body, standing.cause = body, cause._replace(onset_s=cause.onset_s + now_ns / 1e9)
        late = {
            name: one for name, one in standing.foretold.items() if name not in standing.reached
        }
        fresh = {
            one.asset: Foretold(one.probability, round(one.p50.timestamp() * 1e9))
            for one in body.spread
        }
        standing.foretold = fresh | late

    def _outcomes(
        self, standing: Standing, first: dict[str, int], now_ns: int
    ) -> tuple[Outcome, ...]:
        """Say of those foretold who was reached; and, at the end, who was not."""
        return tuple(
            Outcome(
                asset=name,
                probability=one.probability,
                expected=moment(one.expected_ns),
                reached=moment(first[name]) if name in first else None,
            )
            for name, one in standing.foretold.items()
            if name in first or standing.ended_ns == now_ns
        )

    def _ended(self, change: Change, now_ns: int) -> Incident:
        """Tell the end of an incident, and learn from it."""
        standing, last = change.standing, change.standing.body
        assert last is not None  # noqa: S101 - it was told when it opened
        outcomes = self._outcomes(standing, telling.onsets(self._known(standing)), now_ns)
        if change.stage is Stage.RESOLVED:
            self._learn(standing)
        lasted_s = (now_ns - standing.since_ns) / 1e9
        end = (
            f"is over after {lasted_s:.0f} s" if not change.into else "is part of another incident"
        )
        cause = last.causes[0]
        name = " - ".join(cause.ends) or cause.asset
        return last.model_copy(
            update={
                "stage": change.stage,
                "summary": f"{name}: {end}",
                "folded": standing.folded,
                "spread": (),
                "radius": Radius(assets=0, gpus=0, jobs=0),
                "outcomes": outcomes[: telling.OUTCOMES],
                "merged_into": change.into,
            }
        )

    def _learn(self, standing: Standing) -> None:
        cause, body = standing.cause, standing.body
        if cause is None or body is None or body.causes[0].probability < LEARNS:
            return
        place = self.graph.place(body.causes[0].asset)
        if place not in {cause.asset, cause.other}:
            return  # the graph has changed
        course, first = self.spread.course(cause), telling.onsets(self._known(standing))
        names = (self.graph.names[asset] for asset in course.assets)
        took_s = [first[name] / 1e9 - cause.onset_s if name in first else nan for name in names]
        self.spread.learn(course, np.array(took_s))
