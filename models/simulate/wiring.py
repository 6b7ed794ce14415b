"""A rail-optimised fabric: NIC r of every node of a pod on one leaf, each leaf on every spine of r.

Rails meet in no switch: between them goes NVLink (Wang et al. 2023, Rail-only). Arrays of links
have one index for both ends.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from models.simulate.frame import Floats
from models.simulate.placement import Ints, Placement
from schemas.cascade.site import Pattern

PODS = 32
"""Nodes of a pod."""
TREE_SHARE = 0.3
"""Of a tree's edge, beside one of a ring: half the ranks are leaves, and switches reduce."""


def uplinks_a_leaf(nodes: int) -> int:
    """Return to how many spines a leaf goes."""
    return 2 if nodes <= PODS else 4 if nodes <= 8 * PODS else 8


class Flows(NamedTuple):
    """Traffic between pods; one row an edge of a ring or tree, and rail. All (flows,)."""

    crew: Ints
    out: Ints
    """Uplink of the sender's leaf."""
    into: Ints
    """Uplink of the receiver's leaf, to the same spine."""
    share: Floats
    """Of what a NIC sends in a ring."""
    crews: Ints
    """Crews that have flows, in order."""
    starts: Ints
    """Where each of them begins."""


@dataclass(frozen=True)
class Wiring:
    """Leaves and spines. A leaf is `pod * rails + rail`; an uplink is `leaf * uplinks + spine`."""

    nodes: int
    rails: int
    pods: int
    uplinks: int
    """Of a leaf."""

    def names(self) -> dict[str, tuple[str, ...]]:
        """Name ports and switches; `port` has the index of the NIC that it faces."""
        node, rail = np.divmod(np.arange(self.nodes * self.rails), self.rails)
        leaf = (node // PODS) * self.rails + rail
        ends = zip(leaf.tolist(), (node % PODS).tolist(), strict=True)
        ups = [(leaf, u) for leaf in range(self.leaves) for u in range(self.uplinks)]
        return {
            "port": tuple(f"leaf-{a + 1}/p{b + 1}" for a, b in ends),
            "uplink": tuple(f"leaf-{leaf + 1}/up{u + 1}" for leaf, u in ups),
            "spineport": tuple(
                f"spine-{leaf % self.rails * self.uplinks + u + 1}/p{leaf // self.rails + 1}"
                for leaf, u in ups
            ),
            "leaf": tuple(f"leaf-{i + 1}" for i in range(self.leaves)),
            "spine": tuple(f"spine-{i + 1}" for i in range(self.spines)),
        }

    @property
    def leaves(self) -> int:
        """How many leaf switches there are."""
        return self.pods * self.rails

    @property
    def spines(self) -> int:
        """How many spine switches there are."""
        return self.rails * self.uplinks

    @cached_property
    def port_leaf(self) -> Ints:
        """(ports,) index of the leaf."""
        node, rail = np.divmod(np.arange(self.nodes * self.rails), self.rails)
        return (node // PODS) * self.rails + rail

    @cached_property
    def uplink_leaf(self) -> Ints:
        """(uplinks,) index of the leaf."""
        return np.arange(self.leaves * self.uplinks) // self.uplinks

    @cached_property
    def uplink_spine(self) -> Ints:
        """(uplinks,) index of the spine."""
        leaf, up = np.divmod(np.arange(self.leaves * self.uplinks), self.uplinks)
        return leaf % self.rails * self.uplinks + up

    def flows(self, placement: Placement, node_crew: Ints) -> Flows:
        """Say which traffic goes between pods, and by which spine: a fixed one for each edge."""
        sender, receiver, share = _edges(placement)
        far = sender // PODS != receiver // PODS
        sender, share = sender[far], share[far]
        source, target = sender // PODS, receiver[far] // PODS
        rail = np.arange(self.rails)
        spine = (_spines(source, target, share, self.uplinks)[:, None] + rail) % self.uplinks
        out = (source[:, None] * self.rails + rail) * self.uplinks + spine
        into = (target[:, None] * self.rails + rail) * self.uplinks + spine
        crew = np.repeat(node_crew[sender], self.rails)
        order = np.argsort(crew, kind="stable")
        crews, starts = np.unique(crew[order], return_index=True)
        shares = np.repeat(share, self.rails)[order]
        return Flows(crew[order], out.ravel()[order], into.ravel()[order], shares, crews, starts)


def _edges(placement: Placement) -> tuple[Ints, Ints, Floats]:
    """Return senders, receivers, shares: of all rings and trees."""
    order = placement.order
    job = placement.job[order]
    starts = np.searchsorted(job, np.arange(len(placement.patterns)))
    sizes = np.diff([*starts.tolist(), len(order)])
    first, size = starts[job], sizes[job]
    at = np.arange(len(order)) - first
    ring = np.array([p is Pattern.RING for p in placement.patterns])[job]
    tree = (np.array([p is Pattern.TREE for p in placement.patterns])[job]) & (at > 0)
    after = order[first + (at + 1) % size]
    parent = order[first + np.maximum(at - 1, 0) // 2]
    senders = np.concatenate([order[ring], order[tree], parent[tree]])
    receivers = np.concatenate([after[ring], parent[tree], order[tree]])
    return senders, receivers, np.repeat([1.0, TREE_SHARE], [ring.sum(), 2 * tree.sum()])


def _spines(sender: Ints, receiver: Ints, share: Floats, spines: int) -> Ints:
    """Give each edge between two pods the spine that has least to carry for them so far."""
    pods = int(max(sender.max(), receiver.max())) + 1 if len(sender) else 0
    out, into = np.zeros((pods, spines)), np.zeros((pods, spines))
    chosen = np.empty(len(sender), np.int64)
    for i, (a, b, more) in enumerate(zip(sender, receiver, share, strict=True)):
        best = int(np.argmin(np.maximum(out[a], into[b])))
        out[a, best] += more
        into[b, best] += more
        chosen[i] = best
    return chosen
