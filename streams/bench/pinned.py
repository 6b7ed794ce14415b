"""What every benchmark does: keep to one processor, say how busy the machine is."""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pinned(which: int = -1) -> Iterator[int]:
    """Keep this thread on one of its processors, the last by default; lend its number."""
    cpu = sorted(os.sched_getaffinity(0))[which]
    with _kept({cpu}):
        yield cpu


@contextmanager
def first(processors: int) -> Iterator[None]:
    """Keep this thread, and the processes it starts, on the first of its processors."""
    with _kept(set(sorted(os.sched_getaffinity(0))[:processors])):
        yield


@contextmanager
def _kept(cpus: set[int]) -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def load() -> str:
    """Say how busy the machine is: the mean number of running processes over 1 and 5 minutes."""
    one, five, _ = os.getloadavg()
    return f"load {one:.1f} over 1 min, {five:.1f} over 5 min, {os.cpu_count()} processors"


def metric(port: int, name: str, label: str = "") -> float | None:
    """Return a metric that a process on this machine serves; None before it is there.

    `label`: a word that its labels must hold.
    """
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            text = answer.read().decode()
    except OSError:
        return None
    lines = (line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{")))
    return next((float(line.split()[-1]) for line in lines if label in line), None)
