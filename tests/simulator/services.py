"""TRS's search services and the single JSON lists of other sites."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from simulator import details
from simulator.asking import SCRIPT, Answer, Asked, Route, Served, number, to_json
from simulator.documents import Document
from simulator.statics import list_page
from simulator.table import PAGES, Column


def article(column: Column, document: Document) -> str:
    return f"/zwgk/{column.name}/{document.date:%Y%m}/t{document.date:%Y%m%d}_{document.serial}.htm"


def was5(column: Column) -> Served:
    """TRS WAS: a page of rows; a channel that is not there has none."""
    endpoint = urlsplit(column.facts.get("endpoint") or column.url)
    size = int(column.facts.get("size", 15))

    def link(document: Document) -> str:
        return column.origin + article(column, document)

    def search(asked: Asked) -> Answer | None:
        if asked.query.get("channelid") != column.facts["channelid"]:
            return None
        page = number(asked.query.get("page"), 1)
        documents = column.documents(size, (page - 1) * size) if 1 <= page <= PAGES else []
        printed = "".join(
            f'<li><a href="{link(d)}" target="_blank" title="{d.title}">{d.title}</a><span>{d.date}</span></li>'
            for d in documents
        )
        return Answer(
            f'<html><head><title>检索</title></head><body><div id="list"><ul>{printed}</ul></div></body></html>'
        )

    empty = Answer('<html><head><title>检索</title></head><body><div id="list"><ul></ul></div></body></html>')
    routes = [Route(endpoint.path, search, empty, host=endpoint.hostname or "")]
    if endpoint.path != column.path:
        routes.append(Route(column.path, lambda asked: list_page(column, "", "")))
    return Served(column, size, link, routes, lambda d: details.trs(column, d))


# Single JSON lists: what each wants, where its page stands, and how it answers.


def _rows(column: Column, document: Document) -> dict[str, Any]:
    """Under the names that most of them use."""
    return {"title": document.title, "url": column.origin + article(column, document), "id": document.serial}


Print = Callable[[Column, list[Document], int], Any]


def listed(
    column: Column,
    show: Print,
    *,
    page: str = "",
    size: str = "",
    usual: int = 15,
    wanted: dict[str, Any] | None = None,
    method: str = "GET",
    link: Callable[[Column, Document], str] = article,
    look: Callable[[Column, Document], Answer] = details.trs,
    refusal: Any = None,
    path: str = "",
    place: Callable[[Document], str] | None = None,
) -> Served:
    """A list asked for by `page` and `size`; `wanted` must be as it says, else `refusal` is answered."""

    def answer(asked: Asked) -> Answer | None:
        given = asked.json if method == "POST-JSON" else asked.form if method == "POST-FORM" else asked.query
        if asked.method != method[:4].rstrip("-") or not isinstance(given, dict):
            return None
        if any(_text(given.get(name)) != _text(value) for name, value in (wanted or {}).items()):
            return None
        count = number(given.get(size), usual) if size else usual
        asked_page = number(given.get(page), 1) if page else 1
        if not page:
            asked_page = 1
        documents = column.documents(count, (asked_page - 1) * count) if 1 <= asked_page <= PAGES else []
        shown = show(column, documents, count * PAGES)
        if callback := column.facts.get("callback") or ("callback_search" if column.id == "dangyuan-dnfg" else ""):
            return Answer(f"{callback}({json.dumps(shown, ensure_ascii=False)});", SCRIPT)
        return to_json(shown)

    routes = [
        Route(
            path or column.path, answer, to_json(refusal if refusal is not None else {"code": 400, "msg": "参数错误"})
        )
    ]
    pages = PAGES if page else 1
    return Served(column, usual, lambda d: link(column, d), routes, lambda d: look(column, d), pages, place)


def _text(value: Any) -> str:
    return ",".join(map(_text, value)) if isinstance(value, list) else "" if value is None else str(value)


def docs(column: Column, documents: list[Document], total: int) -> Any:
    """`templet=docs.jsp` of WAS."""
    docs = [
        {"title": d.title, "url": column.origin + article(column, d), "chnldocurl": column.origin + article(column, d),
         "pubdate": str(d.date), "docreltime": str(d.date), "fileno": d.number}
        for d in documents
    ]  # fmt: skip
    return {"count": total, "pagenum": PAGES, "docs": docs}


def ssp(column: Column, documents: list[Document], total: int) -> Any:
    rows = [
        {
            "_doctitle": d.title,
            "docpuburl": column.origin + article(column, d),
            "pubdate": f"{d.date} 10:12:00",
            "fileNum": d.number,
        }
        for d in documents
    ]
    return {"datas": rows, "pager": {"total": total, "pageCount": PAGES}}


def igs(column: Column, documents: list[Document], total: int) -> Any:
    """IGS."""
    found = [
        _rows(column, d)
        | {
            "DOCTITLE": d.title,
            "DOCPUBURL": column.origin + article(column, d),
            "PUBDATE": str(d.date),
            "trs_time": str(d.date),
            "FILENUM": d.number,
        }
        for d in documents
    ]
    return {"page": {"total": total, "content": found}}


def jsonp(column: Column, documents: list[Document], total: int) -> Any:
    """The JSONP lists of 吉林."""
    found = [
        _rows(column, d)
        | {
            "docpuburl": column.origin + article(column, d),
            "docTitle": d.title,
            "fileNum": d.number,
            "tip": {"dates": str(d.date), "title": d.title},
        }
        for d in documents
    ]
    return {"total": total, "num": total, "data": found}


def so_gov(column: Column, documents: list[Document], total: int) -> Any:
    found = [
        {
            "data": {
                "title": f"<em>{d.title[:3]}</em>{d.title[3:]}",
                "titleO": d.title,
                "url": column.origin + article(column, d),
                "summary": d.paragraphs[2],
                "docDate": str(d.date),
            }
        }
        for d in documents
    ]
    return {"ok": True, "totalHits": total, "currentHits": len(found), "resultDocs": found}


def party(column: Column, documents: list[Document], total: int) -> Any:
    rows = [
        {
            "pubtime": f"{d.date} 10:12:00",
            "title": d.title,
            "url": cntv(column, d),
            "brief": d.paragraphs[2],
            "type": "ARTI",
        }
        for d in documents
    ]
    return {"q": "", "p": 1, "n": len(rows), "searchVO": {"totalcount": total, "maxPageSize": PAGES, "listVO": rows}}


def cntv(column: Column, document: Document) -> str:
    return f"https://www.12371.cn/{document.date:%Y/%m/%d}/ARTI{document.serial}.shtml"
