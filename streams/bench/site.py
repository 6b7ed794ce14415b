"""Seconds and bytes of a site graph: from the JSON of an inventory to arrays with both directions.

The site is made: nodes of 8 GPUs, 4 NVSwitches and 8 adapters, each adapter on a leaf of its rail,
racks of 4 nodes with a PDU and a CDU, jobs over 32 nodes; edges are told in an order of chance.
Time is this thread's processor time. Memory is RSS of a process of its own for each measurement:
before and after, and its highest.
"""

import gc
import os
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Annotated

import msgspec
import numpy as np
import typer

from models.site import build
from schemas.cascade import AssetKind, EdgeKind, Medium, Pattern
from schemas.cascade.site_rows import AssetRow, EdgeRow, Rows, decode, encode
from streams.bench.pinned import load, pinned

GPUS, NVSWITCHES, NODES_A_RACK, NODES_A_JOB, NODES_A_LEAF = 8, 4, 4, 32, 32
EDGES_A_NODE = 87
"""Told and implied, about."""
_NVLINK, _IB, _PCIE = 2.25e11, 5e10, 6.3e10
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Report:
    """What one load took."""

    nodes: int
    assets: int
    told: int
    """Edges in the JSON."""
    edges: int
    """Edges of the graph: paths imply more."""
    json_bytes: int
    decode_s: float
    build_s: float
    array_bytes: int
    grown_bytes: int
    """RSS of the process with the graph alone, over that before."""
    highest_bytes: int
    """RSS at its highest, over that before: the JSON and its rows, too."""

    @property
    def seconds(self) -> float:
        """From bytes to graph."""
        return self.decode_s + self.build_s

    def lines(self) -> list[str]:
        """Say it in words."""
        told, arrays, grown, highest = (
            f"{1e-6 * n:,.0f} MB"
            for n in (self.json_bytes, self.array_bytes, self.grown_bytes, self.highest_bytes)
        )
        whole = f"{self.edges:,} with those that paths imply"
        return [
            f"{self.nodes:,} nodes: {self.assets:,} assets",
            f"{self.told:,} edges told in {told} of JSON, {whole}",
            f"read {self.decode_s:.2f} s, built {self.build_s:.2f} s",
            f"memory: {arrays} of arrays, {grown} with names and index, {highest} at the highest",
            f"site: {self.seconds:.2f} s for {self.edges:,} edges",
        ]


def made(nodes: int, seed: int) -> bytes:
    """Return the JSON of a site of so many nodes."""
    assets = [one for i in range(nodes) for one in _assets(i)] + list(_shared(nodes))
    edges = [one for i in range(nodes) for one in _edges(i)]
    order = np.random.default_rng(seed).permutation(len(edges)).tolist()
    return encode(Rows("bench", "all", tuple(assets), tuple(edges[i] for i in order)))


def _assets(i: int) -> Iterator[AssetRow]:
    node = f"node-{i:06d}"
    yield AssetRow(node, AssetKind.NODE)
    for k in range(GPUS):
        yield AssetRow(f"{node}/gpu{k}", AssetKind.GPU)
        yield AssetRow(f"{node}/mlx5_{k}", AssetKind.NIC)
        yield AssetRow(_port(i, k), AssetKind.PORT)
    for k in range(NVSWITCHES):
        yield AssetRow(f"{node}/nvswitch{k}", AssetKind.NVSWITCH)


def _shared(nodes: int) -> Iterator[AssetRow]:
    """Yield what nodes share; one more of each than is needed does no harm."""
    for rack in range(nodes // NODES_A_RACK + 1):
        yield AssetRow(f"rack-{rack:05d}", AssetKind.RACK)
        yield AssetRow(f"pdu-{rack:05d}", AssetKind.PDU)
        yield AssetRow(f"cdu-{rack:05d}", AssetKind.CDU)
    for job in range(nodes // NODES_A_JOB + 1):
        yield AssetRow(f"job-{job:05d}", AssetKind.JOB)
    for leaf in range(nodes // NODES_A_LEAF + 1):
        for rail in range(GPUS):
            yield AssetRow(f"leaf-{leaf:04d}-{rail}", AssetKind.SWITCH)


def _port(i: int, rail: int) -> str:
    leaf, port = divmod(i, NODES_A_LEAF)
    return f"leaf-{leaf:04d}-{rail}/p{port + 1}"


def _edges(i: int) -> Iterator[EdgeRow]:
    node, rack = f"node-{i:06d}", i // NODES_A_RACK
    yield EdgeRow(EdgeKind.CONTAINS, f"rack-{rack:05d}", node)
    yield EdgeRow(EdgeKind.FEEDS, f"pdu-{rack:05d}", node, capacity=1.7e4)
    yield EdgeRow(EdgeKind.COOLS, f"cdu-{rack:05d}", node)
    job = f"job-{i // NODES_A_JOB:05d}"
    for k in range(GPUS):
        gpu, nic = f"{node}/gpu{k}", f"{node}/mlx5_{k}"
        yield EdgeRow(EdgeKind.RUNS, job, gpu, pattern=Pattern.RING)
        yield EdgeRow(EdgeKind.LINKS, gpu, nic, Medium.PCIE, _PCIE)
        yield EdgeRow(EdgeKind.LINKS, _port(i, k), nic, Medium.INFINIBAND, _IB)
        for switch in range(NVSWITCHES):
            far = f"{node}/nvswitch{switch}"
            yield EdgeRow(EdgeKind.LINKS, gpu, far, Medium.NVLINK, _NVLINK)


def measure(nodes: int, file: Path) -> Report:
    """Load the site in a file once, as a process that has loaded a small one before."""
    build([decode(made(1, 1))])  # compile
    before = _resident()
    data = file.read_bytes()
    began = thread_time()
    rows = decode(data)
    decoded = thread_time()
    graph, troubles = build([rows])
    done = thread_time()
    if troubles:
        raise RuntimeError(f"the made site has troubles: {troubles[0]}")
    told, json_bytes = len(rows.edges), len(data)
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    del rows, data
    gc.collect()
    return Report(
        nodes=nodes,
        assets=len(graph),
        told=told,
        edges=graph.edges,
        json_bytes=json_bytes,
        decode_s=decoded - began,
        build_s=done - decoded,
        array_bytes=graph.nbytes,
        grown_bytes=_resident() - before,
        highest_bytes=highest - before,
    )


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def run(  # noqa: PLR0913 - options of the command
    *,
    nodes: Annotated[int, typer.Option(min=0, help="Of 8 GPUs; 0: as many as edges say.")] = 0,
    edges: Annotated[int, typer.Option(min=1, help="About so many.")] = 1_000_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the order of edges.")] = 1,
    turns: Annotated[int, typer.Option(min=1, help="The median counts.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1: more seconds.")] = None,
) -> None:
    """Load the graph of a made site, and say how long it took and what it holds."""
    wanted = nodes or max(1, round(edges / EDGES_A_NODE))
    with pinned() as cpu, TemporaryDirectory(prefix="alltobit-") as folder:
        file = Path(folder) / "site.json"
        file.write_bytes(made(wanted, seed))
        told = sorted((_alone(wanted, file) for _ in range(turns)), key=lambda one: one.seconds)
    report = told[len(told) // 2]
    if as_json:
        every = [asdict(one) for one in told]
        typer.echo(msgspec.json.encode({**asdict(report), "turns": every, "load": load()}).decode())
    else:
        typer.echo(f"one thread on processor {cpu}, the median of {turns}; {load()}")
        typer.echo("\n".join(report.lines()))
    if fail_over is not None and report.seconds > fail_over:
        raise typer.Exit(1)


def _alone(nodes: int, file: Path) -> Report:
    """Measure in a process of its own: what one load leaves behind is no other's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, nodes, file).result()
