"""How many tokens a text has, counted high and without any tokenizer."""

import re
from math import ceil
from typing import Final

_PIECES: Final = re.compile(r"[A-Za-z]+|[0-9]+|\n|[^\sA-Za-z0-9]")
_A_PIECE: Final = 3  # letters or digits of a token, at most: tokenizers in use take more as a rule


def tokens(said: str) -> int:
    """Return how many tokens a text has at most, about: no tokenizer is asked.

    Words and numbers count a token for each 3 characters, every other mark one.
    """
    return sum(ceil(len(piece) / _A_PIECE) for piece in _PIECES.findall(said))
