"""Memory of a long-running process: what is freed is used again, what stays is not looked through.

Blocks of megabytes come and go many times a second. As the C library is set up, each is given back
to the system, and the next one is zeroed, page by page, before it can be used; and Python's search
for cycles visits every module again and again.
"""

import ctypes
import gc
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt, in glibc's malloc.h
_KEPT = 256 * 1024 * 1024  # bytes at the heap's end that stay with the process
_LARGE = 32 * 1024 * 1024  # bytes, the most glibc takes: from there on, a block is the system's
_NEW = 10_000  # objects made and not freed, between two searches for young cycles


def settle() -> None:
    """Take what is there now as there to stay, and keep freed memory. Call once, when warm."""
    hold()
    gc.set_threshold(_NEW)
    keep_freed()


def hold() -> None:
    """Take what is there now as there to stay: call when something large has come."""
    gc.collect()
    gc.freeze()


def keep_freed() -> bool:
    """Let glibc keep freed memory; say whether it does. Elsewhere nothing happens."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGE)) and bool(mallopt(_TRIM_THRESHOLD, _KEPT))
