"""The ways a list is served, and what an entry may tell each of them: plain data for people and checks."""

FAMILIES: dict[str, str] = {
    "jpaas": "Hanweb JPAAS: a script fetches the list from a unit API",
    "trs": "TRS WCM: static pages, paging by createPageHTML with numbers first",
    "ucap": "UCAP: static pages paged from 1, or articles as JSON in the page",
    "jcms": "Hanweb JCMS: rows as CDATA records",
    "feed": "RSS, Atom or RDF",
    "links": "any list of links with dates",
    "page": "one page given by its URL; no listing",
}
"""The ways a list is served that can be crawled, and how a person recognises them."""

_PAGE_URL = {"page_url": "Name of further pages where the page does not tell, {n} or {n-1} in it: index_{n-1}.html."}

PARAMS: dict[str, dict[str, str]] = {
    "links": _PAGE_URL,
    "trs": _PAGE_URL,
    "ucap": _PAGE_URL,
}
"""The keys that `params` may have, by family, and what each is for."""
