"""Who an instance is: its asset, cell and labels, beside texts. Answered once, when it is made."""

from models.trigger.condition.names import Scope
from models.trigger.condition.program import Op, Trait
from models.trigger.condition.term import Term, made
from models.trigger.condition.tree import Kind, Node
from models.trigger.condition.units import RATIO
from schemas.trigger import Each

_COMPARED = {"_==_", "_!=_"}
_METHODS = {"startsWith", "endsWith", "contains"}
_THERE = "there are `==`, `!=`, `in`, `startsWith`, `endsWith` and `contains`"


def of_texts(node: Node, scope: Scope) -> Term | None:
    """Return what is asked of a text; None: the node is about none. Raises `ConditionError`."""
    if node.kind is Kind.CALL and node.word in _COMPARED:
        return _compared(node, scope)
    if not node.children or node.kind is Kind.LIST:
        return _alone(node, scope)
    subject = _subject(node.children[0], scope)
    if subject is None:
        return _alone(node, scope)
    if node.word == "@in":
        return _trait(node, Trait(subject, "==", _listed(node.children[1], scope)), scope)
    if node.kind is Kind.METHOD and node.word in _METHODS:
        texts = tuple(_text(child, scope) for child in node.children[1:])
        if len(texts) != 1:
            raise scope.error(node, f'`{node.word}` is written `{subject}.{node.word}("gpu-")`')
        return _trait(node, Trait(subject, node.word, texts), scope)
    raise scope.error(node, f"`{node.word.strip('_')}` cannot be asked of a text: {_THERE}")


def _alone(node: Node, scope: Scope) -> Term | None:
    if _subject(node, scope) is not None:
        raise scope.error(node, f'`{node}` is a text: compare it, `{node} == "..."`')
    return None


def _compared(node: Node, scope: Scope) -> Term | None:
    a, b = node.children
    subject = _subject(a, scope)
    if subject is None:
        subject, b = _subject(b, scope), a
    if subject is None:
        return None
    found = _trait(node, Trait(subject, "==", (_text(b, scope),)), scope)
    if node.word == "_==_":
        return found
    return made(Term(Op.NOT, node, True, RATIO, value=scope.value), [found])


def _trait(node: Node, trait: Trait, scope: Scope) -> Term:
    if scope.vocabulary.each is Each.CELL and trait.subject != "cell":
        raise scope.error(node, f"`{trait.subject}`: the rule is asked of cells, there is `cell`")
    return Term(Op.LOAD, node, True, RATIO, trait=trait, value=scope.value)


def _subject(node: Node, scope: Scope) -> str | None:
    """Return which text a node is: `asset`, `cell` or `labels.x`; None: it is no such."""
    if node.kind is Kind.NAME and node.word in {"asset", "cell"}:
        return None if scope.names(node.word) else node.word
    of, *more = node.children or (node,)
    if of.kind is not Kind.NAME or of.word != "labels" or scope.names("labels"):
        return None
    if node.kind is Kind.FIELD:
        return f"labels.{node.word}"
    if node.word == "_[_]" and isinstance(more[0].constant, str):
        return f"labels.{more[0].constant}"
    return None


def _listed(node: Node, scope: Scope) -> tuple[str, ...]:
    if node.kind is not Kind.LIST or not node.children:
        raise scope.error(node, f'`{node}` is no list of texts: write `["a", "b"]`')
    return tuple(_text(child, scope) for child in node.children)


def _text(node: Node, scope: Scope) -> str:
    if node.kind is not Kind.CONSTANT or not isinstance(node.constant, str):
        raise scope.error(node, f'`{node}` is no text: write it in quotes, `"{node}"`')
    return node.constant
