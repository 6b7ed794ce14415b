"""What exporters answer to a scrape: dcgm-exporter of GPUs, node_exporter of InfiniBand ports.

Neither prints a time.
"""

import math
from collections.abc import Callable, Sequence

from models.simulate.frame import Frame
from models.simulate.kinds import GPU, KINDS

MODEL = "NVIDIA H100 80GB HBM3"

_COUNTERS = frozenset(sensor.point for sensor in (*GPU, *KINDS["ib"]) if sensor.counter)
_RATIOS = frozenset(sensor.point for sensor in GPU if sensor.decimals > 0)


def dcgm_text(gpus: Sequence[Frame]) -> bytes:
    """Print the GPUs of one node (`node/gpuN`, same points) as dcgm-exporter does.

    A sample that is missing has no line.
    """
    return _text(gpus, _labels)


def infiniband_text(nics: Sequence[Frame]) -> bytes:
    """Print the NICs of one node (`node/ibN`, same points) as node_exporter does.

    No label names the host: whoever scraped it knows.
    """
    return _text(nics, _port_labels)


def _text(frames: Sequence[Frame], labels_of: Callable[[str], str]) -> bytes:
    lines: list[str] = []
    labels = [labels_of(frame.asset) for frame in frames]
    for i, point in enumerate(frames[0].points):
        kind = "counter" if point in _COUNTERS else "gauge"
        lines += (f"# HELP {point} {point}", f"# TYPE {point} {kind}")
        for label, frame in zip(labels, frames, strict=True):
            if not math.isnan(frame.values[i]):
                lines.append(f"{point}{{{label}}} {_exported(point, frame.values[i])}")
    return ("\n".join(lines) + "\n").encode()


def _port_labels(asset: str) -> str:
    return f'device="{asset.rpartition("/")[2]}",port="1"'


def _labels(asset: str) -> str:
    """Label one GPU as dcgm-exporter does, with a made-up but steady UUID."""
    host, _, gpu = asset.partition("/gpu")
    uuid = f"GPU-{int.from_bytes(asset.encode()[-12:].rjust(12, b'0'), 'big'):024x}"
    bus = f"00000000:{int(gpu) * 16 + 1:02X}:00.0"
    return (
        f'gpu="{gpu}",UUID="{uuid}",pci_bus_id="{bus}",device="nvidia{gpu}",'
        f'modelName="{MODEL}",Hostname="{host}"'
    )


def _exported(point: str, value: float) -> str:
    return f"{value:.6f}" if point in _RATIOS else f"{value:.0f}"
