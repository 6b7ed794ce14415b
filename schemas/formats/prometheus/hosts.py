"""Who a text is about, where no label says so: whoever published it, by the message's subject."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from schemas.formats.base import is_name
from schemas.formats.labels import UNKNOWN_ASSET
from schemas.telemetry import Spans


def hosted(spans: Spans, subjects: Sequence[str]) -> Spans:
    """Put the subject of each message in place of the host that its labels do not name."""
    nameless = np.array([one.partition("/")[0] == UNKNOWN_ASSET for one in spans.assets], np.bool_)
    which = np.flatnonzero(nameless[spans.asset]) if nameless.any() else ()
    numbers = {name: number for number, name in enumerate(spans.assets)}
    asset = spans.asset.copy()
    for i in which:
        subject = subjects[spans.message[i]]
        if is_name(subject):
            name = subject + spans.assets[asset[i]][len(UNKNOWN_ASSET) :]
            asset[i] = numbers.setdefault(name, len(numbers))
    return replace(spans, assets=list(numbers), asset=asset) if len(which) else spans
