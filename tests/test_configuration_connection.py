"""Mistakes that a start would meet only when it connects, or never: a format, a user."""

import json

import pytest

from streams.configuration import load, problems
from streams.errors import ConfigError


def with_kafka(**kafka):
    return {"ALLTOBIT_KAFKA__" + name.upper(): str(value) for name, value in kafka.items()}


def with_raw(*raw):
    return {"ALLTOBIT_RAW": json.dumps(raw)}


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        ("prometheus-txt", "did you mean prometheus-text?"),
        ("sparkplug", "did you mean sparkplug-b?"),
        ("autp", "did you mean auto?"),
        ("xml", "see `alltobit formats`, or give auto"),
    ],
)
def test_a_format_that_nobody_reads_stops_the_start_and_is_told_with_what_was_meant(given, mend):
    environ = with_raw({"name": "a", "format": "native-json"}, {"name": "b", "format": given})
    line = f"raw.1.format={given!r}: no such format (from ALLTOBIT_RAW); {mend}"

    assert problems(None, environ) == [line]
    with pytest.raises(ConfigError) as raised:
        load(None, environ)
    assert str(raised.value) == line


def test_nothing_to_read_is_a_mistake():
    said = "raw='a list of 0': no topic (from ALLTOBIT_RAW); name one, or leave `raw` out"

    assert problems(None, with_raw()) == [said]


@pytest.mark.parametrize(
    ("kafka", "line"),
    [
        (
            {"bootstrap": "a:b:c"},
            (
                "kafka.bootstrap='a:b:c': not host:port (from ALLTOBIT_KAFKA__BOOTSTRAP); "
                "several with commas"
            ),
        ),
        (
            {"security": "SASL_SSL", "password": "p"},
            "kafka.username='': SASL_SSL needs one; name the user",
        ),
        (
            {"security": "SASL_PLAINTEXT", "username": "u"},
            (
                "kafka.password='': SASL_PLAINTEXT needs one; "
                "set ALLTOBIT_KAFKA__PASSWORD or kafka.password_file"
            ),
        ),
        (
            {"security": "SSL", "ca_file": "/nowhere/ca.pem"},
            (
                "kafka.ca_file='/nowhere/ca.pem': cannot be read: No such file or directory "
                "(from ALLTOBIT_KAFKA__CA_FILE); correct the path or file"
            ),
        ),
        (
            {"username": "u"},
            (
                "kafka.username='u': of no use with kafka.security=PLAINTEXT "
                "(from ALLTOBIT_KAFKA__USERNAME); give SASL_PLAINTEXT or SASL_SSL, or leave it out"
            ),
        ),
        (
            {"security": "SSL", "username": "u"},
            (
                "kafka.username='u': of no use with kafka.security=SSL "
                "(from ALLTOBIT_KAFKA__USERNAME); give SASL_PLAINTEXT or SASL_SSL, or leave it out"
            ),
        ),
        (
            {"ca_file": "ca.pem"},
            (
                "kafka.ca_file='ca.pem': of no use with kafka.security=PLAINTEXT "
                "(from ALLTOBIT_KAFKA__CA_FILE); give SASL_SSL or SSL, or leave it out"
            ),
        ),
    ],
    ids=str,
)
def test_a_connection_that_cannot_be_made_is_told_offline(kafka, line):
    assert problems(None, with_kafka(**kafka)) == [line]


def test_every_mistake_of_a_connection_is_told():
    found = problems(None, with_kafka(bootstrap=":::", security="SASL_SSL", ca_file="/nowhere"))

    assert [line.partition("=")[0] for line in found] == [
        "kafka.bootstrap",
        "kafka.ca_file",
        "kafka.username",
        "kafka.password",
    ]


def test_a_start_that_never_connects_is_not_stopped_by_them():
    assert load(None, with_kafka(ca_file="/nowhere/ca.pem", security="SSL")).kafka.bootstrap
