"""A kind of fault: one row."""

from typing import NamedTuple


class Sign(NamedTuple):
    """A point that moves visibly, no later than `within_s` after the fault began, at severity 1."""

    where: str
    """A key of RELATIONS."""
    point: str
    within_s: float


class FaultKind(NamedTuple):
    """What a kind of fault does."""

    asset_kind: str
    """Kind of the asset that breaks; empty: any."""
    knobs: tuple[tuple[str, float], ...]
    ramp_s: float
    signs: tuple[Sign, ...]
    says: str = ""
    """What happens, in a line."""


TENSOR = "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"
TEMP, XID = "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_XID_ERRORS"
INLET, KILOWATTS = "Inlet_Air_Temperature", "Active_Power"
VIOLATION = "DCGM_FI_DEV_THERMAL_VIOLATION"


def _ib(name: str) -> str:
    return f"node_infiniband_{name}"


BYTES_OUT, SYMBOLS = _ib("port_data_transmitted_bytes_total"), _ib("symbol_error_total")
DOWNED, STATE, RATE = _ib("link_downed_total"), _ib("state_id"), _ib("rate_bytes_per_second")
WAIT = _ib("port_transmit_wait_total")
