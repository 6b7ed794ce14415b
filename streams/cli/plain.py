"""Others' text, harmless for a terminal."""


def plain(text: str) -> str:
    """Return `text` in one line with control characters shown, not obeyed."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
