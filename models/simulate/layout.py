"""Who is where: names, and who shares a node, a rack, a job, a cooling loop and a power feed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.simulate.frame import Floats
from models.simulate.placement import Ints, Placement, place
from models.simulate.traits import Traits, traits
from models.simulate.wiring import PODS, Flows, Wiring, uplinks_a_leaf
from schemas.cascade.site import Pattern

NODES_PER_LOOP = 64
"""Nodes that one tower, chiller, pump, transformer and UPS serve."""
NODES_PER_RACK = 4
RACKS_PER_PDU, RACKS_PER_CDU = 4, 8
_NODES_PER_PDU, _NODES_PER_CDU = NODES_PER_RACK * RACKS_PER_PDU, NODES_PER_RACK * RACKS_PER_CDU
LOOP_KINDS = ("transformer", "ups", "tower", "chiller", "pump")


@dataclass(frozen=True)
class Layout:
    """A site of `nodes` x `gpus`. Members of a node, a rack, a loop or a pod are neighbours."""

    nodes: int
    gpus: int
    rails: int = 1
    """NICs of a node; each has a leaf of its own in the pod."""
    seed: int = 0
    """Of the jobs' places, and of what is peculiar to the plant."""

    @cached_property
    def assets(self) -> dict[str, tuple[str, ...]]:
        """Names by kind; an index in a name list is the index in every array of that kind."""
        node = [f"node-{i + 1:02d}" for i in range(self.nodes)]
        names = {kind: _numbered(kind, self.loops) for kind in LOOP_KINDS}
        return {
            "utility": ("utility-1",),
            **names,
            "pdu": _numbered("pdu", self.pdus),
            "cdu": _numbered("cdu", self.cdus),
            "rack": _numbered("rack", self.racks),
            "node": tuple(node),
            "nvswitch": tuple(f"{name}/nvswitch0" for name in node),
            "gpu": tuple(f"{name}/gpu{i}" for name in node for i in range(self.gpus)),
            "ib": tuple(f"{name}/ib{i}" for name in node for i in range(self.rails)),
            **self.wiring.names(),
        }

    @cached_property
    def loops(self) -> int:
        """How many cooling loops (and power feeds) there are."""
        return -(-self.nodes // NODES_PER_LOOP)

    @cached_property
    def racks(self) -> int:
        """How many racks there are."""
        return -(-self.nodes // NODES_PER_RACK)

    @cached_property
    def pdus(self) -> int:
        """How many PDUs feed them."""
        return -(-self.nodes // _NODES_PER_PDU)

    @cached_property
    def cdus(self) -> int:
        """How many CDUs cool them."""
        return -(-self.nodes // _NODES_PER_CDU)

    @cached_property
    def node_loop(self) -> Ints:
        """(nodes,) index of the loop."""
        return np.arange(self.nodes) // NODES_PER_LOOP

    @cached_property
    def node_rack(self) -> Ints:
        """(nodes,) index of the rack."""
        return np.arange(self.nodes) // NODES_PER_RACK

    @cached_property
    def rack_pdu(self) -> Ints:
        """(racks,) index of the PDU."""
        return np.arange(self.racks) // RACKS_PER_PDU

    @cached_property
    def rack_cdu(self) -> Ints:
        """(racks,) index of the CDU."""
        return np.arange(self.racks) // RACKS_PER_CDU

    @cached_property
    def pdu_loop(self) -> Ints:
        """(pdus,) index of the power feed."""
        return np.arange(self.pdus) * _NODES_PER_PDU // NODES_PER_LOOP

    @cached_property
    def cdu_loop(self) -> Ints:
        """(cdus,) index of the cooling loop."""
        return np.arange(self.cdus) * _NODES_PER_CDU // NODES_PER_LOOP

    @cached_property
    def gpu_node(self) -> Ints:
        """(nodes * gpus,) index of the node."""
        return np.repeat(np.arange(self.nodes, dtype=np.int64), self.gpus)

    @cached_property
    def traits(self) -> Traits:
        """What is peculiar to this plant."""
        return traits(self.seed, self.nodes * self.gpus)

    @cached_property
    def placement(self) -> Placement:
        """Jobs on nodes."""
        return place(self.nodes, self.seed)

    @cached_property
    def wiring(self) -> Wiring:
        """Links between leaves and spines, and whose traffic takes them."""
        pods = -(-self.nodes // PODS)
        return Wiring(self.nodes, self.rails, pods, uplinks_a_leaf(self.nodes))

    @cached_property
    def node_job(self) -> Ints:
        """(nodes,) index of the job."""
        return self.placement.job

    @cached_property
    def jobs(self) -> int:
        """How many jobs run."""
        return len(self.placement.patterns)

    @cached_property
    def job_serves(self) -> Ints:
        """(jobs,) 1 where the members do not wait for each other."""
        serves = [one is Pattern.INDEPENDENT for one in self.placement.patterns]
        return np.array(serves, np.int64)

    @cached_property
    def node_crew(self) -> Ints:
        """(nodes,) index of the crew: those who wait for each other, a job or a serving node."""
        alone = self.job_serves[self.node_job] > 0
        own = self.jobs + np.arange(self.nodes)
        return np.unique(np.where(alone, own, self.node_job), return_inverse=True)[1]

    @cached_property
    def crews(self) -> int:
        """How many crews there are."""
        return int(self.node_crew.max()) + 1

    @cached_property
    def crew_job(self) -> Ints:
        """(crews,) index of the job."""
        job = np.zeros(self.crews, np.int64)
        job[self.node_crew] = self.node_job
        return job

    @cached_property
    def _by_crew(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.node_crew, kind="stable")
        return order, np.searchsorted(self.node_crew[order], np.arange(self.crews))

    @cached_property
    def flows(self) -> Flows:
        """Traffic of crews between pods."""
        return self.wiring.flows(self.placement, self.node_crew)

    @cached_property
    def peak_kw(self) -> Floats:
        """(loops,) heat of the nodes of a loop, all GPUs at full power."""
        node_kw = self.gpus * 0.7 + 1.5
        return node_kw * np.bincount(self.node_loop).astype(np.float64)

    @cached_property
    def rack_kw(self) -> Floats:
        """(racks,) heat of the nodes of a rack, all GPUs at full power."""
        return (self.gpus * 0.7 + 1.5) * np.bincount(self.node_rack).astype(np.float64)

    def per_node(self, of_gpus: Floats) -> Floats:
        """Sum over the GPUs of each node."""
        sums: Floats = of_gpus.reshape(self.nodes, self.gpus).sum(axis=1)
        return sums

    def least(self, of_members: Floats) -> Floats:
        """Least value of the GPUs, or of the NICs, of each node."""
        least: Floats = of_members.reshape(self.nodes, -1).min(axis=1)
        return least

    def per_loop(self, of_nodes: Floats) -> Floats:
        """Sum over the nodes of each loop."""
        return summed(self.node_loop, of_nodes, self.loops)

    def slowest(self, of_nodes: Floats) -> Floats:
        """Least value in each crew, (crews,)."""
        order, starts = self._by_crew
        least: Floats = np.minimum.reduceat(of_nodes[order], starts)
        return least

    @cached_property
    def _index(self) -> dict[str, tuple[str, int]]:
        return {
            name: (kind, i) for kind, names in self.assets.items() for i, name in enumerate(names)
        }

    def where(self, asset: str) -> tuple[str, int]:
        """Kind and index of an asset."""
        if asset not in self._index:
            raise ValueError(f"no asset {asset!r} in this plant; e.g. tower-1, node-01/gpu0")
        return self._index[asset]


def _numbered(kind: str, count: int) -> tuple[str, ...]:
    return tuple(f"{kind}-{i + 1}" for i in range(count))


def summed(groups: Ints, values: Floats, count: int) -> Floats:
    """Sum values by group, (count,)."""
    sums: Floats = np.bincount(groups, values, count).astype(np.float64)
    return sums
