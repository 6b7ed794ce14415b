"""Who is where: names, and who shares a node, a job, a cooling loop and a power feed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.simulate.frame import Floats
from schemas.settings import Cell

Ints = npt.NDArray[np.int64]

NODES_PER_LOOP = 64
"""Nodes that one tower, chiller, pump, transformer and UPS serve."""
NODES_PER_LEAF = 32
JOB_NODES = 4
"""Of every four nodes three train together and one serves requests."""


@dataclass(frozen=True)
class Layout:
    """A site of `nodes` x `gpus`. Members of a node, a job or a loop are neighbours."""

    nodes: int
    gpus: int

    @cached_property
    def assets(self) -> dict[str, tuple[str, ...]]:
        """Names by kind; an index in a name list is the index in every array of that kind."""
        node = [f"node-{i + 1:02d}" for i in range(self.nodes)]
        loops = range(1, self.loops + 1)
        plant = ("transformer", "ups", "tower", "chiller", "pump")
        return {
            **{kind: tuple(f"{kind}-{i}" for i in loops) for kind in plant},
            "node": tuple(node),
            "gpu": tuple(f"{name}/gpu{i}" for name in node for i in range(self.gpus)),
            "ib": tuple(f"{name}/ib0" for name in node),
            "port": tuple(
                f"leaf-{i // NODES_PER_LEAF + 1}/p{i % NODES_PER_LEAF + 1}"
                for i in range(self.nodes)
            ),
        }

    @cached_property
    def loops(self) -> int:
        """How many cooling loops (and power feeds) there are."""
        return -(-self.nodes // NODES_PER_LOOP)

    @cached_property
    def node_loop(self) -> Ints:
        """(nodes,) index of the loop."""
        return np.arange(self.nodes) // NODES_PER_LOOP

    @cached_property
    def gpu_node(self) -> Ints:
        """(nodes * gpus,) index of the node."""
        return np.repeat(np.arange(self.nodes, dtype=np.int64), self.gpus)

    @cached_property
    def node_job(self) -> Ints:
        """(nodes,) index of the job: even jobs train, odd jobs serve."""
        group, place = np.divmod(np.arange(self.nodes), JOB_NODES)
        job: Ints = 2 * group + (place == JOB_NODES - 1)
        return job

    @cached_property
    def gpu_job(self) -> Ints:
        """(nodes * gpus,) index of the job."""
        return np.repeat(self.node_job, self.gpus)

    @cached_property
    def jobs(self) -> int:
        """How many jobs run."""
        return int(self.node_job[-1]) + 1

    @cached_property
    def peak_kw(self) -> Floats:
        """(loops,) heat of the nodes of a loop, all GPUs at full power."""
        node_kw = self.gpus * 0.7 + 1.5
        return node_kw * np.bincount(self.node_loop).astype(np.float64)

    def per_node(self, of_gpus: Floats) -> Floats:
        """Sum over the GPUs of each node."""
        sums: Floats = of_gpus.reshape(self.nodes, self.gpus).sum(axis=1)
        return sums

    def per_loop(self, of_nodes: Floats) -> Floats:
        """Sum over the nodes of each loop."""
        sums: Floats = np.bincount(self.node_loop, of_nodes, self.loops).astype(np.float64)
        return sums

    def slowest(self, of_members: Floats) -> Floats:
        """Least value in each job, (jobs,). `of_members`: one a node, or one a GPU."""
        job = self.node_job if len(of_members) == self.nodes else self.gpu_job
        return np.minimum.reduceat(of_members, np.searchsorted(job, np.arange(self.jobs)))

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

    def cells(self) -> tuple[Cell, ...]:
        """List what must be seen together: a node with its devices, a leaf, a loop, a feed."""
        leaves = sorted({port.split("/")[0] for port in self.assets["port"]})
        return (
            *(
                Cell(name=f"cooling-{i}", assets=(f"chiller-{i}", f"pump-{i}", f"tower-{i}"))
                for i in range(1, self.loops + 1)
            ),
            *(
                Cell(name=f"power-{i}", assets=(f"transformer-{i}", f"ups-{i}"))
                for i in range(1, self.loops + 1)
            ),
            *(Cell(name=name, assets=(name, f"{name}/*")) for name in leaves),
            *(Cell(name=name, assets=(name, f"{name}/*")) for name in self.assets["node"]),
        )
