"""How a list's server is asked for its pages: a URL, a method, and tables of parameters.

The next request is always built from the source's own endpoint, never from a URL in an answer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin

from policy_crawler.errors import OperatorError
from policy_crawler.listings.model import ListRequest

METHODS = ("GET", "POST-FORM", "POST-JSON")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How a list's server is asked for page N.

    `query` goes into the URL, `form` or `json` into the body, by `method`; the URL's own query is kept, a parameter
    that is in both is sent once. The page's number goes where `page_param` is already written, else where the method's
    own parameters go; it is `first_page` + (N-1) * `step`, of the type that stands there. A dotted `page_param` reaches
    into a JSON body; a URL with `{page}` in it carries the number itself."""

    url: str
    method: str = "GET"
    query: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] = field(default_factory=dict)
    page_param: str = ""
    first_page: int = 1
    step: int = 1
    size_param: str = ""
    size: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def page(self, number: int) -> ListRequest:
        """The request for page `number` (from 1). Raises OperatorError for an unknown method."""
        if self.method not in METHODS:
            raise OperatorError(f"{self.url}: method: expected one of {', '.join(METHODS)}, found {self.method!r}")
        bare, _, printed = self.url.partition("#")[0].partition("?")
        query = {**dict(parse_qsl(printed, keep_blank_values=True)), **self.query}
        tables = {"query": query, "form": dict(self.form), "json": _copied(self.json)}
        if self.size_param and self.size is not None:
            self._set(tables, self.size_param, self.size)
        if self.page_param:
            self._set(tables, self.page_param, self._number(number))
        url, headers, body = bare.replace("{page}", str(self._number(number))), list(self.headers), None
        if tables["query"]:
            url += "?" + _encoded(tables["query"])
        if self.method == "POST-FORM":
            body = _encoded(tables["form"]).encode()
            headers.append(("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
        elif self.method == "POST-JSON":
            body = json.dumps(tables["json"], ensure_ascii=False, separators=(",", ":")).encode()
            headers.append(("Content-Type", "application/json;charset=UTF-8"))
        return ListRequest(url, "GET" if self.method == "GET" else "POST", body, tuple(headers), number)

    def _number(self, number: int) -> int:
        return self.first_page + (number - 1) * self.step

    def _set(self, tables: dict[str, dict[str, Any]], name: str, value: int) -> None:
        own = {"GET": "query", "POST-FORM": "form", "POST-JSON": "json"}[self.method]
        place = next((table for table in tables.values() if name in table), None)
        if place is None:
            place = tables[own]
            if own == "json":
                *outer, name = name.split(".")
                for key in outer:
                    place = place.setdefault(key, {})
        place[name] = str(value) if isinstance(place.get(name), str) else value


def endpoint_url(list_url: str, params: Mapping[str, Any], default: str = "") -> str:
    """Where the list is asked: `params["endpoint"]`, absolute or from the root of the site, else `default`."""
    return urljoin(list_url, str(params.get("endpoint") or default))


def _encoded(table: Mapping[str, Any]) -> str:
    return urlencode(
        [
            (name, _as_text(one))
            for name, value in table.items()
            for one in (value if isinstance(value, (list, tuple)) else [value])
        ]
    )


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "" if value is None else str(value)


def _copied(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _copied(value) if isinstance(value, Mapping) else value for name, value in table.items()}
