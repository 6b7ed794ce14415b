"""Fabric points: the counters of the InfiniBand specification (PortCounters, PortCountersExtended).

Senders: Linux sysfs as Telegraf's plugin reads it (data in words of 4 bytes), node_exporter (data
already in bytes), UFM telemetry (`..Extended`; one page says bytes, another octets / 4). Bytes are
canonical. Names without a counter in the specification keep node_exporter's words.
"""

from collections.abc import Iterator, Mapping

from schemas.units.point import Point, PointKind

PORT = 1e11
"""XDR 4x, 800 Gb/s, one way, in bytes a second."""
WORD = 4.0

_COUNTS: dict[str, tuple[str, str]] = {
    "SymbolErrorCounter": ("symbol_error", "symbol_error"),
    "LinkErrorRecoveryCounter": ("link_error_recovery", "link_error_recovery"),
    "LinkDownedCounter": ("link_downed", "link_downed"),
    "PortRcvErrors": ("port_rcv_errors", "port_errors_received"),
    "PortRcvRemotePhysicalErrors": (
        "port_rcv_remote_physical_errors",
        "port_receive_remote_physical_errors",
    ),
    "PortRcvSwitchRelayErrors": (
        "port_rcv_switch_relay_errors",
        "port_receive_switch_relay_errors",
    ),
    "PortRcvConstraintErrors": ("port_rcv_constraint_errors", "port_constraint_errors_received"),
    "PortXmitConstraintErrors": (
        "port_xmit_constraint_errors",
        "port_constraint_errors_transmitted",
    ),
    "PortXmitDiscards": ("port_xmit_discards", "port_discards_transmitted"),
    "PortRcvDiscards": ("port_rcv_discards", "port_discards_received"),
    "LocalLinkIntegrityErrors": ("local_link_integrity_errors", "local_link_integrity_errors"),
    "ExcessiveBufferOverrunErrors": (
        "excessive_buffer_overrun_errors",
        "excessive_buffer_overrun_errors",
    ),
    "VL15Dropped": ("VL15_dropped", "vl15_dropped"),
    "PortXmitWait": ("port_xmit_wait", "port_transmit_wait"),
    "PortXmitPkts": ("port_xmit_packets", "port_packets_transmitted"),
    "PortRcvPkts": ("port_rcv_packets", "port_packets_received"),
    "PortUnicastXmitPkts": ("unicast_xmit_packets", "unicast_packets_transmitted"),
    "PortUnicastRcvPkts": ("unicast_rcv_packets", "unicast_packets_received"),
    "PortMulticastXmitPkts": ("multicast_xmit_packets", "multicast_packets_transmitted"),
    "PortMulticastRcvPkts": ("multicast_rcv_packets", "multicast_packets_received"),
}
"""By canonical name: the file in sysfs, and node_exporter's word for it."""

_DATA: dict[str, tuple[str, str]] = {
    "PortXmitData": ("port_xmit_data", "port_data_transmitted_bytes"),
    "PortRcvData": ("port_rcv_data", "port_data_received_bytes"),
}

_HARDWARE: dict[str, str] = {
    "duplicate_request": "duplicate_requests_packets",
    "implied_nak_seq_err": "implied_nak_seq_errors",
    "local_ack_timeout_err": "local_ack_timeout_errors",
    "np_cnp_sent": "np_cnp_packets_sent",
    "np_ecn_marked_roce_packets": "np_ecn_marked_roce_packets_received",
    "out_of_buffer": "out_of_buffer_drops",
    "out_of_sequence": "out_of_sequence_packets_received",
    "packet_seq_err": "packet_sequence_errors",
    "rnr_nak_retry_err": "rnr_nak_retry_packets_received",
    "roce_slow_restart": "roce_slow_restart_used",
    "roce_slow_restart_cnps": "roce_slow_restart_cnps",
    "rp_cnp_handled": "rp_cnp_packets_handled",
    "rp_cnp_ignored": "rp_cnp_ignored_packets_received",
}
"""By file of sysfs' hw_counters: node_exporter's word for it."""


def _sysfs(file: str) -> Iterator[str]:
    """Return how agents that read sysfs call a file."""
    return (start + file for start in ("", "infiniband_", "infiniband/", "infiniband."))


def _counts() -> Iterator[Point]:
    for name, (file, word) in _COUNTS.items():
        yield Point(name=name, unit="count", kind=PointKind.COUNTER)
        senders = (*_sysfs(file), f"node_infiniband_{word}_total", f"{name}Extended")
        for sender in senders:
            yield Point(name=sender, canonical=name)


def _data() -> Iterator[Point]:
    for name, (file, word) in _DATA.items():
        yield _in_words(name)
        yield Point(name=f"node_infiniband_{word}_total", canonical=name, unit="By")
        for sender in (*_sysfs(file), f"{name}Extended"):
            yield Point(name=sender, canonical=name, unit="By", factor=WORD)


def _in_words(name: str) -> Point:
    """Return a counter of words; where that would be more than a link can do, it was bytes."""
    return Point(
        name=name,
        unit="By",
        factor=WORD,
        factors=(1.0,),
        capacity=PORT,
        kind=PointKind.COUNTER,
        wraps=64,
    )


def _hardware(words: Mapping[str, str]) -> Iterator[Point]:
    for file, word in words.items():
        name = f"node_infiniband_{word}_total"
        yield Point(name=name, unit="count", kind=PointKind.COUNTER)
        for sender in _sysfs(file):
            yield Point(name=sender, canonical=name)


def _rates(*names: str) -> Iterator[Point]:
    for name in names:
        yield Point(name=name, unit="1", low=0, high=1)


INFINIBAND: tuple[Point, ...] = (
    *_data(),
    *_counts(),
    *_hardware(_HARDWARE),
    Point(name="PortState", kind=PointKind.STATE, low=0, high=5),
    Point(name="PortPhysicalState", kind=PointKind.STATE, low=0, high=7),
    Point(name="node_infiniband_state_id", canonical="PortState"),
    Point(name="node_infiniband_physical_state_id", canonical="PortPhysicalState"),
    Point(name="node_infiniband_rate_bytes_per_second", unit="B/s", low=0, high=1e12),
    *_rates("Effective_BER", "Raw_BER", "Symbol_BER"),
    Point(name="eff_ber", canonical="Effective_BER"),
    Point(name="raw_ber", canonical="Raw_BER"),
    Point(name="Total_Raw_BER", canonical="Raw_BER"),
    Point(name="symbol_ber", canonical="Symbol_BER"),
    Point(name="Lane?Grade", unit="1"),
)
