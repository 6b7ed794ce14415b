"""What no sentence may carry: addresses, markup, commands, and orders to the reader.

Advice stands in the record, word for word; all else that tells a person or program to do something
comes from a writer who was told so by data, or invented it.
"""

import re
from typing import Final

_ADDRESS: Final = (
    r"\b[a-z][a-z0-9+.-]*://\S*",
    r"\bwww\.\S+",
    r"\b(?:mailto|javascript|data|tel):\S+",
    r"\b[\w.+-]+@[\w-]+\.\w+",
    r"\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|ai|app|info|xyz|ru|cn|co|me|sh)\b\S*",
)
_MARKUP: Final = (
    r"!?\[[^\]]*\]\s*[(\[]",
    r"</?[a-z!][^>]*>?",
    r"&#?\w+;",
    r"```|~~~|`",
)
_COMMAND: Final = (
    r"(?:^|[\s;|&$(])(?:sudo|curl|wget|ssh|scp|bash|kubectl|systemctl|ipmitool|nvidia-smi)\b",
    r"(?:^|[\s;|&$(])(?:scontrol|docker|chmod|rm\s+-\w+|powershell)\b",
    r"\$\(|\$\{|&&|\|\|",
)
_VERBS: Final = (
    "run execute restart reboot reset approve accept confirm ignore disregard forget delete remove "
    "disable enable shut drain cordon kill stop open close click visit follow send email call "
    "install download upload enter replace swap reseat unplug isolate evacuate escalate contact "
    "tell ask forward reply do don't never always please immediately check verify inspect migrate "
    "move roll update upgrade"
).replace(" ", "|")
_ORDERS: Final = (
    rf"(?:^|[.;:!?]\s+|\b(?:then|and|now|please|first|next,?)\s+)(?:{_VERBS})\b(?!\s+by\b)",
    r"\b(?:you|operators?|on-call|the reader|everyone|someone|we)\s+(?:must|should|ought)\b",
    r"\b(?:you|operators?|on-call|the reader|everyone|someone|we)\s+(?:have to|need to|can now)\b",
    r"\b(?:must|should|needs? to|has to|have to)\s+be\s+\w+ed\b",
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|rule|prompt|above|system)",
    r"\b(?:system prompt|as an ai|language model)\b",
    r"\bpower (?:off|down|up|cycl\w+)\b",
    r"\bit is safe to\b|\brecommend(?:ed|s|ation)?\b|\bmake sure\b",
)
_ALL: Final = re.compile("|".join((*_ADDRESS, *_MARKUP, *_COMMAND, *_ORDERS)), re.IGNORECASE)


def orders(text: str) -> list[str]:
    """Return what a sentence carries of that. `text`: with quoted names taken out."""
    return [found[0].strip() or found[0] for found in _ALL.finditer(text)]
