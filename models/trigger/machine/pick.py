"""The value in the middle of many, in place. O(n)."""

from models.compiled import bare
from schemas.telemetry import Floats


@bare
def median(values: Floats, n: int) -> float:
    """Return the median of the first `n` >= 1 values, the mean of two for an even n; mixes them."""
    high = float(_rank(values, n, n // 2))
    if n % 2 == 1:
        return high
    low = values[0]
    for i in range(1, n // 2):
        low = max(low, values[i])
    return float(0.5 * (low + high))


@bare
def _rank(values: Floats, n: int, rank: int) -> float:
    """Put the value of a rank at its place, lesser ones before it (Hoare 1961, FIND)."""
    low, high = 0, n - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            break
    return float(values[rank])
