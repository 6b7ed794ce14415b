"""Bit frames as text that a language model can read: `summaries`, then `text`."""

from models.symbols.summary import Summary, Window, summaries
from models.symbols.text import text
from models.tokens import tokens

__all__ = ["Summary", "Window", "summaries", "text", "tokens"]
