"""Sparkplug B: its specification's examples, as the published protobuf definition writes them."""

from schemas.formats.base import Golden

_NBIRTH = bytes.fromhex(
    "08eaf2f5a8a02b12120a05626453657118eaf2f5a8a02b2008580012200a134e6f646520436f6e74726f6c2f"
    "5265626f6f7418eaf2f5a8a02b200b700012210a144e6f646520436f6e74726f6c2f5265626972746818eaf2"
    "f5a8a02b200b700012250a184e6f646520436f6e74726f6c2f4e6578742053657276657218eaf2f5a8a02b20"
    "0b700012240a164e6f646520436f6e74726f6c2f5363616e205261746518eaf2f5a8a02b200458b81712310a"
    "1850726f706572746965732f4861726477617265204d616b6518eaf2f5a8a02b200c7a0c5261737062657272"
    "7920506912320a1950726f706572746965732f4861726477617265204d6f64656c18eaf2f5a8a02b200c7a0c"
    "50692033204d6f64656c204212220a0d50726f706572746965732f4f5318eaf2f5a8a02b200c7a0852617370"
    "6269616e123e0a1550726f706572746965732f4f532056657273696f6e18eaf2f5a8a02b200c7a1c4a657373"
    "6965207769746820504958454c2f31312e30312e32303137121e0a0e537570706c7920566f6c7461676518ea"
    "f2f5a8a02b2009659a9941411800"
)
_DDATA = bytes.fromhex(
    "08eaf2f5a8a02b12150a08496e707574732f4118eaf2f5a8a02b200b700112150a08496e707574732f4318ea"
    "f2f5a8a02b200b70011800"
)
_TIME_NS = 1_486_144_502_122_000_000
_NODE = "Sparkplug B Devices/Raspberry Pi"
_ORIGIN = "Sparkplug 3.0.0 specification (EFSL), chapter 6, payloads"

GOLDEN_SPARKPLUG: tuple[Golden, ...] = (
    Golden(
        f"{_ORIGIN}, NBIRTH: controls and texts are no samples",
        _NBIRTH,
        ((_NODE, "Supply Voltage", _TIME_NS, 12.100000381469727, 0),),
        "spBv1.0/Sparkplug B Devices/NBIRTH/Raspberry Pi",
    ),
    Golden(
        f"{_ORIGIN}, DDATA: booleans",
        _DDATA,
        (
            (f"{_NODE}/Pibrella", "Inputs/A", _TIME_NS, 1.0, 0),
            (f"{_NODE}/Pibrella", "Inputs/C", _TIME_NS, 1.0, 0),
        ),
        "spBv1.0/Sparkplug B Devices/DDATA/Raspberry Pi/Pibrella",
    ),
)
