"""`alltobit eval`: the evaluations that are there."""

from streams.cli.lazy import Entry, group

_ALL = {
    "nab": "Numenta Anomaly Benchmark: its three profiles.",
}

app = group(
    {name: Entry(f"streams.evaluate.{name}", line) for name, line in _ALL.items()},
    help="Measure detection on public sets.",
)
