"""Who is asked what: the instances of rules on values, and the signals that they read.

A signal joins when it is added, and counts from its first sample on: so it is the same however
samples are cut into blocks. After a load all is built anew, in the order of the signals, and what
was remembered under a rule that is as it was is put back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from models.gaps import NEVER
from models.peers.memory import alike
from models.store import Store
from models.trigger.machine.alike import Alike, Kin, Peer
from models.trigger.machine.covers import Covered, Covers, fits
from models.trigger.machine.rows import (
    BUCKET,
    BUCKETS,
    CITED,
    INSTANCE,
    LATER,
    MEMBER,
    PEER,
    READING,
    RING,
    ROOM,
    Machine,
)
from models.trigger.machine.tables import Asked, digest, flat, steps_of
from schemas.trigger import Each, Take
from schemas.units.point import bare

if TYPE_CHECKING:
    from models.state import State

_MOST_COVERED: Final = 100_000  # points
NOT_YET: Final = -2
"""Home of an instance with labels where none is without."""
STORES: Final = ("readings", "rings", "buckets", "instances", "cited", "slots")
"""What is saved."""

Key = tuple[int, str, str]
"""Of an instance: rule, asset or cell, labels."""


class Conditions:
    """The memory of one partition's rules on values."""

    def __init__(self, every: Sequence[Asked]) -> None:
        self.every = tuple(every)
        self.digests = [digest(one) for one in self.every]
        self.readings, self.rings, self.buckets = Store(READING), Store(RING), Store(BUCKET)
        self.instances, self.members = Store(INSTANCE), Store(MEMBER)
        self.firsts, self.cited, self.slots = Store(np.int32), Store(CITED), Store(np.int64)
        self.answers = Store(np.float64)
        self.reading_of = Store(np.int32)
        """By signal, where there are rules; -1: none reads it."""
        self.told = Store(CITED)
        """Evidence of what happened in the block that was applied last."""
        self.doubts: list[str] = []
        """What is to be told of rules that cannot be meant as they are; each once a start."""
        self._doubted: set[Covered] = set()
        self.most_inputs = max((len(one.inputs) for one in self.every), default=0)
        self._tables, self._covers = flat(self.every), Covers(self.every)
        self._covered: dict[str, list[Covered]] = {}
        self._steps = [steps_of(one) for one in self.every]
        self._ids: dict[Key, int] = {}
        self._homes: dict[tuple[int, str], list[tuple[Covered, int, int]]] = {}
        self._alike = Alike()
        self._labelled: dict[tuple[int, str], list[int]] = {}
        self._places = np.zeros(0, np.int32)
        self._most_places = 0
        depth = self._tables.depth
        self._scratch = np.zeros(depth), np.zeros(depth)
        self._several = np.zeros(16)
        self._samples = np.zeros(16, np.uint16), np.zeros(16)

    def given(self, room: int, samples: int) -> Machine | None:
        """Return what the loop is given; None where no rule has a condition."""
        return self.machine(room, samples) if self.every else None

    def take(self, machine: Machine | None) -> None:
        """Take over how far the loop has come."""
        self.told.size = int(machine.counts[0]) if machine else 0

    def machine(self, room: int, samples: int = 0) -> Machine:
        """Return what the loop is given, with room for the evidence of `room` more events.

        `samples`: the most of one span.
        """
        if len(self._samples[0]) < samples:
            self._samples = np.zeros(samples, np.uint16), np.zeros(samples)
        self.told.reserve(room * self.most_inputs)
        if len(self._several) < self.members.size:
            self._several = np.zeros(2 * self.members.size)
        tables = self._tables
        counts = np.array([self.told.size, 0], np.int64)
        return Machine(
            *tables[:4],
            self.readings.all,
            self.rings.all,
            self.buckets.all,
            self.members.all,
            self.instances.rows,
            self.firsts.all,
            self.cited.all,
            self.slots.all,
            self.answers.all,
            self.told.all,
            counts,
            *self._scratch,
            self._several,
            self.reading_of.all,
            *self._samples,
        )

    @property
    def room(self) -> int:
        """The most events of one sample."""
        return self._most_places * ROOM

    def reads(self, rows: Sequence[int]) -> bool:
        """Say whether rules read one of these signals; -1 is none."""
        return bool(self.every) and any(self.reading_of.all[row] >= 0 for row in rows if row >= 0)

    def join(self, state: State, row: int) -> None:
        """Let a new signal be read by the rules that name it."""
        if not self.every:
            return
        self.reading_of.reserve(1)
        self.reading_of.all[row] = -1
        self.reading_of.size = row + 1
        asset = state.names.assets[state.names.asset_of[row]]
        point = state.names.point_of[row]
        cell = state.names.cells[state.names.asset_of[row]]
        for what in self._of(state, point):
            rule = self.every[what.rule].rule
            asked = cell if rule.each is Each.CELL else asset
            bound = self.every[what.rule].inputs[what.input]
            is_in = fits(asked, rule.asset) and fits(asset, bound.signals.asset)
            labels = "" if rule.each is Each.CELL else point[len(bare(point)) :]
            if bound.of_peers:
                mine = Peer(asked if is_in else "", labels, self._reading(row, what), cell)
                for one, peer in self._alike.meet(Kin(what, cell, alike(asset), point), mine):
                    self._seat(what, one, peer.reading, PEER)
            elif is_in:
                mine = Peer(asked, labels, self._reading(row, what), cell)
                self._seat(what, mine, mine.reading, 1)

    def _of(self, state: State, point: str) -> list[Covered]:
        found = self._covered.get(point)
        if found is None:
            if len(self._covered) >= _MOST_COVERED:
                self._covered.clear()
            found = self._covered[point] = self._covers.of(state.config.names_of(point))
        return found

    def _reading(self, row: int, what: Covered) -> int:
        found = int(self.reading_of.all[row])
        if found < 0:
            found = self.readings.add(row=row, member=-1, ring=-1)
            last = self.readings.all[found]["last"]
            last["time_ns"] = last["seen_ns"] = NEVER
            last["rate"], last["lane"] = np.nan, -1
            self.reading_of.all[row] = found
        for step_ns in self._steps[what.rule][what.input]:
            self._ring(found, step_ns)
        return found

    def _ring(self, reading: int, step_ns: int) -> None:
        row = self.readings.all[reading]
        ring = int(row["ring"])
        while ring >= 0:
            if self.rings.all["step_ns"][ring] == step_ns:
                return
            ring = int(self.rings.all["next"][ring])
        row["ring"] = self.rings.add(newest=NEVER, step_ns=step_ns, next=row["ring"])
        self.buckets.reserve(BUCKETS)
        self.buckets.size += BUCKETS

    def _seat(self, what: Covered, whose: Peer, reading: int, founds: int) -> None:
        """Give a signal its place in the instances of a rule that it belongs to.

        `founds`: as a `Member` has it, where it is no more than looked at.
        """
        scope, mine = (what.rule, whose.asked), Covered(reading, what.input)
        is_new = (*scope, whose.labels) not in self._ids
        index = self._instance(what.rule, whose)
        if whose.labels:
            for other, own, looked_at in self._homes.get(scope, ()) if is_new else ():
                self._add(index, other, own, looked_at)
            self._add(index, mine, whose.reading, founds)
            return
        self._add(index, mine, whose.reading, founds)
        if self.every[what.rule].rule.each is Each.CELL:
            return
        looked_at = PEER if founds == PEER else 0
        self._homes.setdefault(scope, []).append((mine, whose.reading, looked_at))
        for sibling in self._labelled.get(scope, ()):
            self._add(sibling, mine, whose.reading, looked_at)

    def _instance(self, rule: int, whose: Peer) -> int:
        key = rule, whose.asked, whose.labels
        found = self._ids.get(key)
        if found is None:
            row = int(self.readings.all["row"][whose.reading])
            found = self._ids[key] = self._new(rule, row)
            answers = whose.answers(self.every[rule])
            self.instances.all["answer"][found] = self.answers.size
            self.answers.reserve(len(answers))
            self.answers.size += len(answers)
            self.answers.rows[self.answers.size - len(answers) :] = answers
            self._relate(found, (rule, whose.asked), whose.labels)
        return found

    def _new(self, rule: int, row: int) -> int:
        asked = self.every[rule]
        place, slot = self.firsts.size, self.slots.size
        for store, fill, many in (
            (self.firsts, -1, len(asked.inputs)),
            (self.slots, NEVER, asked.slots),
        ):
            store.reserve(many)
            store.all[store.size : store.size + many] = fill
            store.size += many
        for _ in asked.inputs:
            self.cited.add(row=-1)
        links = {"member": -1, "home": -1, "sibling": -1}
        size = asked.slots
        index = self.instances.add(rule=rule, place=place, slot=slot, slots=size, row=row, **links)
        now = self.instances.all[index]["now"]
        now["asked_ns"] = now["cleared_ns"] = NEVER
        now["open_ns"] = now["due_ns"] = LATER
        now["waits"] = -1
        return index

    def _relate(self, index: int, scope: tuple[int, str], labels: str) -> None:
        """Link an instance without labels and those with some, that take its place."""
        rows = self.instances.all
        labelled = self._labelled.get(scope, [])
        home = self._ids.get((*scope, ""), NOT_YET)
        if labels:
            rows["home"][index] = home
            rows["sibling"][index] = labelled[-1] if labelled else -1
            self._labelled.setdefault(scope, []).append(index)
            if home >= 0:
                rows["sibling"][home] = index
        elif labelled:
            rows["home"][labelled] = index
            rows["sibling"][index] = labelled[-1]

    def _add(self, instance: int, what: Covered, own: int, founds: int) -> None:
        reading, which = what
        at, signal = self.instances.all[instance], self.readings.all[reading]
        place = int(at["place"]) + which
        index = self.members.add(
            reading=reading,
            own=own,
            instance=instance,
            next=signal["member"],
            other=self.firsts.all[place],
            mate=at["member"],
            founds=founds,
        )
        if self.members.all["other"][index] >= 0:
            self._doubt(Covered(int(at["rule"]), which))
        signal["member"] = at["member"] = self.firsts.all[place] = index
        if reading >= len(self._places):
            self._places = np.concatenate([self._places, np.zeros(reading + 64, np.int32)])
        self._places[reading] += 1
        self._most_places = max(self._most_places, int(self._places[reading]))

    def _doubt(self, what: Covered) -> None:
        asked = self.every[what.rule]
        bound = asked.inputs[what.input]
        is_one = bound.signals.take is Take.ONE and not bound.of_peers
        if is_one and what not in self._doubted:
            self._doubted.add(what)
            told = f"rule {asked.rule.name}: `{bound.name}` stands for several signals of one"
            told += f" {asked.rule.each}, so it has no value there: give it a `take` in `where`"
            self.doubts.append(told)

    def key(self, state: State, index: int) -> Key:
        """Return which one an instance is."""
        row = self.instances.all[index]
        rule, signal = int(row["rule"]), int(row["row"])
        asset = state.names.asset_of[signal]
        if self.every[rule].rule.each is Each.CELL:
            return rule, state.names.cells[asset], ""
        point = state.names.point_of[signal]
        return rule, state.names.assets[asset], point[len(bare(point)) :]

    def found(self, key: Key) -> int:
        """Return the index of an instance; -1: there is none."""
        return self._ids.get(key, -1)
