"""Mutations guided by coverage, over every decoder: `python -m streams.bench.guided [OPTIONS]`.

Needs the extra `fuzz`. The options are libFuzzer's: `-runs=1000000`, `-max_total_time=600`,
`-seed=1`, `-max_len=4096`, a folder for what is found. It begins with the seeds of `bench fuzz`,
stops at the first answer that breaks a law, and writes the message that made it to a file.

The first two bytes of its inputs choose the decoder and the subject, the rest is the message.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

import schemas

MOST_SUBJECTS = 32
_FORMATS = Path(schemas.__file__).parent / "formats"
_COMPILED = ("@compiled", "@inlined")


class UnlawfulError(Exception):
    """An answer breaks a law."""


def compiled_modules() -> list[str]:
    """Name the modules with code for numba, which cannot be traced."""
    root = _FORMATS.parent.parent
    return [
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in _FORMATS.rglob("*.py")
        if any(word in path.read_text() for word in _COMPILED)
    ]


with atheris.instrument_imports(include=["schemas.formats"], exclude=compiled_modules()):
    from schemas.formats import decoders, detect
    from streams.bench.fuzz.campaign import decode
    from streams.bench.fuzz.check import faults
    from streams.bench.fuzz.seeds import Sent, seeds


def harness() -> tuple[Callable[[bytes], None], list[bytes]]:
    """Return what is called with every input, and the first inputs."""
    made = decoders()
    names = list(made)
    sound = [(name, sent) for name in names for sent in seeds(name)]
    subjects = list(dict.fromkeys(["", *(sent.subject for _, sent in sound)]))[:MOST_SUBJECTS]
    offset = 0

    def run(data: bytes) -> None:
        nonlocal offset
        if len(data) < 2:  # noqa: PLR2004 - decoder and subject
            return
        name, subject = names[data[0] % len(names)], subjects[data[1] % len(subjects)]
        detect(data[2:])
        decoded = decode(made[name], [Sent(data[2:], subject)], offset)
        offset += 1
        found = faults(name, decoded, 1)
        if found:
            raise UnlawfulError(f"{name}: {found}")

    first = [
        bytes([names.index(name), subjects.index(sent.subject)]) + sent.data
        for name, sent in sound
        if sent.subject in subjects
    ]
    return run, first


def main(options: Sequence[str]) -> None:
    """Fuzz until an option, or a fault, ends it."""
    run, first = harness()
    with TemporaryDirectory(prefix="alltobit-fuzz-") as folder:
        for i, data in enumerate(first):
            (Path(folder) / f"{i:04d}").write_bytes(data)
        atheris.Setup([sys.argv[0], *options, folder], run)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
