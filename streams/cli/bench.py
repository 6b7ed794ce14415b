"""`alltobit bench`: the measurements that are installed."""

from importlib.util import find_spec

from streams.cli.lazy import Entry, group

_ALL = {
    "pipeline": "Samples a second of the whole path, against its limit.",
    "latency": "From a raw message to its alert.",
    "alerting": "From 200 faults at once to Alertmanager.",
    "state": "Bytes a signal, and the time of a snapshot.",
    "detectors": "Nanoseconds and bytes of detection, beside river's cheapest.",
    "faults": "Kill, pause and restart everything; compare with a quiet run.",
    "decode": "Nanoseconds a sample of each wire format.",
    "bits": "Bytes a sample and speed of bits, beside Gorilla, zstd and lossy float codecs.",
    "adapter": "Messages a second of one sample each, through ingest.",
    "rules": "Share of a core of 1,000 rules over 100,000 signals, beside CEL one by one.",
    "site": "Seconds and bytes of a site graph of a million edges.",
    "cascade": "Seconds to the incidents of a burst of 10,000 anomalies, on a million edges.",
    "trend": "Time to limit of slow faults, against a straight line.",
    "fuzz": "Mutated messages over every decoder: no error, no hang, no growth.",
}


def _is_there(name: str) -> bool:
    return find_spec("streams.bench") is not None and find_spec(f"streams.bench.{name}") is not None


app = group(
    {name: Entry(f"streams.bench.{name}", line) for name, line in _ALL.items() if _is_there(name)},
    help="Measure on this machine.",
)
