"""Lonsun (安徽): one servlet for all lists, which wants the label, the site, the organ and the category."""

from simulator import details
from simulator.asking import Answer, Asked, Route, Served, number
from simulator.documents import Document
from simulator.table import PAGES, Column


def lonsun(column: Column) -> Served:
    facts = column.facts
    size = 15

    def link(document: Document) -> str:
        return f"/public/{facts['organId']}/{document.serial}.html"

    def fragment(asked: Asked) -> Answer | None:
        given = asked.query
        if any(given.get(name) != value for name, value in facts.items()):
            return None
        count, page = number(given.get("pageSize"), size), number(given.get("pageIndex"), 1)
        documents = column.documents(count, (page - 1) * count) if 1 <= page <= PAGES else []
        printed = "".join(
            f'<li><a href="{link(d)}" title="{d.title}" target="_blank">{d.title}</a>'
            f'<span class="date">{d.date}</span></li>'
            for d in documents
        )
        return Answer(f'<ul class="doc_list">{printed}</ul>')

    routes = [Route(column.path, fragment, Answer('<ul class="doc_list"></ul>'))]
    return Served(column, size, link, routes, lambda d: details.plain(column, d))
