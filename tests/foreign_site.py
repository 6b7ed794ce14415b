"""A site of somebody else's, and anomalies made by hand."""

from datetime import UTC, datetime, timedelta

from models.cascade.cascade import Cascade
from models.events import event_id
from schemas.anomaly import Anomaly, AnomalyKind, Ended
from schemas.cascade import Asset, AssetKind, Edge, EdgeKind, Inventory, Medium, Pattern
from schemas.events import Event, Evidence, Fact, Kind

START = datetime(2026, 3, 1, tzinfo=UTC)
START_NS = int(START.timestamp()) * 1_000_000_000
SECOND = 1_000_000_000

HOSTS = ("dgx-a", "dgx-b", "dgx-c", "dgx-d", "dgx-e", "dgx-f")
GPUS = 4
JOBS = {"train": ("dgx-a", "dgx-b", "dgx-c"), "tune": ("dgx-d", "dgx-e")}
"""`dgx-f` is idle."""


def site():
    """Return six hosts on one leaf, in two racks, with one chilled loop and one feed."""
    assets = [Asset(name=name, kind=kind) for name, kind in _PLANT.items()]
    edges = [Edge(kind=EdgeKind(kind), source=a, target=b) for kind, a, b in _EDGES]
    for i, host in enumerate(HOSTS):
        assets += [Asset(name=host, kind=AssetKind.NODE)]
        assets += [Asset(name=f"{host}/mlx5_0", kind=AssetKind.NIC)]
        assets += [Asset(name=f"LEAF7/{i}", kind=AssetKind.PORT)]
        assets += [Asset(name=f"{host}/GPU{g}", kind=AssetKind.GPU) for g in range(GPUS)]
        edges.append(link(f"{host}/mlx5_0", f"LEAF7/{i}"))
        edges.append(Edge(kind=EdgeKind.CONTAINS, source=f"R{i // 3 + 1}", target=host))
    for job, hosts in JOBS.items():
        assets.append(Asset(name=job, kind=AssetKind.JOB))
        for host in hosts:
            edges += [runs(job, f"{host}/GPU{g}") for g in range(GPUS)]
    return Inventory(site="s", assets=tuple(assets), edges=tuple(edges))


_PLANT = {
    "GRID": AssetKind.UTILITY,
    "XFMR-9": AssetKind.TRANSFORMER,
    "UPS-A": AssetKind.UPS,
    "CT-4": AssetKind.COOLING_TOWER,
    "CH-4": AssetKind.CHILLER,
    "CDU-1": AssetKind.CDU,
    "CDU-2": AssetKind.CDU,
    "R1": AssetKind.RACK,
    "R2": AssetKind.RACK,
    "LEAF7": AssetKind.SWITCH,
}
_EDGES = (
    ("feeds", "GRID", "XFMR-9"),
    ("feeds", "XFMR-9", "UPS-A"),
    ("feeds", "XFMR-9", "CH-4"),
    ("feeds", "UPS-A", "R1"),
    ("feeds", "UPS-A", "R2"),
    ("cools", "CT-4", "CH-4"),
    ("cools", "CH-4", "CDU-1"),
    ("cools", "CH-4", "CDU-2"),
    ("cools", "CDU-1", "R1"),
    ("cools", "CDU-2", "R2"),
)


def link(one, other):
    return Edge(kind=EdgeKind.LINKS, source=one, target=other, medium=Medium.INFINIBAND)


def runs(job, gpu):
    return Edge(kind=EdgeKind.RUNS, source=job, target=gpu, pattern=Pattern.RING)


def anomaly(asset, point, at_s, **more):
    """Return an anomaly that opens `at_s` after START; `up` is whether the value rose."""
    since = START + timedelta(seconds=at_s)
    up, kind = more.get("up", True), more.get("kind", AnomalyKind.LEVEL)
    body = Anomaly(
        kind=kind,
        quality=more.get("quality", 1.0),
        summary=f"{asset} {point}",
        evidence=Evidence(facts=(Fact(text="seen", topic="t", partition=0, offset=int(at_s)),)),
        asset=asset,
        point=point,
        cell=asset,
        unit=more.get("unit", ""),
        value=more.get("value", 10.0 if up else 0.0),
        expected=more.get("expected", 5.0),
        spread=1.0,
        score=more.get("score", 15.0),
        detector=more.get("detector"),
        interval_s=more.get("interval_s", 0.0),
        since=since,
    )
    return _event(body, Kind.ANOMALY_OPENED, since)


def worse(opened, at_s, score, **more):
    """Return what tells that an anomaly is worse than it was; `more`: what else has changed."""
    body = opened.data.model_copy(update={"score": score, **more})
    return _event(body, Kind.ANOMALY_UPDATED, START + timedelta(seconds=at_s))


def closed(opened, at_s, ended=Ended.RECOVERED):
    """Return the end of an anomaly."""
    body = opened.data.model_copy(update={"ended": ended})
    return _event(body, Kind.ANOMALY_CLOSED, START + timedelta(seconds=at_s))


def returned(opened, at_s):
    """Return what a signal says that comes back to what was usual before."""
    body, since = opened.data, START + timedelta(seconds=at_s)
    back = {"value": body.expected, "expected": body.value, "since": since}
    return _event(body.model_copy(update=back), Kind.ANOMALY_OPENED, since)


def _event(body, kind, time):
    return Event[Anomaly](
        id=event_id(kind, body.asset, body.point, body.kind, body.since, time),
        source="/alltobit/s",
        type=kind,
        subject=body.asset,
        time=time,
        dataschema="urn:alltobit:schema:anomaly:1",
        data=body,
    )


WORK, POWER = "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "DCGM_FI_DEV_POWER_USAGE"
TEMP, VIOLATION = "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_THERMAL_VIOLATION"
XID = "DCGM_FI_DEV_XID_ERRORS"
SYMBOLS, WAITED = "SymbolErrorCounter", "PortXmitWait"


def stalled(job, at_s):
    """Yield what the members of a job say when it waits."""
    for host in JOBS[job]:
        yield anomaly(f"{host}/mlx5_0", WAITED, at_s + 1)
        for g in range(GPUS):
            yield anomaly(f"{host}/GPU{g}", WORK, at_s + 1, up=False)
            yield anomaly(f"{host}/GPU{g}", POWER, at_s + 3, up=False)


def silent(asset, heard_s):
    """Return the silence of an asset that was heard last at `heard_s`; it speaks every 5 s."""
    return anomaly(asset, "", heard_s, kind=AnomalyKind.SILENCE, value=30.0, unit="s")


def cooling_lost(at_s=10):
    yield anomaly("CH-4", "Leaving_Chilled_Water_Temperature", at_s)
    yield anomaly("CH-4", "Active_Power", at_s, up=False)
    for i, cdu in enumerate(("CDU-1", "CDU-2")):
        yield anomaly(cdu, "Supply_Water_Temperature", at_s + 20 + i)
    for i, host in enumerate(HOSTS):
        for g in range(GPUS):
            yield anomaly(f"{host}/GPU{g}", TEMP, at_s + 60 + i)
            yield anomaly(f"{host}/GPU{g}", VIOLATION, at_s + 75 + i)
    yield from stalled("train", at_s + 90)
    yield from stalled("tune", at_s + 92)


def told(graph, events, until_s=120, site="s"):
    """Run a cascade over anomalies, a step a second; return the incidents it tells."""
    cascade, found = Cascade.of(site, graph), []
    waiting = sorted(events, key=lambda event: (event.time, event.id))
    for second in range(until_s):
        now_ns = START_NS + second * SECOND
        while waiting and round(waiting[0].time.timestamp() * 1e9) <= now_ns:
            event = waiting.pop(0)
            cascade.take(event, round(event.time.timestamp() * 1e9))
        found += [event.data for event in cascade.step(now_ns)]
    return found


def last(graph, events, until_s=120):
    """Return the last word on each incident."""
    found = {body.incident: body for body in told(graph, events, until_s)}
    return list(found.values())
