"""Messages as agents write them in JSON or text, a batch at a time; no two have the same values."""

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

START_NS = 1_760_000_000_000_000_000
SECOND = 1_000_000_000
POINTS = 292
"""Of an 8 KB frame of native JSON."""
ROWS = 10
"""Of a columnar message."""
CPUS = 48
"""Of a collectd host."""
GPUS, FIELDS = 8, 40
"""Of a dcgm-exporter."""
PORTS, COUNTERS = 64, 24
"""Of an InfiniBand switch's CSV."""
SERIES = 500
"""That write messages of one sample."""
DEVICE = 40
"""Points of a VOLTTRON device."""

_POWER = "BMS/v1/PUB/Value/Rack/RackPower/hall1"


class Written(NamedTuple):
    """A message, and where it was published before Kafka."""

    data: bytes
    subject: str = ""


class Wanted(NamedTuple):
    """Which messages are wanted."""

    rng: np.random.Generator
    """Of the values."""
    turn: int
    """No two turns have a time in common."""
    messages: int
    source: str = "node-001"
    """Who sends them."""

    def numbers(self, count: int, decimals: int = 3) -> list[float]:
        """Draw values as sensors print them."""
        drawn = self.rng.normal(50.0, 10.0, count).round(decimals)
        return drawn.tolist()  # type: ignore[no-any-return]  # floats

    def seconds(self, message: int) -> int:
        """Return a time that no other message of any turn has, in s."""
        return START_NS // SECOND + self.turn * 100_000 + message

    def iso(self, message: int) -> str:
        """Return the same as text."""
        return f"{np.datetime_as_string(np.datetime64(self.seconds(message), 's'))}Z"


Messages = Iterator[Written]
Maker = Callable[[Wanted], Messages]


def as_json(document: object) -> Written:
    """Write JSON as senders do, without spaces."""
    return Written(json.dumps(document, separators=(",", ":")).encode())


def frames(wanted: Wanted) -> Messages:
    """Yield frames of one asset."""
    for i in range(wanted.messages):
        named = {f"DCGM_FI_DEV_FIELD_{k:03d}": v for k, v in enumerate(wanted.numbers(POINTS))}
        asset, time = f"{wanted.source}/gpu0", wanted.seconds(i)
        yield as_json({"asset": asset, "time": time, "values": named})


def columns(wanted: Wanted) -> Messages:
    """Yield columns of one asset."""
    points = [f"DCGM_FI_DEV_FIELD_{i:03d}" for i in range(POINTS)]
    for i in range(wanted.messages):
        values = [wanted.numbers(POINTS) for _ in range(ROWS)]
        times = [wanted.seconds(i * ROWS + k) for k in range(ROWS)]
        yield as_json({"asset": wanted.source, "points": points, "times": times, "values": values})


def value_lists(wanted: Wanted) -> Messages:
    """Yield collectd's processors of one host."""
    states = ("user", "system", "nice", "idle", "wait", "interrupt", "softirq", "steal")
    for i in range(wanted.messages):
        yield as_json(
            [
                {
                    "values": [value],
                    "dstypes": ["gauge"],
                    "dsnames": ["value"],
                    "time": wanted.seconds(i) + 0.5,
                    "interval": 10.0,
                    "host": wanted.source,
                    "plugin": "cpu",
                    "plugin_instance": str(k // len(states)),
                    "type": "percent",
                    "type_instance": states[k % len(states)],
                }
                for k, value in enumerate(wanted.numbers(CPUS * len(states), 4))
            ]
        )


def scrapes(wanted: Wanted) -> Messages:
    """Yield scrapes of one node's dcgm-exporter: temperatures, ratios, counters."""
    labels = [
        f'gpu="{i}",UUID="GPU-{i:08x}-5c1e-0a27-7f0d-2f3f1d8b9a11",pci_bus_id="00000000:{i:02X}:00.0",'
        f'device="nvidia{i}",modelName="NVIDIA H100 80GB HBM3",Hostname="{wanted.source}",'
        f'DCGM_FI_DRIVER_VERSION="550.54.15"'
        for i in range(GPUS)
    ]
    for _ in range(wanted.messages):
        lines: list[str] = []
        values = wanted.rng.uniform(0.0, 1.0, (FIELDS, GPUS)).tolist()
        for k, row in enumerate(values):
            name = f"DCGM_FI_DEV_FIELD_{k:02d}_TOTAL"
            lines += (f"# HELP {name} What the field is (in its unit).", f"# TYPE {name} gauge")
            lines += (
                f"{name}{{{label}}} {_printed(k, v)}" for label, v in zip(labels, row, strict=True)
            )
        yield Written(("\n".join(lines) + "\n").encode())


def _printed(kind: int, share: float) -> str:
    """Print a small whole number, a ratio, or a counter."""
    return (f"{share * 100:.0f}", f"{share:.6f}", f"{share * 1e12:.0f}", f"{share * 700:.3f}")[
        kind % 4
    ]


def one_samples(wanted: Wanted) -> Messages:
    """Yield prometheus-kafka-adapter's messages: a sample each, of `SERIES` series in turns."""
    for i, value in enumerate(wanted.numbers(wanted.messages)):
        name, node = f"node_metric_{i % 50}", f"{wanted.source}-{i % SERIES // 50}:9100"
        labels = {"__name__": name, "device": f"eth{i % 7}", "instance": node, "job": "node"}
        time = wanted.iso(i // SERIES)
        yield as_json({"labels": labels, "name": name, "timestamp": time, "value": repr(value)})


def telegraf(wanted: Wanted) -> Messages:
    """Yield Telegraf's metrics of one processor each, ten fields."""
    for i in range(wanted.messages):
        fields = {f"usage_{k}": value for k, value in enumerate(wanted.numbers(10, 6))}
        tags = {"cpu": f"cpu{i % CPUS}", "host": wanted.source}
        yield as_json(
            {"fields": fields, "name": "cpu", "tags": tags, "timestamp": wanted.seconds(i // CPUS)}
        )


def lines(wanted: Wanted) -> Messages:
    """Yield the same as line protocol."""
    for i in range(wanted.messages):
        fields = ",".join(f"usage_{k}={value}" for k, value in enumerate(wanted.numbers(10, 6)))
        time = wanted.seconds(i // CPUS) * SECOND
        yield Written(f"cpu,cpu=cpu{i % CPUS},host={wanted.source} {fields} {time}\n".encode())


def bms(wanted: Wanted) -> Messages:
    """Yield values of DSX points."""
    for i, value in enumerate(wanted.numbers(wanted.messages)):
        said = as_json({"value": value, "timestamp": wanted.seconds(i) * 1000, "quality": 1})
        yield said._replace(subject=f"{_POWER}/{wanted.source}/row{i % 20}/rack{i % SERIES}/power")


def resources(wanted: Wanted) -> Messages:
    """Yield the coolant connector of a CDU."""
    path = "/redfish/v1/ThermalEquipment/CDUs/1/PrimaryCoolantConnectors/1"
    for i in range(wanted.messages):
        readings = ("FlowLitersPerMinute", "SupplyTemperatureCelsius", "ReturnTemperatureCelsius")
        found = {key: {"Reading": v} for key, v in zip(readings, wanted.numbers(3), strict=True)}
        head = {"@odata.id": path, "Name": "Connector", "Timestamp": wanted.iso(i)}
        yield as_json(head | found)._replace(subject=wanted.source)


def devices(wanted: Wanted) -> Messages:
    """Yield VOLTTRON's points of a device, with what they are."""
    what = {f"point_{i}": {"units": "C", "tz": "UTC", "type": "float"} for i in range(DEVICE)}
    for _ in range(wanted.messages):
        points = {f"point_{i}": value for i, value in enumerate(wanted.numbers(DEVICE))}
        yield as_json([points, what])._replace(subject=f"devices/campus/{wanted.source}/unit/all")


def tables(wanted: Wanted) -> Messages:
    """Yield UFM's CSV of a switch."""
    keys = "timestamp,source_id,tag,node_guid,port_guid,port_num"
    head = f"{keys},{','.join(f'PortCounter{i}Extended' for i in range(COUNTERS))}"
    for i in range(wanted.messages):
        time, guid = wanted.seconds(i) * 1_000_000, f"0x{wanted.source.encode().hex()}"
        grown = wanted.rng.integers(0, 10**12, (PORTS, COUNTERS)).tolist()
        rows = (
            f"{time},{guid},,{guid},{guid},{port},{','.join(map(str, row))}"
            for port, row in enumerate(grown, 1)
        )
        yield Written("\n".join((head, *rows, "")).encode())


def events(wanted: Wanted) -> Messages:
    """Yield NVSentinel's health events."""
    for i, xid in enumerate(wanted.rng.integers(1, 120, wanted.messages).tolist()):
        time = wanted.iso(i)
        event = {
            "agent": "gpu-health-monitor",
            "checkName": "XidError",
            "isFatal": True,
            "isHealthy": False,
            "message": "GPU XID error detected",
            "recommendedAction": 15,
            "errorCode": [f"XID_{xid}"],
            "entitiesImpacted": [{"entityType": "GPU", "entityValue": str(i % GPUS)}],
            "generatedTimestamp": time,
            "nodeName": f"{wanted.source}-{i % SERIES}",
        }
        data = {"metadata": {"cluster": "prod"}, "healthEvent": event}
        yield as_json({"specversion": "1.0", "id": str(i), "time": time, "data": data})
