# ruff: noqa: E501 - lines as the tools print them
"""Texts to import, as the tools print them, each with the traps of its kind."""

import json

SLURM = (
    "##################################################################\r\n"
    "# topology.conf: two leaves below two spines\r\n"
    "SwitchName=leaf-1 Nodes=node[001-003,010] LinkSpeed=400   # 4xNDR\r\n"
    "switchname=leaf-2\tNODES=r[1-2]n[08-09],login1 LinkSpeed=17\r\n"
    "\r\n"
    "SwitchName=spine-1 \\\r\n"
    "    Switches=leaf-[1-2]\r\n"
    "SwitchName=spine-2 Switches=leaf-[1-2]\r\n"
    "SwitchName=broken Nodes=node[7-\r\n"
    "TopologyParam=what is this\r\n"
    "SwitchName=huge Nodes=n[0-999999999]\r\n"
)

IBNETDISCOVER = """\
#
# Topology file: generated on Thu Nov 26 10:00:00 2026
#
# Initiated from node b83fd20300f172a0 port b83fd20300f172a0

vendid=0x2c9
devid=0xd2f2
sysimgguid=0xfc6a1c0300a1b2c0
switchguid=0xfc6a1c0300a1b2c0(fc6a1c0300a1b2c0)
Switch\t65 "S-fc6a1c0300a1b2c0"\t\t# "MF0;leaf-1:MQM9700/U1" enhanced port 0 lid 3 lmc 0
[1]\t"H-b83fd20300f172a0"[1](b83fd20300f172a0) \t\t# "node-01 mlx5_0" lid 12 4xNDR
[2]\t"H-b83fd20300f172b0"[1](b83fd20300f172b0) \t\t# "node-02 mlx5_0" lid 13 4xHDR
[33][ext 17]\t"S-fc6a1c0300a1b2d0"[1]\t\t# "MF0;spine-1:MQM9700/U1" lid 1 4xNDR
[65]\t"H-fc6a1c0300a1b2c8"[1](fc6a1c0300a1b2c8) \t\t# "Mellanox Technologies Aggregation Node" lid 7 4xNDR

vendid=0x2c9
devid=0xd2f2
sysimgguid=0xfc6a1c0300a1b2d0
switchguid=0xfc6a1c0300a1b2d0(fc6a1c0300a1b2d0)
Switch\t65 "S-fc6a1c0300a1b2d0"\t\t# "MF0;spine-1:MQM9700/U1" enhanced port 0 lid 1 lmc 0
[1]\t"S-fc6a1c0300a1b2c0"[33][ext 17]\t\t# "MF0;leaf-1:MQM9700/U1" lid 3 4xNDR
[2]\t"S-00000000deadbeef"[9]\t\t# "gone" lid 99 4xNDR

vendid=0x2c9
devid=0xa2d2
sysimgguid=0xfc6a1c0300a1b2c8
caguid=0xfc6a1c0300a1b2c8
Ca\t1 "H-fc6a1c0300a1b2c8"\t\t# "Mellanox Technologies Aggregation Node"
[1](fc6a1c0300a1b2c8) \t"S-fc6a1c0300a1b2c0"[65]\t\t# lid 7 lmc 0 "MF0;leaf-1:MQM9700/U1" lid 3 4xNDR

vendid=0x2c9
devid=0x1021
sysimgguid=0xb83fd20300f172a0
caguid=0xb83fd20300f172a0
Ca\t1 "H-b83fd20300f172a0"\t\t# "node-01 mlx5_0"
[1](b83fd20300f172a0) \t"S-fc6a1c0300a1b2c0"[1]\t\t# lid 12 lmc 0 "MF0;leaf-1:MQM9700/U1" lid 3 4xNDR

caguid=0xb83fd20300f172b0
Ca\t1 "H-b83fd20300f172b0"\t\t# "node-01 mlx5_0"
[1](b83fd20300f172b0) \t"S-fc6a1c0300a1b2c0"[2]\t\t# lid 13 lmc 0 "MF0;leaf-1:MQM9700/U1" lid 3 4xHDR
ibwarn: [4242] mad_rpc: _do_madrpc failed; dport (Lid 99)
"""

SMI = (
    "\t\x1b[4mGPU0\tGPU1\tGPU2\tNIC0\tNIC1\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\x1b[0m\n"
    "GPU0\t X \tNV18\tNV18\tPIX\tSYS\t0-55,112-167\t0\t\tN/A\n"
    "GPU1\tNV18\t X \tNV18\tPXB\tSYS\t0-55,112-167\t0\t\tN/A\n"
    "GPU2\tNV18\tNV18\t X \tSYS\tPHB\t56-111,168-223\t1\t\tN/A\n"
    "NIC0\tPIX\tPXB\tSYS\t X \tSYS\t\t\t\t\n"
    "NIC1\tSYS\tSYS\tPHB\tSYS\t X \t\t\t\t\n"
    "GPU9\tSYS\tSYS\n"
    "\n"
    "Legend:\n"
    "\n"
    "  X    = Self\n"
    "  SYS  = Connection traversing PCIe as well as the SMP interconnect between NUMA nodes "
    "(e.g., QPI/UPI)\n"
    "  NODE = Connection traversing PCIe as well as the interconnect between PCIe Host Bridges "
    "within a NUMA node\n"
    "  PHB  = Connection traversing PCIe as well as a PCIe Host Bridge (typically the CPU)\n"
    "  PXB  = Connection traversing multiple PCIe bridges (without traversing the PCIe Host "
    "Bridge)\n"
    "  PIX  = Connection traversing at most a single PCIe bridge\n"
    "  NV#  = Connection traversing a bonded set of # NVLinks\n"
    "\n"
    "NIC Legend:\n"
    "\n"
    "  NIC0: mlx5_0\n"
    "  NIC1: mlx5_bond_0\n"
    "\n"
)


def _metadata(path, **words):
    object_type, point_type, *_ = path.split("/")
    words = {"objectType": object_type, "pointType": point_type, **words}
    return f"BMS/v1/PUB/Metadata/{path} {json.dumps(words, separators=(',', ':'))}"


DSX = "\r\n".join(
    [
        _metadata(
            "UPS/Status/site1/elec/ups01/status", objectId="u1", objectName="UPS 1", servesId=["m1"]
        ),
        _metadata(
            "PowerMeter/ActivePower/site1/elec/powermeter1/power",
            engUnit="kW",
            objectId="m1",
            servesId=["R05", "c1"],
            future=[1, 2],
        ),
        _metadata(
            "CDU/LiquidTemperature/site1/row3/cdu01/supply",
            engUnit="C",
            objectId="c1",
            servesId=["R05"],
            processArea=["hall1"],
        ),
        _metadata("Rack/RackPower/site1/row3/rack05/power", engUnit="kW", rackLocationId="R05"),
        _metadata(
            "Sensor/LeakDetect/site1/row3/rack05/sensor1/leak",
            rackLocationId="R05",
            associateId="R05",
        ),
        _metadata("System/Status/site1/bms1/status", objectId="sys", servesId=["R05"]),
        "",
        'BMS/v1/PUB/Metadata/CDU/Status/site1/x/y {"objectType":"CDU"',
        "BMS/v1/PUB/Value/CDU",
        '{"objectType":"Pump","pointType":"PumpSpeed","objectName":"pump 7"}',
    ]
)

TABLE = (
    "\ufeffAsset;Kind;Alias\r\n"
    "ups-1;ups;\r\n"
    "pdu-1;pdu;PDU-A\r\n"
    "pdu-1;pdu;10.0.0.3\r\n"
    "robot-1;robot;\r\n"
    '"a; b";;\r\n'
    ";;\r\n"
    "kind;source;target;capacity\r\n"
    "feeds; ups-1; PDU-A;2.5e5\r\n"
    "feeds;ups-1;pdu-1;-3\r\n"
    "feeds;ups-1;pdu-1;;;more\r\n"
)
