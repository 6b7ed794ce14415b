"""The site graph of a simulated plant, in parts, in the words of `schemas.cascade.site`."""

from collections.abc import Iterator

import numpy as np

from models.simulate.layout import Layout
from models.simulate.physics.fabric import LINK_RATE, UPLINK_RATE
from models.simulate.relations import OTHER_END
from schemas.cascade.site import Asset, AssetKind, Edge, EdgeKind, Inventory, Medium

NVLINK_RATE = 4.5e11
"""B/s one way, 18 links of an H100."""
PCIE_RATE = 6.3e10
"""B/s one way, Gen5 x16."""
ASSET_KINDS: dict[str, AssetKind] = {
    "utility": AssetKind.UTILITY,
    "transformer": AssetKind.TRANSFORMER,
    "ups": AssetKind.UPS,
    "pdu": AssetKind.PDU,
    "tower": AssetKind.COOLING_TOWER,
    "chiller": AssetKind.CHILLER,
    "pump": AssetKind.PUMP,
    "cdu": AssetKind.CDU,
    "rack": AssetKind.RACK,
    "node": AssetKind.NODE,
    "nvswitch": AssetKind.NVSWITCH,
    "gpu": AssetKind.GPU,
    "ib": AssetKind.NIC,
    "port": AssetKind.PORT,
    "uplink": AssetKind.PORT,
    "spineport": AssetKind.PORT,
    "leaf": AssetKind.SWITCH,
    "spine": AssetKind.SWITCH,
}


def parts(layout: Layout, site: str) -> Iterator[Inventory]:
    """Yield loops, racks, leaves, spines, jobs. A path contains what stands below it, unstated."""
    yield Inventory(
        site=site, part="utility", assets=(_asset("utility", "utility-1"),), edges=_grid(layout)
    )
    yield from (_loop(layout, site, i) for i in range(layout.loops))
    yield from (_rack(layout, site, i) for i in range(layout.racks))
    yield from (_leaf(layout, site, i) for i in range(layout.wiring.leaves))
    yield from (_spine(layout, site, i) for i in range(layout.wiring.spines))
    yield from _jobs(layout, site)


def job_name(job: int) -> str:
    """Name a job by its index."""
    return f"job-{job + 1}"


def _asset(kind: str, name: str) -> Asset:
    aliases: tuple[str, ...] = ()
    if kind == "ib":
        aliases = (f"{name}/p1",)  # as node_exporter's labels name its only port
    return Asset(name=name, kind=ASSET_KINDS[kind], aliases=aliases)


def _feeds(source: str, *targets: str) -> Iterator[Edge]:
    for target in targets:
        yield Edge(kind=EdgeKind.FEEDS, source=source, target=target)


def _cools(source: str, *targets: str) -> Iterator[Edge]:
    for target in targets:
        yield Edge(kind=EdgeKind.COOLS, source=source, target=target)


def _link(source: str, target: str, medium: Medium, capacity: float) -> Edge:
    return Edge(kind=EdgeKind.LINKS, source=source, target=target, medium=medium, capacity=capacity)


def _grid(layout: Layout) -> tuple[Edge, ...]:
    return tuple(_feeds("utility-1", *layout.assets["transformer"]))


def _loop(layout: Layout, site: str, i: int) -> Inventory:
    """Return the power and the cooling of one loop; its pump moves the chilled water."""
    name = {kind: f"{kind}-{i + 1}" for kind in ("transformer", "ups", "tower", "chiller", "pump")}
    pdus = [layout.assets["pdu"][j] for j in np.flatnonzero(layout.pdu_loop == i)]
    cdus = [layout.assets["cdu"][j] for j in np.flatnonzero(layout.cdu_loop == i)]
    transformer, ups, tower, chiller, pump = name.values()
    edges = (
        *_feeds(transformer, ups, tower, chiller, pump, *cdus),
        *_feeds(ups, *pdus),
        *_cools(tower, chiller),
        *_cools(chiller, *cdus),
        *_cools(pump, chiller, *cdus),
    )
    assets = (
        *(_asset(kind, of) for kind, of in name.items()),
        *(_asset("pdu", one) for one in pdus),
        *(_asset("cdu", one) for one in cdus),
    )
    return Inventory(site=site, part=f"loop-{i + 1}", assets=assets, edges=edges)


def _rack(layout: Layout, site: str, i: int) -> Inventory:
    """Return a rack with its nodes, and what is in them."""
    rack = layout.assets["rack"][i]
    pdu = layout.assets["pdu"][layout.rack_pdu[i]]
    cdu = layout.assets["cdu"][layout.rack_cdu[i]]
    which = np.flatnonzero(layout.node_rack == i).tolist()
    names = [layout.assets["node"][n] for n in which]
    edges = [*_feeds(pdu, rack), *_cools(cdu, rack), *_feeds(rack, *names), *_cools(rack, *names)]
    assets = [_asset("rack", rack), *(_asset("node", name) for name in names)]
    for name in names:
        edges.append(Edge(kind=EdgeKind.CONTAINS, source=rack, target=name))
        _node(layout, name, assets, edges)
    return Inventory(site=site, part=rack, assets=tuple(assets), edges=tuple(edges))


def _node(layout: Layout, node: str, assets: list[Asset], edges: list[Edge]) -> None:
    """Add the devices of a node; rail r serves its share of the GPUs."""
    switch = f"{node}/nvswitch0"
    assets.append(_asset("nvswitch", switch))
    assets += (_asset("ib", f"{node}/ib{r}") for r in range(layout.rails))
    for g in range(layout.gpus):
        gpu, nic = f"{node}/gpu{g}", f"{node}/ib{g * layout.rails // layout.gpus}"
        assets.append(_asset("gpu", gpu))
        edges.append(_link(gpu, switch, Medium.NVLINK, NVLINK_RATE))
        edges.append(_link(gpu, nic, Medium.PCIE, PCIE_RATE))
        edges += _cools(node, gpu)


def _leaf(layout: Layout, site: str, i: int) -> Inventory:
    """Return a leaf with its ports and the links to NICs."""
    name, wiring = layout.assets["leaf"][i], layout.wiring
    ports = _members(layout, "port", np.flatnonzero(wiring.port_leaf == i))
    uplinks = _members(layout, "uplink", np.flatnonzero(wiring.uplink_leaf == i))
    nics = [layout.assets["ib"][j] for j in np.flatnonzero(wiring.port_leaf == i)]
    edges = (
        _link(nic, port.name, Medium.INFINIBAND, LINK_RATE)
        for nic, port in zip(nics, ports, strict=True)
    )
    assets = (_asset("leaf", name), *ports, *uplinks)
    return Inventory(site=site, part=name, assets=assets, edges=tuple(edges))


def _spine(layout: Layout, site: str, i: int) -> Inventory:
    """Return a spine with its ports and the links to leaves."""
    name = layout.assets["spine"][i]
    which = np.flatnonzero(layout.wiring.uplink_spine == i)
    ports = _members(layout, "spineport", which)
    other = [layout.assets[OTHER_END["spineport"]][j] for j in which]
    edges = (
        _link(leaf, port.name, Medium.INFINIBAND, UPLINK_RATE)
        for leaf, port in zip(other, ports, strict=True)
    )
    return Inventory(
        site=site, part=name, assets=(_asset("spine", name), *ports), edges=tuple(edges)
    )


def _members(layout: Layout, kind: str, which: np.typing.NDArray[np.int64]) -> list[Asset]:
    return [_asset(kind, layout.assets[kind][j]) for j in which]


def _jobs(layout: Layout, site: str) -> Iterator[Inventory]:
    """Yield jobs, on the GPUs they run on; in the order of their ring or tree."""
    order, gpus = layout.placement.order, layout.gpus
    for job, pattern in enumerate(layout.placement.patterns):
        nodes = order[layout.node_job[order] == job]
        which = (nodes[:, None] * gpus + np.arange(gpus)).ravel()
        edges = (
            Edge(
                kind=EdgeKind.RUNS,
                source=job_name(job),
                target=layout.assets["gpu"][i],
                pattern=pattern,
            )
            for i in which
        )
        name = job_name(job)
        asset = Asset(name=name, kind=AssetKind.JOB)
        yield Inventory(site=site, part=name, assets=(asset,), edges=tuple(edges))
