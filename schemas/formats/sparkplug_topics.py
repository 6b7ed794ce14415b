"""What MQTT topics say: Sparkplug 3.0.0, chapter 4."""

from typing import NamedTuple

from schemas.formats.base import is_name
from schemas.formats.sparkplug_births import Member

_SILENT = ("NCMD", "DCMD")


class Address(NamedTuple):
    """What an MQTT topic says."""

    verb: str
    """NBIRTH, NDATA, ..; empty: nothing to be read."""
    member: Member


def parsed(subject: str) -> Address | None:
    """Return what an MQTT topic says; None when it is none of Sparkplug's."""
    parts = subject.split("/")
    if parts[0] == "STATE" or parts[:2] == ["spBv1.0", "STATE"]:
        return Address("", Member(""))
    if len(parts) not in {4, 5} or parts[0] != "spBv1.0" or not is_name(subject):
        return None
    _, group, verb, edge, *device = parts
    verbs = (
        ("DBIRTH", "DDATA", "DDEATH", "DCMD") if device else ("NBIRTH", "NDATA", "NDEATH", "NCMD")
    )
    if verb not in verbs or not all((group, edge, *device)):
        return None
    return Address("" if verb in _SILENT else verb, Member(f"{group}/{edge}", *device))
