"""A simulated AI data centre: `Plant(seed=1, faults=(Fault(...),)).run(start_ns, seconds)`."""

from models.simulate.defaults import default_points, default_rules
from models.simulate.fault_kinds import FAULTS, KINDS_OF_FAULTS, SLOW
from models.simulate.faults import Course, Drain, Fault
from models.simulate.frame import Frame, Table, Tick
from models.simulate.plant import Plant
from models.simulate.schedule import by_rates, drains, mixed
from models.simulate.truth import (
    Effect,
    Found,
    Truth,
    Witness,
    effects,
    expected,
    other_end,
    truth,
    witness,
)
from models.simulate.twin import Change

__all__ = [
    "FAULTS",
    "KINDS_OF_FAULTS",
    "SLOW",
    "Change",
    "Course",
    "Drain",
    "Effect",
    "Fault",
    "Found",
    "Frame",
    "Plant",
    "Table",
    "Tick",
    "Truth",
    "Witness",
    "by_rates",
    "default_points",
    "default_rules",
    "drains",
    "effects",
    "expected",
    "mixed",
    "other_end",
    "truth",
    "witness",
]
