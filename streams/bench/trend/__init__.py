"""`alltobit bench trend`: slow faults of simulated plants, told before they arrive at a limit."""

from streams.bench.trend.command import run

__all__ = ["run"]
