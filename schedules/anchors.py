"""Finds, among many watches, the few that one document can match: without it 100,000 watches cost 100,000 evaluations
a document. Pure.

Each query is kept under a token that every document matching it must have, chosen so that few queries share it. The
tokens are those of the archive's full-text index; so the candidates are a superset, and evaluating them decides."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from storage import tokens
from storage.query import All, Node, Some, Term
from storage.search import MatchText, Query

Key = TypeVar("Key", bound=Hashable)


class Anchors(Generic[Key]):
    """Queries by their anchors. Built once for a set of queries; `candidates` then costs only what a document has."""

    def __init__(self, queries: Mapping[Key, Query]) -> None:
        common: Counter[str] = Counter()
        for query in queries.values():
            common.update(set(_all_tokens(query.root)))
        self._always: list[Key] = []
        self._by_token: defaultdict[str, list[Key]] = defaultdict(list)
        for key, query in queries.items():
            anchors = _anchors(query.root, common)
            if anchors is None:
                self._always.append(key)
            else:
                for anchor in anchors:
                    self._by_token[anchor].append(key)

    def candidates(self, document: MatchText) -> set[Key]:
        """The keys of all queries that `document` may match; no other query matches it."""
        found = set(self._always)
        for token in _document_tokens(document):
            found.update(self._by_token.get(token, ()))
        return found


def _document_tokens(document: MatchText) -> set[str]:
    texts = [text for _, text in document.places]
    texts += [text for forms in document.of_field.values() for text in forms]
    found = {token for text in texts for token in tokens.index_tokens(text)}
    found.add(tokens.facet(tokens.TYPE, document.type))
    found.add(tokens.facet(tokens.VALIDITY, document.validity))
    found.add(tokens.facet(tokens.KIND, document.kind or ""))
    found.update(tokens.facet(tokens.SOURCE, source) for source in document.sources)
    return found


def _of_phrase(term: Term, phrase: str) -> list[str]:
    """Tokens of which a document that has the phrase has every one."""
    if term.field == "type":
        return [tokens.facet(tokens.TYPE, phrase)]
    if term.field == "source":
        return [tokens.facet(tokens.SOURCE, phrase)]
    if term.field == "kind":
        return [tokens.facet(tokens.KIND, phrase)]
    if term.field == "validity":
        return [tokens.facet(tokens.VALIDITY, phrase)]
    return [token for token in tokens.query_tokens(phrase)[0] if not token.endswith("*")]


def _all_tokens(node: Node) -> Iterable[str]:
    if isinstance(node, Term):
        for phrase in node.phrases:
            yield from _of_phrase(node, phrase)
    elif isinstance(node, All | Some):
        for child in node.nodes:
            yield from _all_tokens(child)


def _anchors(node: Node, common: Counter[str]) -> frozenset[str] | None:
    """Tokens of which every document that matches `node` has at least one; None where there are none."""
    if isinstance(node, Term):
        choices = [_of_phrase(node, phrase) for phrase in node.phrases]
        if not all(choices):
            return None
        return frozenset(min(choice, key=common.__getitem__) for choice in choices)
    if isinstance(node, Some):
        each = [_anchors(child, common) for child in node.nodes]
        known = [anchors for anchors in each if anchors is not None]
        return frozenset().union(*known) if len(known) == len(each) else None
    if isinstance(node, All):
        known = [found for child in node.nodes if (found := _anchors(child, common)) is not None]
        return min(known, key=lambda found: sum(common[token] for token in found)) if known else None
    return None  # everything, or what a NOT leaves over
