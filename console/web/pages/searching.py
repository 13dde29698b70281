"""Search: the query language, facets that narrow, highlights."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from markupsafe import Markup, escape

from console.web.people import Person, needs
from console.web.templating import page
from storage.errors import OperatorError
from storage.query import Some, parse
from storage.search import QueryError, SearchHit, search
from storage.search_snippets import Span

router = APIRouter(include_in_schema=False)
PAGE = 20
SHOWN = 8  # values of a facet
# The field of the query language that narrows to a value of the facet.
_FIELDS = {"issuer": "issuer", "region": "region", "kind": "kind", "type": "type", "year": "published",
           "validity": "validity", "topic": "topic"}  # fmt: skip


@router.get("/search")
def show(
    request: Request, person: Annotated[Person, Depends(needs("reader"))],
    q: Annotated[str, Query(max_length=2_000)] = "",
    order: Literal["date", "relevance"] = "date", after: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:  # fmt: skip
    """The form with its help, or what the query finds."""
    here = request.app.state.here
    asked = q.strip()
    if not asked:
        return page(request, "search.html", query="", order=order, result=None, wrong=None, facets=(), marks=None,
                    following=None)  # fmt: skip
    try:
        result = search(here.engine, asked, limit=PAGE, order=order, after=after, facets=True)
    except (QueryError, OperatorError) as error:
        return page(request, "search.html", 422, query=q, order=order, result=None, wrong=str(error), facets=(),
                    marks=None, following=None)  # fmt: skip
    kept = request.app.state.desk.of([hit.document_id for hit in result.hits], person.owner_id)
    counts = result.facets.counts() if result.facets else {}
    facets = [
        (name, [(value, count, _with(asked, order, name, value)) for value, count in counts[name][:SHOWN]])
        for name in _FIELDS
        if len(counts.get(name, ())) > 1
    ]
    following = f"/search?{urlencode({'q': asked, 'order': order, 'after': result.after})}" if result.after else None
    return page(request, "search.html", query=asked, order=order, result=result, wrong=None, facets=facets,
                marks=_Marks(), following=following, kept=kept)  # fmt: skip


def _with(query: str, order: str, facet: str, value: str) -> str:
    """The address of the same search within one value of a facet."""
    return f"/search?{urlencode({'q': narrowed(query, _FIELDS[facet], value), 'order': order})}"


def narrowed(query: str, field: str, value: str) -> str:
    """The query, of which a field must have a value too. Brackets keep an OR together: AND binds closer."""
    plain = re.fullmatch(r"[\w/〔〕-]+", value)
    asked = value if plain else '"' + value.replace('"', " ") + '"'
    whole = f"({query})" if isinstance(parse(query).root, Some) else query
    return f"{whole} {field}:{asked}"


class _Marks:
    """Titles and snippets with what was searched for marked; everything else is escaped."""

    def title(self, hit: SearchHit) -> Markup:
        """The title."""
        return marked(hit.title or "", hit.title_highlights)

    def snippet(self, hit: SearchHit) -> Markup:
        """The snippet."""
        return marked(hit.snippet.text, hit.snippet.highlights)


def marked(text: str, spans: Iterable[Span]) -> Markup:
    """`text` escaped, its spans in <mark>."""
    parts, at = [], 0
    for start, end in spans:
        parts += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = end
    return Markup("").join([*parts, escape(text[at:])])
