"""Functions, and what is asked of signals: properties, and methods over a window."""

from collections.abc import Sequence

from models.trigger.condition import words
from models.trigger.condition.evaluate import ARITY
from models.trigger.condition.names import Scope, Signal, nearest, signal
from models.trigger.condition.operators import same_unit, want_conditions, want_numbers
from models.trigger.condition.program import MOST_BITS, Feature, Op
from models.trigger.condition.term import Term, made
from models.trigger.condition.tree import Kind, Node
from models.trigger.condition.units import RATIO, Measure, a_second, measured, root
from schemas.durations import seconds
from schemas.trigger import Each, Take

_ALL = (*words.OF_NUMBERS, *words.LOOKS_BACK, "bits", "known")


def called(node: Node, args: Sequence[Term], scope: Scope) -> Term:
    """Return what a function makes of its arguments. Raises `ConditionError`."""
    if node.word in words.OF_NUMBERS:
        return _of_numbers(words.OF_NUMBERS[node.word], node, args, scope)
    if node.word in words.LOOKS_BACK:
        return _looks_back(node, args, scope)
    if node.word == "bits":
        return _bits(node, args, scope)
    if node.word == "known":
        _want(node, scope, 1, "known(x)")
        return made(Term(Op.KNOWN, node, True, RATIO, value=scope.value), args)
    near = nearest(node.word, _ALL)
    text = f"near: `{near[0]}`" if near else f"there are {', '.join(sorted(_ALL))}"
    raise scope.error(node, f"`{node.word}` is no function; {text}")


def _want(node: Node, scope: Scope, count: int, form: str) -> None:
    if len(node.children) != count:
        raise scope.error(node, f"`{node.word}` is written `{form}`")


def _of_numbers(op: Op, node: Node, args: Sequence[Term], scope: Scope) -> Term:
    is_pick = op in {Op.LEAST, Op.MOST}
    if is_pick and len(args) < 2:  # noqa: PLR2004 - of one there is no least
        raise scope.error(node, f"`{node.word}` is written `{node.word}(a, b)`, of two or more")
    if not is_pick:
        _want(node, scope, 1, f"{node.word}(x)")
    want_numbers(node, args, scope)
    if is_pick:
        return _picked(Term(op, node, False, same_unit(node, args, scope), value=scope.value), args)
    measure = _of_one(op, node, args[0].measure, scope)
    return made(Term(op, node, False, measure, value=scope.value), args)


def _picked(term: Term, args: Sequence[Term]) -> Term:
    """Return the least or most of many, half by half: no deeper than it must be."""
    if len(args) == 1:
        return args[0]
    half = len(args) // 2
    return made(term, [_picked(term, args[:half]), _picked(term, args[half:])])


def _of_one(op: Op, node: Node, measure: Measure, scope: Scope) -> Measure:
    if op is Op.ABSOLUTE:
        return measure
    if op is Op.ROOT:
        return root(measure)
    if not measure.is_plain and measure.is_known:
        raise scope.error(
            node,
            f"`{node.children[0]}` is in {measure.text}, `{node.word}` wants a ratio: "
            "divide it by something in the same unit",
        )
    return RATIO


def of_conditions(node: Node, scope: Scope) -> tuple[Node, ...]:
    """Return the arguments, without the window, of a function that looks back."""
    op = words.LOOKS_BACK[node.word]
    count = ARITY[op]
    window = () if op is Op.ROSE else ('"10m"',)
    form = ", ".join((*("a", "b")[:count], *window))
    _want(node, scope, count + len(window), f"{node.word}({form})")
    return node.children[:count]


def _looks_back(node: Node, args: Sequence[Term], scope: Scope) -> Term:
    op = words.LOOKS_BACK[node.word]
    want_conditions(node, args, scope)
    window_s = 0.0 if op is Op.ROSE else _window(node.children[-1], scope)
    return made(Term(op, node, True, RATIO, number=window_s, value=scope.value), args)


def _bits(node: Node, args: Sequence[Term], scope: Scope) -> Term:
    _want(node, scope, 2, "bits(x, 6)")
    want_numbers(node, args, scope)
    x, mask = args
    is_whole = mask.op is Op.CONSTANT and mask.number.is_integer()
    if not is_whole or not 0.0 <= mask.number <= MOST_BITS:
        raise scope.error(node.children[1], "the mask of `bits` is a whole number, 0..2**53")
    if x.measure.is_known and not x.measure.is_plain:
        raise scope.error(node, f"`{node.children[0]}` is in {x.measure.text}: it has no bits")
    return made(Term(Op.MASK, node, False, RATIO, value=scope.value), args)


def of_signal(node: Node, scope: Scope) -> Term:
    """Return a property of a signal, or what its samples in a window come to."""
    found = _signal(node, scope)
    if node.kind is Kind.FIELD:
        feature, window_s = _feature(node, words.PROPERTIES, scope), 0.0
        if feature is Feature.PEERS:
            _want_peers(node, found, scope)
    else:
        feature = _feature(node, words.METHODS, scope)
        _want(node, scope, 2, f'{node.children[0]}.{node.word}("5m")')
        window_s = _window(node.children[1], scope)
    measure = _measure(feature, found.measure)
    read = found.read(feature, window_s)
    is_condition = feature in words.CONDITIONS
    return Term(Op.LOAD, node, is_condition, measure, read=read, value=scope.value)


def _want_peers(node: Node, found: Signal, scope: Scope) -> None:
    """Raise unless it is of one signal of an asset."""
    if scope.vocabulary.each is Each.CELL:
        reason = "a cell has no peers: let a name of `where` take the `median` of its assets"
        raise scope.error(node, reason)
    if found.bound.signals.take is not Take.ONE:
        reason = f"`{node.children[0]}` is made of several signals, `peers` are of one"
        raise scope.error(node, reason)


def _signal(node: Node, scope: Scope) -> Signal:
    of = node.children[0]
    if of.kind is Kind.FIELD and of.word in words.PROPERTIES:
        reason = f"`{node.word}` is of a signal, and `{of}` is a number that is worked out"
        raise scope.error(of, reason)
    if of.kind is not Kind.NAME:
        raise scope.error(of, f"`{of}` is worked out, `{node.word}` is of a signal: {_MEND}")
    if scope.expression(of.word) is not None:
        raise scope.error(of, f"`{of}` is a value by expression, `{node.word}` is of a signal")
    return signal(of, scope)


_MEND = "a point whose name has dots needs a name in `where`"


def _feature(node: Node, known: dict[str, Feature], scope: Scope) -> Feature:
    if node.word in known:
        return known[node.word]
    if node.word in words.METHODS:
        wants = f'`{node.word}` wants a window: `{node.children[0]}.{node.word}("5m")`'
        raise scope.error(node, wants)
    what = "property" if known is words.PROPERTIES else "method"
    text = f"`{node.word}` is no {what} of a signal: there are {words.listed(known)}"
    raise scope.error(node, f"{text}; {_MEND}" if known is words.PROPERTIES else text)


def _measure(feature: Feature, measure: Measure) -> Measure:
    if feature in words.OWN_UNIT:
        return measured(words.OWN_UNIT[feature])
    if feature in words.CONDITIONS:
        return RATIO
    return a_second(measure) if feature in words.A_SECOND else measure


def _window(node: Node, scope: Scope) -> float:
    """Read a window. Raises `ConditionError`."""
    if not isinstance(node.constant, str) or node.kind is not Kind.CONSTANT:
        raise scope.error(node, f'`{node}` is no window: write it as a text, `"5m"`')
    try:
        window_s = seconds(node.constant)
    except ValueError as error:
        raise scope.error(node, str(error)) from None
    if not words.SHORTEST_S <= window_s <= words.LONGEST_S:
        raise scope.error(node, f"a window is 1s to 30d, not {node.constant}")
    return window_s
