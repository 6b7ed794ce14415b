"""UFM Telemetry: its Prometheus endpoint, and the same counters as CSV."""

from schemas.formats.base import Golden

_PAGE = "NVIDIA UFM Telemetry Documentation v1.8, Prometheus Endpoint Support"
_SIMULATOR = "the columns of Mellanox/ufm_sdk_3.0, telemetry simulator; values made up"
_PORT = "0x0002c90300f172a0/p2"
_PORT_1 = "0x0002c90300f172a0/p1"
_NS = 1_628_683_905_941_000_000

GOLDEN_UFM_TEXT = (
    Golden(
        _PAGE,
        b"""# TYPE PortXmitDataExtended counter
# TYPE PortXmitPktsExtended counter
PortXmitDataExtended{source="0x0002c90300f172a0", node_guid="2c90300f172a0", \
port_guid="2c90300f172a2", port_num="2"} 85554128244 1628683905941
PortXmitPktsExtended{source="0x0002c90300f172a0", node_guid="2c90300f172a0", \
port_guid="2c90300f172a2", port_num="2"} 1188251785 1628683905941
""",
        (
            (_PORT, "PortXmitDataExtended", _NS, 85_554_128_244.0, 0),
            (_PORT, "PortXmitPktsExtended", _NS, 1_188_251_785.0, 0),
        ),
    ),
)

GOLDEN_UFM_CSV = (
    Golden(
        _SIMULATOR,
        b"""timestamp,source_id,tag,node_guid,port_guid,port_num,PortXmitDataExtended,\
PortRcvErrorsExtended
1628683905941000,0x0002c90300f172a0,,0x0002c90300f172a0,0x0002c90300f172a1,1,85554128244,0
1628683905941000,0x0002c90300f172a0,,0x0002c90300f172a0,0x0002c90300f172a2,2,1188251785,
""",
        (
            (_PORT_1, "PortXmitDataExtended", _NS, 85_554_128_244.0, 0),
            (_PORT_1, "PortRcvErrorsExtended", _NS, 0.0, 0),
            (_PORT, "PortXmitDataExtended", _NS, 1_188_251_785.0, 0),
            (_PORT, "PortRcvErrorsExtended", _NS, float("nan"), 1),
        ),
    ),
)
