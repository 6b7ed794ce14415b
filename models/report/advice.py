"""What a person could check first, by the kind of fault. Never a writer's own idea.

General practice of operators; the order is the order to try. No names and no numbers: those are in
the record.
"""

from typing import Final

from schemas.cascade import Fault

ADVICE: Final[dict[Fault, tuple[str, ...]]] = {
    Fault.LINK: (
        "Read the error counters and the lane state at both ends of the link.",
        "Reseat the cable or transceiver at both ends; if errors go on, swap the cable.",
        "Take the link out of routing if jobs wait for it.",
    ),
    Fault.COMPUTE: (
        "Read the XID and ECC history of the GPU and the kernel log of its node.",
        "Drain the node, then reset the GPU; if it comes back, run the vendor's diagnostics.",
    ),
    Fault.HEAT: (
        "Check the fans, the airflow and the heat sink of this machine beside its neighbours.",
        "Move work away from it until it is cool.",
    ),
    Fault.COOLING: (
        "Check state, alarms and setpoints of the cooling unit on site.",
        "Bring up the standby unit if there is one.",
        "Ask the owners of the jobs to lower power before GPUs throttle.",
    ),
    Fault.POWER: (
        "Check input, load and state of the power unit and its breaker on site.",
        "Confirm that the redundant feed carries the load.",
    ),
    Fault.LEAK: (
        "Send a person to the place of the leak sensor at once.",
        "Close the valve of the loop if the leak is confirmed.",
    ),
    Fault.CONGESTION: (
        "See which jobs share the path and how their traffic is placed.",
        "Check whether adaptive routing is on and all parallel links are up.",
    ),
    Fault.HOST: (
        "Try to reach the node and its management controller.",
        "Read the kernel log and the state of the agent that reports for it.",
    ),
    Fault.SENSOR: (
        "Compare the reading with a second sensor or a reading by hand.",
        "Do not act on this reading until it is confirmed.",
    ),
    Fault.CLOCK: ("Check time synchronisation of the machine and its source.",),
    Fault.WORKLOAD: ("Ask the owner of the job whether its work has changed.",),
    Fault.UNKNOWN: ("Look at the facts at the first anomaly and at what changed before it.",),
}
OF_ALERT: Final = ("Look at the value and its rule, then at the incidents open at that time.",)
