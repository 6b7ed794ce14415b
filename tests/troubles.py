"""A small site, and anomalies of it by hand: a bad cable, and a node that gets hot."""

from datetime import UTC, datetime, timedelta

from sites import assets, edge, site

from models.cascade.drive import Watch
from models.events import event_id
from models.progress import progress_event
from models.site import build
from schemas.anomaly import Anomaly, AnomalyKind, Ended
from schemas.cascade import AssetKind, EdgeKind, Medium
from schemas.events import Event, Evidence, Fact, Kind
from schemas.progress import Progress

T0 = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
T0_NS = round(T0.timestamp()) * 10**9
NODES = [f"node-{i:02d}" for i in range(1, 5)]
GPUS = [f"{node}/gpu{i}" for node in NODES for i in range(2)]
SITE = site(
    [
        *assets(AssetKind.UPS, "ups-1"),
        *assets(AssetKind.SWITCH, "leaf-1"),
        *assets(AssetKind.PORT, *(f"leaf-1/p{i}" for i in range(1, 5))),
        *assets(AssetKind.NODE, *NODES),
        *assets(AssetKind.NIC, *(f"{node}/ib0" for node in NODES)),
        *assets(AssetKind.GPU, *GPUS),
        *assets(AssetKind.JOB, "job-1"),
    ],
    [
        *(edge(EdgeKind.FEEDS, "ups-1", node) for node in NODES),
        *(edge(EdgeKind.RUNS, "job-1", gpu) for gpu in GPUS),
        *(
            edge(EdgeKind.LINKS, f"leaf-1/p{i}", f"{node}/ib0", medium=Medium.INFINIBAND)
            for i, node in enumerate(NODES, 1)
        ),
    ],
)


def at(second):
    """Return a time of the test's day."""
    return T0 + timedelta(seconds=second)


def anomaly(asset, point, second, value=1.0, **more):
    """Return an anomaly that opens, or, with `ended`, closes."""
    kind = Kind.ANOMALY_CLOSED if "ended" in more else Kind.ANOMALY_OPENED
    what, since = more.pop("kind", AnomalyKind.LEVEL), at(more.pop("since", second))
    data = Anomaly(
        kind=what,
        quality=1.0,
        summary=f"{asset} {point} is {value:g}",
        evidence=Evidence(facts=(Fact(text=point, topic="raw", partition=0, offset=7),)),
        asset=asset,
        point=point,
        cell=more.pop("cell", asset.partition("/")[0]),
        value=value,
        expected=0.0,
        spread=0.1,
        score=20.0,
        since=since,
        **more,
    )
    return Event[Anomaly](
        id=event_id(kind, what, asset, point, since, second),
        source="/alltobit/s",
        type=kind,
        subject=f"{asset}/{point}",
        time=at(second),
        dataschema="urn:alltobit:schema:anomaly:1",
        data=data,
    )


def closed(asset, point, second, since, **more):
    """Return the end of an anomaly."""
    return anomaly(asset, point, second, since=since, ended=Ended.RECOVERED, **more)


def progress(partition, second):
    """Return that a partition has come to a second."""
    return progress_event("s", partition, T0_NS + second * 10**9)


def bad_cable(begin=20):
    """Return the anomalies of a cable whose job waits: (partition, second, event), in order."""
    told = []
    for end in ("leaf-1/p1", "node-01/ib0"):
        point = "SymbolErrorCounter"
        partition = int(end.startswith("node"))
        told.append((partition, begin, anomaly(end, point, begin, 50.0)))
        told.append((partition, begin + 60, closed(end, point, begin + 60, begin)))
    for i, gpu in enumerate(GPUS):
        point, partition, second = "DCGM_FI_PROF_SM_ACTIVE", 1 + i % 2, begin + 3 + i
        told.append((partition, second, anomaly(gpu, point, second, -0.4)))
        told.append((partition, begin + 70, closed(gpu, point, begin + 70, second)))
    hot, temp = "node-03/gpu1", "DCGM_FI_DEV_GPU_TEMP"
    told.append((2, begin + 25, anomaly(hot, temp, begin + 25, 95.0)))
    told.append((2, begin + 50, closed(hot, temp, begin + 50, begin + 25)))
    return sorted(told, key=lambda one: one[:2])


def streams(told, until, partitions=3, late=0):
    """Return what each partition tells: its anomalies, `late` seconds late, and its progress."""
    return [
        [
            event
            for second in range(until)
            for event in (
                *(one for p, when, one in told if p == partition and when + late == second),
                progress(partition, second),
            )
        ]
        for partition in range(partitions)
    ]


def watch(graph=True):
    made = Watch.of("s")
    if graph:
        made.move(build([SITE])[0])
    return made


def run(messages, into=None):
    """Take messages, (partition, event), in; return the incident events as they are published."""
    into = into or watch()
    told = [one for of, event in messages for one in into.take(event, of)]
    return [one.model_dump_json() for one in told]


def mixed(streams, rng):
    """Mix streams as `rng` has it, none more than some seconds ahead."""
    left = [list(reversed(one)) for one in streams]
    come = [-1.0] * len(left)
    while any(left):
        least = min(come[i] for i, one in enumerate(left) if one)
        i = rng.choice([i for i, one in enumerate(left) if one and come[i] <= least + 9])
        event = left[i].pop()
        if isinstance(event.data, Progress):
            come[i] = event.data.reached.timestamp() - T0_NS / 1e9
        yield i, event
