"""`alltobit eval`: the evaluations that are there."""

from streams.cli.lazy import Entry, group

_ALL = {
    "nab": "Numenta Anomaly Benchmark: its three profiles.",
    "asd": "Application Server Dataset: VUS-PR, false alarms.",
    "ms": "Microsoft's cloud telemetry: VUS-PR, false alarms.",
    "skab": "Skoltech Anomaly Benchmark: VUS-PR, false alarms.",
    "smd": "Server Machine Dataset: VUS-PR, false alarms.",
    "tep": "Tennessee Eastman process: delay of detection, false alarms.",
    "quiet": "False alarms a day where nothing is known to be wrong.",
    "cascade": "Whether incidents name what broke: a simulated plant, beside simple rules.",
    "reports": "Whether false claims of a writer are caught, and true ones let through.",
    "writer": "A language model as a writer: what of its drafts stands the check, tokens, seconds.",
}

app = group(
    {name: Entry(f"streams.evaluate.{name}", line) for name, line in _ALL.items()},
    help="Measure detection on public sets.",
)
