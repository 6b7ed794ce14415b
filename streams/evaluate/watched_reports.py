"""Incidents of simulated plants, as the cascade told of them: what writers are tried on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from models.evaluate.cascade.plan import Timing
from models.report.belongs import Belonging
from models.report.specimens import Specimen
from schemas.anomaly import Anomaly
from schemas.cascade import Incident, Stage
from schemas.events import Event
from streams.evaluate.cascade import broken, known, made
from streams.evaluate.watched import watched

SIZE: Final = 512
"""GPUs."""
_FAULTS: Final = 33
"""Of a plant: each kind once."""
_TIMING: Final = Timing(warm_s=600.0, lasts_s=180.0, gap_s=60.0, step_s=5.0)
_MOST: Final = 50
"""Plants, at most, however few incidents each has."""


@dataclass(slots=True)
class Heard:
    """All that was told of a plant."""

    anomalies: list[Event[Anomaly]] = field(default_factory=list)
    incidents: dict[str, list[Event[Incident]]] = field(default_factory=dict)
    """Of each what was told, in order."""

    def take(self, anomalies: list[Event[Anomaly]], incidents: list[Event[Incident]]) -> None:
        """Take in what a tick told."""
        self.anomalies += anomalies
        for one in incidents:
            self.incidents.setdefault(one.data.incident, []).append(one)

    def specimens(self, rng: np.random.Generator) -> Iterator[Specimen]:
        """Yield each incident at a stage drawn by chance, with its anomalies until then.

        One that has merged into another is a line in reports, and none of these.
        """
        for told in self.incidents.values():
            whole = [one for one in told if one.data.stage is not Stage.MERGED]
            if whole:
                event = whole[int(rng.integers(len(whole)))]
                has, now = Belonging(event).has, event.time
                yield Specimen(event, [x for x in self.anomalies if x.time <= now and has(x)])


def lived(seed: int, many: int, size: int = SIZE) -> Iterator[Specimen]:
    """Yield so many incidents, of as many plants as it takes; each seed is a plant."""
    left = many
    for one in range(seed, seed + _MOST):
        heard = heard_of(one, size)
        for specimen in heard.specimens(np.random.default_rng([one, 15])):
            if left == 0:
                return
            left -= 1
            yield specimen


def heard_of(seed: int, size: int = SIZE, faults: int = _FAULTS) -> Heard:
    """Let a plant break, one thing after the other, and return all that was told of it."""
    plant, heard = broken(made(size, seed, 0.0, 0.0), faults, 0.0, _TIMING), Heard()
    watched(plant, known(plant, 0.0), _TIMING, heard.take)
    return heard
