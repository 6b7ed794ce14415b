"""Words that users call their equipment by, and what they mean. Lower case, singular.

Sources: Brick's classes, ASHRAE and BMS tag lists (CH, CT, CHWP), one-line diagrams (XFMR, SWGR,
ATS, MSB), Linux's, Mellanox' and switch vendors' names of devices (mlx5, ibp, swp, Ethernet1/1).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from schemas.cascade import AssetKind


def _by_word(table: Mapping[AssetKind, str]) -> Mapping[str, AssetKind]:
    pairs: Iterable[tuple[str, AssetKind]] = (
        (word, kind) for kind, words in table.items() for word in words.split()
    )
    return MappingProxyType(dict(pairs))


SURE: Final = _by_word(
    {
        AssetKind.UTILITY: "utility grid mains",
        AssetKind.TRANSFORMER: "transformer xfmr xformer trafo",
        AssetKind.GENERATOR: "generator genset",
        AssetKind.SWITCHGEAR: "switchgear swgr switchboard swbd mdb msb lvsb",
        AssetKind.BREAKER: "breaker acb mccb vcb",
        AssetKind.UPS: "ups",
        AssetKind.BATTERY: "battery batterie bess",
        AssetKind.PDU: "pdu rpdu rpp busway",
        AssetKind.COOLING_TOWER: "tower coolingtower drycooler",
        AssetKind.CHILLER: "chiller chlr",
        AssetKind.PUMP: "pump chwp cwp pchwp schwp hwp",
        AssetKind.VALVE: "valve vlv",
        AssetKind.HEAT_EXCHANGER: "exchanger hx phx heatexchanger",
        AssetKind.CDU: "cdu",
        AssetKind.CRAH: "crah crac ahu fcu airhandler",
        AssetKind.RACK: "rack cabinet",
        AssetKind.NODE: "node host server dgx hgx worker compute",
        AssetKind.GPU: "gpu mig nvidia cuda",
        AssetKind.CPU: "cpu socket",
        AssetKind.NVSWITCH: "nvswitch nvsw",
        AssetKind.NIC: "nic hca ib mlx hfi roce rdma bond",
        AssetKind.SWITCH: "switch leaf spine tor sw",
        AssetKind.PORT: "port nvlink swp ethernet",
        AssetKind.STORAGE: "nvme ssd disk storage lustre oss mds raid nas filer",
        AssetKind.SENSOR: "sensor probe thermometer meter powermeter",
        AssetKind.JOB: "job slurmjob",
        AssetKind.PLACE: "site campus building bldg hall datahall room floor row zone aisle suite",
    }
)
"""Words that mean one thing wherever they stand in a name; of several the last counts."""

SHORT: Final = _by_word(
    {
        AssetKind.TRANSFORMER: "tx tr tf",
        AssetKind.GENERATOR: "gen dg",
        AssetKind.SWITCHGEAR: "ats sts mv lv",
        AssetKind.BREAKER: "cb",
        AssetKind.BATTERY: "bat batt",
        AssetKind.COOLING_TOWER: "ct clt dc",
        AssetKind.CHILLER: "ch",
        AssetKind.PUMP: "p",
        AssetKind.VALVE: "cv tcv",
        AssetKind.RACK: "rk cab",
        AssetKind.NODE: "cn gn n",
        AssetKind.SWITCH: "core agg border",
    }
)
"""Tags that mean it only as all of a name, but for its number, and at the top: `CT-1`, `ch02`."""

BELOW_SWITCH: Final = frozenset(
    {"", "p", "eth", "et", "xe", "ge", "hu", "ib", "ethernet", "port", "up", "uplink"}
)
"""Below a switch they are its ports, as a mere number is."""
BELOW_NODE: Final = frozenset({"eth", "en", "ens", "enp", "eno", "ibp", "ibs", "p", "port"})
"""Below a node, or a NIC, they are NICs."""
