"""Numbers and texts that somebody's parser has stumbled over."""

NUMBERS = (
    *(b"0", b"-1", b"-0", b"00", b"1e400", b"-1e400", b"1e-400", b"5e-324", b"NaN", b"nan", b"inf"),
    *(b"-Inf", b"0x10", b"1_0", b"1.", b".5", b"1e", b"+1", b"9" * 400, b"0." + b"3" * 400),
    *(b"2147483648", b"9007199254740993", b"9223372036854775794", b"9223372036854775808"),
    *(b"18446744073709551615", b"140737488355328.0", b"253402300800000", b"7258118400000000000"),
    *(b"null", b"true", b'"1"', b"[]", b"{}", b"", b"1" + b"0" * 5_000, b"-9223372036854775809"),
    *(b"0.1e1", b"1E5", b"1e+05", b"123456789.123456789", b"4.9406564584124654e-324", b"7i", b"7u"),
)
TEXTS = (
    *("", " ", "\n", "\r\n", "\x00", "\x7f", "\x85", "\ud800", "\u2028", "\ufeff", "\U0001f600"),
    *("a" * 512, "a" * 513, "\u00e9" * 256, "\u00e9" * 257, "=", ",", '"', "\\", "{}", "a/b", "/"),
    *("__name__", "instance", "hostname", "gpu", "UUID", "le", "time", "asset", "quality", "host"),
    *("1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "9999-12-31"),
    *("2023-11-14T22:13:20.123456789+01:00", "2023-02-30T00:00:00Z", "2016-12-31T23:59:60Z"),
)


def varint(number: int) -> bytes:
    """Write a number as protobuf and snappy do."""
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - 7 bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
