"""Functions that users install for values by code: entry points in the group `alltobit.values`."""

import logging
from importlib.metadata import EntryPoint, entry_points

import numpy as np

from models.trigger.made import Function
from schemas.settings import Settings
from schemas.telemetry import Floats

GROUP = "alltobit.values"

log = logging.getLogger(__name__)


def installed() -> dict[str, EntryPoint]:
    """Return the functions that are installed, by name; none is loaded yet."""
    return {one.name: one for one in entry_points(group=GROUP)}


def functions(settings: Settings) -> dict[str, Function]:
    """Load the functions that the values of `settings` name; by value. Missing ones are left out.

    Raises what importing them raises.
    """
    there = installed()
    return {
        value.name: guarded(value.name, there[value.code].load())
        for value in settings.values
        if value.code in there
    }


def guarded(name: str, function: Function) -> Function:
    """Let a function that raises make no values, and say so: the rest of detection goes on."""

    def call(*inputs: Floats) -> Floats:
        try:
            return function(*inputs)
        except Exception:
            log.exception("the function of value %s failed: it has no values here", name)
            return np.full(inputs[0].shape, np.nan)

    return call
