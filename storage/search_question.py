"""What a query asks of the full-text index: an expression of tokens, and whether its answer needs no check. Pure."""

from typing import NamedTuple

from storage import tokens
from storage.query import All, Days, Everything, Node, Not, Some, Term
from storage.search_index import PREFIXES

TOKENS_OF_A_PHRASE = 24  # enough to be rare; the recheck does the rest

# A token, one that ends in `*` and stands for all that begin so, or (operator, operands): and, or, not.
Expression = str | tuple[str, tuple["Expression", ...]]

_FACETS = {
    "type": tokens.TYPE, "source": tokens.SOURCE, "validity": tokens.VALIDITY, "kind": tokens.KIND,
}  # fmt: skip


class Question(NamedTuple):
    """`expression`: every document that matches has it; None: every document is a candidate. `exact`: no other has."""

    expression: Expression | None
    exact: bool


def question(node: Node) -> Question:  # noqa: PLR0911 - one for each kind of node
    """What to ask the index for `node`."""
    match node:
        case Everything():
            return Question(None, True)
        case Term():
            return _term(node)
        case Days():
            asked = tuple(tokens.range_tokens(node.first, node.last, tokens.DATES[node.field]))
            return Question(("or", asked), True)
        case Not():
            inner, exact = question(node.node)
            if inner is None or not exact:
                return Question(None, False)  # a superset cannot be taken away
            return Question(("not", (inner,)), True)
        case All():
            parts = [question(child) for child in node.nodes]
            wanted = tuple(part for part, _ in parts if part is not None)
            return Question(("and", wanted) if wanted else None, all(exact for _, exact in parts))
        case Some():
            parts = [question(child) for child in node.nodes]
            exact = all(exact for _, exact in parts)
            if any(part is None for part, _ in parts):
                return Question(None, exact)
            return Question(("or", tuple(part for part, _ in parts if part is not None)), exact)


def _term(term: Term) -> Question:
    if term.field in _FACETS:
        # Of a source none may be left; then the prefix alone is asked for, which no document has.
        values = [tokens.facet(_FACETS[term.field], phrase) for phrase in term.phrases or ("",)]
        return Question(values[0] if len(values) == 1 else ("or", tuple(values)), True)
    forms: list[Expression] = []
    exact = term.field != "attachment"  # its words share the tokens of the whole document
    for phrase in term.phrases:
        needed, decides = tokens.query_tokens(phrase, PREFIXES.get(term.field or "", ""))
        step = max(1, -(-len(needed) // TOKENS_OF_A_PHRASE))
        forms.append(("and", tuple(needed[::step])))
        exact = exact and decides
    return Question(forms[0] if len(forms) == 1 else ("or", tuple(forms)), exact)
