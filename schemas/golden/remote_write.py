"""Prometheus remote write: the fixture of Prometheus' own tests, compressed as it is sent."""

from schemas.formats.base import Golden

_FIXTURE = bytes.fromhex(
    "f601f0650a760a180a085f5f6e616d655f5f120c746573745f6d6574726963310a060a01621201630a0a0a03"
    "62617a12037175780a060a01641201650a0a0a03666f6f1203626172120909000000000000f03f1a110a060a"
    "016612016711000000000000f03f22141900010a400034402004299d978ccf08ba5b250a7c0aee7800097804"
    "0b0905591800004010011a1301af0c681201690d7a1c004018012216190005013834402004299d978ccf08ba"
    "5b257801"
)
_LABELS = '{b="c",baz="qux",d="e",foo="bar"}'

GOLDEN_REMOTE_WRITE: tuple[Golden, ...] = (
    Golden(
        "prometheus/prometheus (Apache-2.0), storage/remote: writeRequestFixture, with exemplars "
        "and native histograms",
        _FIXTURE,
        tuple(
            ("prometheus", f"test_metric1{suffix}{_LABELS}", time_ns, value, 0)
            for time_ns, sample in ((0, 1.0), (1_000_000, 2.0))
            for suffix, value in (("", sample), ("_count", 0.0), ("_sum", 20.0))
        ),
    ),
)
