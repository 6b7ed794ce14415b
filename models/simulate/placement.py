"""Which nodes work together: jobs of several sizes, and who in them waits for whom."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.cascade.site import Pattern

Ints = npt.NDArray[np.int64]

SMALL = 32
"""Plants of up to so many nodes have today's jobs: of four neighbours three train, one serves."""
JOB_NODES = 4
SIZES = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SERVING, TREES = 0.25, 0.35
"""Shares: of jobs that serve; of the others, those that reduce over a tree."""
MOST_SERVING = 64
MOVED = 0.1
"""Share of racks whose nodes went to other jobs than their neighbours'."""
_RACK = 4


@dataclass(frozen=True, slots=True)
class Placement:
    """Jobs on nodes."""

    job: Ints
    """(nodes,) index of the job."""
    patterns: tuple[Pattern, ...]
    """Of each job."""
    order: Ints
    """Nodes, by the place they have in the ring or tree of their job; jobs in order."""


def place(nodes: int, seed: int) -> Placement:
    """Say which job each node has; the same seed, the same jobs."""
    return _small(nodes) if nodes <= SMALL else _large(nodes, np.random.default_rng([seed, 5]))


def _small(nodes: int) -> Placement:
    group, place_in = np.divmod(np.arange(nodes), JOB_NODES)
    job = 2 * group + (place_in == JOB_NODES - 1)
    kinds = (Pattern.RING, Pattern.INDEPENDENT)
    patterns = tuple(kinds[i % 2] for i in range(int(job[-1]) + 1))
    return Placement(job, patterns, np.arange(nodes))


def _large(nodes: int, rng: np.random.Generator) -> Placement:
    order = _order(nodes, rng)
    sizes, patterns = _jobs(nodes, rng)
    job = np.empty(nodes, np.int64)
    job[order] = np.repeat(np.arange(len(sizes)), sizes)
    return Placement(job, patterns, order)


def _order(nodes: int, rng: np.random.Generator) -> Ints:
    """Put nodes in order, some racks in the place of others."""
    racks = np.arange(-(-nodes // _RACK))
    some = np.flatnonzero(rng.random(len(racks)) < MOVED)
    racks[some] = rng.permutation(some)
    order: Ints = (racks[:, None] * _RACK + np.arange(_RACK)).ravel()
    return order[order < nodes]


def _jobs(nodes: int, rng: np.random.Generator) -> tuple[list[int], tuple[Pattern, ...]]:
    """Draw jobs until all nodes have one: their sizes in nodes, and their patterns."""
    sizes, patterns, left = list[int](), list[Pattern](), nodes
    able = [size for size in SIZES if size <= max(nodes // 4, 2)]
    weights = np.array(able, np.float64) ** -0.5
    while left:
        serves = rng.random() < SERVING
        size = int(rng.choice(able, p=weights / weights.sum()))
        size = min(size, left, MOST_SERVING if serves else nodes)
        reduces = Pattern.TREE if rng.random() < TREES else Pattern.RING
        sizes.append(size)
        patterns.append(Pattern.INDEPENDENT if serves else reduces)
        left -= size
    return sizes, tuple(patterns)
