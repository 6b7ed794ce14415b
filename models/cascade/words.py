"""What kinds of trouble are called."""

from typing import Final

from schemas.cascade import Fault

FAULT: Final = {
    Fault.LINK: "bad link",
    Fault.COMPUTE: "compute fault",
    Fault.HEAT: "too little cooling of its own",
    Fault.COOLING: "cools less",
    Fault.POWER: "power fault",
    Fault.LEAK: "leak",
    Fault.CONGESTION: "congested",
    Fault.HOST: "host or agent fault",
    Fault.SENSOR: "wrong reading",
    Fault.CLOCK: "wrong clock",
    Fault.WORKLOAD: "does other work, without a fault",
    Fault.UNKNOWN: "unknown fault",
}
