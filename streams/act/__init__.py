"""Act: what `actions` asks for, done outside. The only part of alltobit that touches it."""

from streams.act.executor import Executor

__all__ = ["Executor"]
