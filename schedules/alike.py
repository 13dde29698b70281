"""Terms that many watches have: each is looked for once in a document, not once for each watch. Pure."""

from collections.abc import Hashable
from dataclasses import replace

from schedules.anchors import asked
from storage.query import All, MatchText, Node, Not, Query, Some, Term, TermHit


class SharedTerms:
    """The different terms of many queries, and where the document at hand has those that were looked for."""

    def __init__(self) -> None:
        self._at_hand = _AtHand()
        self._known: dict[Hashable, _Shared] = {}

    def begin(self, has: set[str]) -> None:
        """Another document follows, with these tokens (`anchors.tokens_of`)."""
        self._at_hand.has = has
        self._at_hand.found.clear()

    def within(self, query: Query) -> Query:
        """The query with shared terms in the place of its own. It is for one document until the next `begin`."""
        return replace(query, root=self._shared(query.root))

    def _shared(self, node: Node) -> Node:
        match node:
            case Term():
                key = node.text, node.field, node.phrases, node.same
                if key not in self._known:
                    self._known[key] = _Shared(node, len(self._known), self._at_hand)
                return self._known[key]
            case Not():
                return Not(self._shared(node.node))
            case All() | Some():
                return type(node)(tuple(self._shared(child) for child in node.nodes))
            case _:
                return node


class _AtHand:
    """The tokens of the document at hand, and where it has the terms that were looked for, by their numbers."""

    def __init__(self) -> None:
        self.has: set[str] = set()
        self.found: dict[int, list[TermHit]] = {}


class _Shared(Term):
    """A term that remembers where the document at hand has it."""

    __slots__ = ("at_hand", "choices", "number")

    number: int
    choices: tuple[frozenset[str], ...]  # of tokens: a document that has the term has all of one of them
    at_hand: _AtHand

    def __init__(self, term: Term, number: int, at_hand: _AtHand) -> None:
        super().__init__(term.text, term.field, term.phrases, term.position, term.same)
        question = asked(term)
        object.__setattr__(self, "number", number)
        object.__setattr__(self, "choices", question.one_of[0] if question.one_of else (question.needed,))
        object.__setattr__(self, "at_hand", at_hand)

    def find(self, document: MatchText) -> list[TermHit]:
        """Where `document` has the term; the first answer stands until the next document."""
        hits = self.at_hand.found.get(self.number)
        if hits is None:
            may = any(map(self.at_hand.has.issuperset, self.choices))
            hits = self.at_hand.found[self.number] = super().find(document) if may else []
        return hits
