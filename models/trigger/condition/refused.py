"""What CEL's parser says of a text that it refuses, in words for people.

The library tells errors as text only, so text is what is read here: the first one's place and
reason. What is not recognised is told as it came, cut.
"""

import re

from models.trigger.condition.tree import ConditionError, Place

DEEPEST = 32
"""Levels of a condition: parentheses, calls, a chain of `+`."""
TOO_DEEP = f"nested too deeply: at most {DEEPEST} levels, put parts of it into values"

_NO_LINE = 2**32 - 1
_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_REASONS: tuple[tuple[str, str], ...] = (
    (r"recursion (?:limit|depth)", TOO_DEEP),
    (r"mismatched input '<EOF>' expecting ':'", "`?` wants `:` and what holds otherwise"),
    (r"mismatched input '<EOF>'|no viable alternative at input '<EOF>'", "it ends too early"),
    (r"missing '(.+?)' at '<EOF>'", "`{}` is missing at the end"),
    (r"missing '(.+?)' at '(.+?)'", "`{}` is missing before `{}`"),
    (r"token recognition error at: '([\"'].*)'", "the text {} is not closed"),
    (r"token recognition error at: '&", "`&` is none: write `&&`, of bits `bits(x, 6)`"),
    (r"token recognition error at: '\|", "`|` is none: write `||`"),
    (r"token recognition error at: '=", "`=` is none: write `==`"),
    (r"token recognition error at: '(.+)'", "`{}` is no part of the language"),
    (r"(?:extraneous|mismatched) input '(.+?)' expecting", "`{}` does not fit here"),
    (r"no viable alternative at input '(.+)'", "`{}` does not fit here"),
    (r"reserved identifier: (\w+)", "`{}` is a reserved word: give it another name in `where`"),
    (
        r"undeclared reference to '(.+?)'",
        "`{}` is not known: there is `event`, and CEL's functions",
    ),
    (r"no matching overload for '_?(.+?)_?' applied to '(.+?)'", "`{}` does not go with {}"),
    (r"invalid \w+ literal", "this number is too large"),
)


def refused(said: str) -> ConditionError:
    """Return the error that stands for what the library said."""
    found = _ERROR.search(said)
    if not found:
        return ConditionError(_reason(said), Place(1, 1))
    line, column, reason = int(found[1]), int(found[2]), found[3]
    is_told = column > 0 and 0 < line < _NO_LINE
    return ConditionError(_reason(reason), Place(line, column) if is_told else Place(1, 1))


def _reason(said: str) -> str:
    for pattern, reason in _REASONS:
        found = re.search(pattern, said)
        if found:
            return reason.format(*(word.strip()[:40] for word in found.groups()))
    return said.removeprefix("Syntax error: ").removesuffix(" [INVALID_ARGUMENT]")[:120]
