"""river's own online detectors as contenders (Montiel et al. 2021, JMLR 22:110)."""

import numpy as np
from river.anomaly import HalfSpaceTrees, StandardAbsoluteDeviation
from river.preprocessing import MinMaxScaler

from models.evaluate.tail import gaussian, largest
from schemas.telemetry import Floats, Ints


class Deviation:
    """StandardAbsoluteDeviation, a model a signal, as a Gaussian's tail probability."""

    def __init__(self) -> None:
        self._models: list[StandardAbsoluteDeviation] = []

    def score(self, times_ns: Ints, values: Floats) -> Floats:
        """Return one score a row, (n,). `values`: (n, k), the same k in every call."""
        if not self._models:
            self._models = [StandardAbsoluteDeviation() for _ in range(values.shape[1])]
        columns = [_deviations(*one) for one in zip(self._models, values.T, strict=True)]
        scores = [largest(np.array(row)) for row in zip(*columns, strict=True)]
        return np.array(scores) if columns else np.zeros(times_ns.size)


def _deviations(model: StandardAbsoluteDeviation, values: Floats) -> list[float]:
    scores = []
    for value in values.tolist():
        if not np.isfinite(value):
            scores.append(0.0)
            continue
        scores.append(gaussian(model.score_one(None, value)))  # type: ignore[no-untyped-call]
        model.learn_one(None, value)  # type: ignore[no-untyped-call]
    return scores


class Trees:
    """HalfSpaceTrees over all signals, scaled by the range seen so far. 0.0..1.0, no tail."""

    def __init__(self, seed: int) -> None:
        self._model = MinMaxScaler() | HalfSpaceTrees(seed=seed)

    def score(self, times_ns: Ints, values: Floats) -> Floats:  # noqa: ARG002 - rows only
        """Return one score a row, (n,). `values`: (n, k), the same k in every call."""
        return np.array([self._one(row) for row in values.tolist()], float)

    def _one(self, row: list[float]) -> float:
        signals = {i: value for i, value in enumerate(row) if np.isfinite(value)}
        score = float(self._model.score_one(signals))
        if len(signals) == len(row):  # the trees are built of the first row's signals
            self._model.learn_one(signals)
        return score
