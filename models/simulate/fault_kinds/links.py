"""What can break in the fabric."""

from models.simulate.fault_kinds.row import (
    BYTES_OUT,
    DOWNED,
    RATE,
    STATE,
    SYMBOLS,
    TENSOR,
    WAIT,
    FaultKind,
    Sign,
)

LINKS: dict[str, FaultKind] = {
    "ib_errors": FaultKind(
        "ib",
        (("ib.error_rate", 40.0), ("ib.lost", 0.7)),
        20.0,
        (
            Sign("itself", SYMBOLS, 10),
            Sign("other_end", SYMBOLS, 10),
            Sign("job_links", BYTES_OUT, 60),
            Sign("job_links", WAIT, 60),
            Sign("job_gpus", TENSOR, 60),
        ),
        "bit errors on a NIC's link: both ends count them, its ring waits",
    ),
    "ib_flap": FaultKind(
        "ib",
        (("ib.flap", 1.0), ("ib.error_rate", 4.0)),
        0.0,
        (
            Sign("itself", DOWNED, 45),
            Sign("other_end", DOWNED, 45),
            Sign("itself", STATE, 45),
            Sign("job_gpus", TENSOR, 45),
        ),
        "a NIC's link goes down and up again and again",
    ),
    "ib_degraded": FaultKind(
        "ib",
        (("ib.narrow", 0.75),),
        0.0,
        (
            Sign("itself", RATE, 5),
            Sign("other_end", RATE, 5),
            Sign("job_links", WAIT, 30),
            Sign("job_gpus", TENSOR, 30),
        ),
        "a NIC's link came up with fewer lanes: no errors, its ring waits",
    ),
    "ib_slow": FaultKind(
        "ib",
        (("ib.slow", 0.7),),
        10.0,
        (
            Sign("other_end", WAIT, 20),
            Sign("itself", BYTES_OUT, 40),
            Sign("job_links", WAIT, 40),
            Sign("job_gpus", TENSOR, 40),
        ),
        "a NIC takes data slowly: no errors, its leaf port and its ring wait",
    ),
    "uplink_errors": FaultKind(
        "uplink",
        (("uplink.error_rate", 60.0), ("uplink.lost", 0.9)),
        20.0,
        (Sign("itself", SYMBOLS, 10), Sign("other_end", SYMBOLS, 10), Sign("itself", WAIT, 30)),
        "bit errors between leaf and spine: jobs that cross it wait",
    ),
    "uplink_flap": FaultKind(
        "uplink",
        (("uplink.flap", 1.0), ("uplink.error_rate", 4.0)),
        0.0,
        (Sign("itself", DOWNED, 45), Sign("other_end", DOWNED, 45), Sign("itself", STATE, 45)),
        "a link between leaf and spine goes down again and again",
    ),
    "spine_congested": FaultKind(
        "spine",
        (("spine.congestion", 0.95),),
        10.0,
        (Sign("itself", "PortXmitWait", 20), Sign("spine_ports", WAIT, 20)),
        "a spine carries a twentieth: its ports wait, and the jobs that cross it",
    ),
}
