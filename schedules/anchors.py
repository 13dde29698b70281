"""Finds, among many watches, the few that one document can match: without it 100,000 watches cost 100,000 evaluations
a document. Pure.

What a watch asks is said in tokens as the full-text index has them, its filters too: `needed`, of which a document that
matches has every one, and `one_of`, of which it has at least one of each group. A watch is kept under the rarest of
them. Of those that a document's tokens lead to, only such are evaluated as have all that they need.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from storage import tokens
from storage.match_text import MatchText
from storage.query import All, Days, Node, Query, Some, Term
from storage.regions import path_of
from storage.search_index import PREFIXES, document_tokens

Key = TypeVar("Key", bound=Hashable)

# Of what is no word of a document. In the private use area, as all prefixes.
CHARACTER, EVENT, LEVEL, PLACE, SUBJECT, CHANGE = "\ue0e0", "\ue0e1", "\ue0e2", "\ue0e3", "\ue0e4", "\ue0e5"
_FACETS = {
    "type": tokens.TYPE, "source": tokens.SOURCE, "kind": tokens.KIND, "validity": tokens.VALIDITY, "level": LEVEL,
}  # fmt: skip
MOST_DAYS = 60  # tokens of a range of days that an anchor may have; wider than that says little


Groups = tuple[tuple[frozenset[str], ...], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The tokens of a question: all of `needed`, and of each group in `one_of` all of at least one choice."""

    needed: frozenset[str] = frozenset()
    one_of: Groups = ()

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(self.needed | other.needed, self.one_of + other.one_of)


def any_of(values: Iterable[str]) -> Asked:
    """One of these tokens must be there."""
    found = sorted(set(values))
    return Asked(frozenset(found)) if len(found) == 1 else Asked(one_of=(tuple(frozenset({one}) for one in found),))


class Anchors(Generic[Key]):
    """Questions by their anchors. They come and go one by one; `candidates` costs only what a document has."""

    def __init__(self, queries: Mapping[Key, Query] | None = None) -> None:
        self._common: Counter[str] = Counter()
        self._always: dict[Key, Asked] = {}
        self._by_token: defaultdict[str, dict[Key, Asked]] = defaultdict(dict)
        self._kept: dict[Key, tuple[Asked, frozenset[str]]] = {}
        if queries:
            self.add_all({key: asked(query.root) for key, query in queries.items()})

    def add_all(self, questions: Mapping[Key, Asked]) -> None:
        """Keep questions; one that is there already is replaced. Which tokens are rare is learned from all of them."""
        for key in questions:
            self.remove(key)
        for question in questions.values():
            self._common.update(_all_tokens(question))
        for key, question in questions.items():
            anchors = self._rarest(question)
            self._kept[key] = question, anchors
            if not anchors:
                self._always[key] = question
            for anchor in anchors:
                self._by_token[anchor][key] = question

    def remove(self, key: Key) -> None:
        """Forget a question; nothing happens where it is not there."""
        question, anchors = self._kept.pop(key, (Asked(), frozenset()))
        self._always.pop(key, None)
        self._common.subtract(_all_tokens(question))
        for anchor in anchors:
            of_token = self._by_token[anchor]
            del of_token[key]
            if not of_token:
                del self._by_token[anchor]

    def candidates(self, has: set[str]) -> set[Key]:
        """The keys of all questions that a document with these tokens (`tokens_of`) may answer; it answers no other."""
        found = set(self._always)
        has_all = has.issuperset
        for anchor in has & self._by_token.keys():
            for key, question in self._by_token[anchor].items():
                if has_all(question.needed) and (not question.one_of or _has_one_of_each(question.one_of, has)):
                    found.add(key)
        return found

    def _rarest(self, question: Asked) -> frozenset[str]:
        """Under what to keep it: one token that it needs, or one of each choice of a group; whatever is rarest."""
        groups = [*question.one_of, *((frozenset({token}),) for token in question.needed)]
        anchors = (frozenset(min(choice, key=self._rank) for choice in group) for group in groups)
        return min(anchors, key=lambda found: sum(map(self._common.__getitem__, found)), default=frozenset())

    def _rank(self, token: str) -> tuple[int, str]:
        return self._common[token], token


def _has_one_of_each(groups: Groups, has: set[str]) -> bool:
    return all(any(map(has.issuperset, group)) for group in groups)


def _all_tokens(question: Asked) -> Iterable[str]:
    yield from question.needed
    for group in question.one_of:
        for choice in group:
            yield from choice


def fact(prefix: str, value: str) -> str:
    """A value as one token."""
    return tokens.facet(prefix, value)


def tokens_of(document: MatchText) -> set[str]:
    """What a document is found by: the tokens of the full-text index, its single characters, and where it is from."""
    found = set(document_tokens(document))
    for _, text in document.places:
        found.update(CHARACTER + character for character in set(text))
    found.update(fact(LEVEL, level) for level in document.levels)
    found.update(fact(PLACE, place) for region in document.regions for place in path_of(region))
    for text, _ in document.changed:
        found.update(tokens.index_tokens(text, CHANGE))
        found.add(CHANGE)
    return found


def asked(node: Node) -> Asked:
    """What a document that matches `node` must have; nothing where that cannot be told by tokens."""
    if isinstance(node, Term):
        return _either([Asked(frozenset(phrase_tokens(node, phrase))) for phrase in node.phrases])
    if isinstance(node, Days):
        days = tokens.range_tokens(node.first, node.last, tokens.DATES[node.field])
        return any_of(days) if len(days) <= MOST_DAYS else Asked()
    if isinstance(node, All):
        found = Asked()
        for child in node.nodes:
            found += asked(child)
        return found
    if isinstance(node, Some):
        return _either([asked(child) for child in node.nodes])
    return Asked()  # everything, or what a NOT leaves over


def _either(choices: list[Asked]) -> Asked:
    """One of these must be answered. Groups within a choice count as its choices, where it has nothing simpler."""
    if len(choices) == 1:
        return choices[0]
    group: list[frozenset[str]] = []
    for choice in choices:
        if choice.needed:
            group.append(choice.needed)
        elif choice.one_of:
            shortest: tuple[frozenset[str], ...] = min(choice.one_of, key=len)
            group.extend(shortest)
        else:
            return Asked()  # it asks for nothing that tokens tell
    return Asked(one_of=(tuple(dict.fromkeys(group)),))


def phrase_tokens(term: Term, phrase: str) -> list[str]:
    """Tokens of which a document that has the phrase has every one."""
    if (prefix := _FACETS.get(term.field or "")) is not None:
        return [tokens.facet(prefix, phrase)]
    if term.field == "region":
        return [fact(PLACE, path[-1])] if (path := path_of(phrase)) else []
    if term.field == "in":
        return [CHANGE]
    if term.field not in {None, *PREFIXES, "attachment", "change"}:
        return []  # a field that this module does not know: evaluated always
    prefix = CHANGE if term.field == "change" else PREFIXES.get(term.field or "", "")
    found = []
    for token in tokens.query_tokens(phrase, prefix)[0]:
        if not token.endswith("*"):
            found.append(token)
        elif not prefix:
            found.append(CHARACTER + token[:-1])
    return found
