"""The words of conditions: what each operator, function, property and method is as a step."""

from typing import Final

from models.trigger.condition.program import Feature, Op

ARITHMETIC: Final = {
    "_+_": Op.ADD,
    "_-_": Op.SUBTRACT,
    "_*_": Op.MULTIPLY,
    "_/_": Op.DIVIDE,
    "_%_": Op.REMAINDER,
}
COMPARISONS: Final = {
    "_==_": Op.EQUAL,
    "_!=_": Op.UNEQUAL,
    "_<_": Op.LESS,
    "_<=_": Op.AT_MOST,
    "_>_": Op.MORE,
    "_>=_": Op.AT_LEAST,
}
LOGIC: Final = {"_&&_": Op.AND, "_||_": Op.OR}
OF_NUMBERS: Final = {
    "abs": Op.ABSOLUTE,
    "sqrt": Op.ROOT,
    "ln": Op.LOGARITHM,
    "exp": Op.EXPONENTIAL,
    "min": Op.LEAST,
    "max": Op.MOST,
}
LOOKS_BACK: Final = {
    "held": Op.HELD,
    "was": Op.WAS,
    "rose": Op.ROSE,
    "followed": Op.FOLLOWED,
    "missed": Op.MISSED,
}
PROPERTIES: Final = {
    "rate": Feature.RATE,
    "age": Feature.AGE,
    "quality": Feature.QUALITY,
    "score": Feature.SCORE,
    "anomalous": Feature.ANOMALOUS,
    "status": Feature.STATUS,
    "peers": Feature.PEERS,
}
METHODS: Final = {
    "avg": Feature.AVG,
    "min": Feature.MIN,
    "max": Feature.MAX,
    "sum": Feature.SUM,
    "count": Feature.COUNT,
    "delta": Feature.DELTA,
    "rate": Feature.RATE_OVER,
    "changes": Feature.CHANGES,
    "deviation": Feature.DEVIATION,
    "slope": Feature.SLOPE,
    "ago": Feature.AGO,
    "absent": Feature.ABSENT,
}
CONDITIONS: Final = {Feature.ANOMALOUS, Feature.ABSENT}
"""Features that are true or false."""
A_SECOND: Final = {Feature.RATE, Feature.RATE_OVER, Feature.SLOPE}
"""In the signal's unit a second."""
OWN_UNIT: Final = {
    Feature.AGE: "s",
    Feature.QUALITY: "1",
    Feature.SCORE: "1",
    Feature.STATUS: "1",
    Feature.COUNT: "count",
    Feature.CHANGES: "count",
}
"""Not in the signal's."""

SHORTEST_S: Final = 1.0
LONGEST_S: Final = 30 * 86_400.0
"""Of windows."""


def listed(words: dict[str, Feature]) -> str:
    """Return words for a sentence."""
    return ", ".join(sorted(words))
