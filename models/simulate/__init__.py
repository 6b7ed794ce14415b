"""A simulated AI data centre: `Plant(seed=1, faults=(Fault(...),)).run(start_ns, seconds)`."""

from models.simulate.defaults import default_points, default_rules
from models.simulate.faults import FAULTS, KINDS_OF_FAULTS, SLOW, Course, Fault
from models.simulate.frame import Frame, Table, Tick
from models.simulate.plant import Plant
from models.simulate.truth import Effect, Truth, expected, truth

__all__ = [
    "FAULTS",
    "KINDS_OF_FAULTS",
    "SLOW",
    "Course",
    "Effect",
    "Fault",
    "Frame",
    "Plant",
    "Table",
    "Tick",
    "Truth",
    "default_points",
    "default_rules",
    "expected",
    "truth",
]
