"""DSX Exchange BMS: the messages of its guide and of its own tests."""

from schemas.formats.base import Golden

_GUIDE = "DSX Exchange, BMS Integration Companion Guide (NVIDIA, Apache-2.0)"
_TIME_NS = 1_743_620_423_000_000_000
_VALUE = b'{ "value": 32.5, "timestamp": 1743620423000, "quality": 1 }'

GOLDEN_DSX: tuple[Golden, ...] = (
    Golden(
        f"{_GUIDE}: value, and the topic of a rack's power",
        _VALUE,
        (("site1/row3/rack05", "RackPower/power", _TIME_NS, 32.5, 0),),
        "BMS/v1/PUB/Value/Rack/RackPower/site1/row3/rack05/power",
    ),
    Golden(
        f"{_GUIDE}: value, and a tagPath of a CDU",
        _VALUE,
        (
            (
                "nvidia/titan/pod1/cdu01",
                "LiquidTemperature/secondaryLoop/supplyTemp",
                _TIME_NS,
                32.5,
                0,
            ),
        ),
        "BMS/v1/PUB/Value/CDU/LiquidTemperature/nvidia/titan/pod1/cdu01/secondaryLoop/supplyTemp",
    ),
    Golden(
        "DSX Exchange (NVIDIA, Apache-2.0), test of its dummy BMS: metadata gives no sample",
        b'{"objectType":"Rack","pointType":"RackPower","rackLocationName":"row-1 rack-1",'
        b'"rackLocationId":"rack-1","engUnit":"kW"}',
        (),
        "BMS/v1/PUB/Metadata/Rack/RackPower/site-a/row-1/rack-1/power",
    ),
)
