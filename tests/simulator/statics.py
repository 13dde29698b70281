"""Columns that are files: lists of links, further pages by the name that the family's pager gives them."""

import hashlib
import html
from collections.abc import Callable
from urllib.parse import parse_qsl

from simulator import details
from simulator.asking import HTML, Answer, Asked, Route, Served
from simulator.documents import Document
from simulator.table import PAGES, Column

ROWS = 20
Look = Callable[[Column, Document], Answer]


# Where articles stand (the dialects of cms families)


def _trs(column: Column, document: Document) -> str:
    return f"./{document.date:%Y%m}/t{document.date:%Y%m%d}_{document.serial}.html"


def _ucap(column: Column, document: Document) -> str:
    return f"{column.folder}{document.date:%Y%m}/{document.hex}.shtml"


def _nc(column: Column, document: Document) -> str:
    return f"{column.folder}c{document.serial}/content.html"


def day_file(column: Column, document: Document) -> str:
    return f"{column.folder}{document.date:%Y%m%d}/{document.serial}.html"


def _day_hex(column: Column, document: Document) -> str:
    return f"/{document.date:%Y%m%d}/{document.hex}.html"


def _month_content(column: Column, document: Document) -> str:
    return f"{column.folder}{document.date:%Y%m}/content_{document.serial}.htm"


def _people(column: Column, document: Document) -> str:
    return f"/n1/{document.date:%Y/%m%d}/c1003-{document.serial}.html"


def _vsb(column: Column, document: Document) -> str:
    return f"/info/1024/{document.serial}.htm"


def _shanghai(column: Column, document: Document) -> str:
    return f"/{column.path.split('/')[1]}/{document.date:%Y%m%d}/{document.hex}.html"


def _epoint(column: Column, document: Document) -> str:
    return f"{column.folder}{document.date:%Y%m%d}/{document.uuid}.html"


def _liaoning(column: Column, document: Document) -> str:
    return f"{column.folder}{document.date:%Y%m%d}{document.serial}/index.shtml"


# The pages of a list


def rows(column: Column, documents: list[Document], link: Callable[[Column, Document], str], *, mark: str = "") -> str:
    """Rows as nearly all families print them: the title cut short in the link, whole in its `title`, and the date."""
    printed = []
    for document in documents:
        short = document.title if len(document.title) < 28 else document.title[:26] + "…"
        attributes = f' id="line_u{document.place}"' if mark == "vsb" else ""
        printed.append(
            f'<li{attributes}><a href="{link(column, document)}" title="{html.escape(document.title)}" target="_blank">'
            f"{html.escape(short)}</a><span>{document.date}</span></li>"
        )
    return "\n".join(printed)


def list_page(column: Column, printed: str, pager: str, *, head: str = "") -> Answer:
    return Answer(
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>政策文件_{column.issuer}</title>{head}</head><body>'
        '<div class="header"><a href="/">网站首页</a><ul class="nav"><li><a href="/zwgk/">政务公开</a></li>'
        '<li><a href="/zwfw/">政务服务</a></li><li><a href="/hdjl/">互动交流</a></li></ul></div>'
        f'<div class="list-box"><ul class="list">{printed}</ul></div><div class="page">{pager}</div>'
        '<div class="footer"><a href="/wzdt/">网站地图</a><a href="/lxwm/">联系我们</a></div></body></html>',
        HTML,
    )


def anchors(names: list[str], page: int) -> str:
    """A pager of links."""
    printed = [f'<a href="{names[0]}">首页</a>']
    if page > 1:
        printed.append(f'<a href="{names[page - 2]}">上一页</a>')
    printed += [f"<span>{n}</span>" if n == page else f'<a href="{name}">{n}</a>' for n, name in enumerate(names, 1)]
    if page < len(names):
        printed.append(f'<a href="{names[page]}">下一页</a>')
    return "".join(printed) + f'<a href="{names[-1]}">尾页</a>'


def _names(column: Column, template: str) -> list[str]:
    """The file names of the pages beside the first."""
    file = column.path.rpartition("/")[2] or "index.html"
    stem = file.rpartition(".")[0]
    component = int(hashlib.sha256(column.folder.encode()).hexdigest()[:6], 16)
    names = [file]
    for page in range(2, PAGES + 1):
        name = template.replace("<stem>", stem).replace("{id}", str(component))
        names.append(name.replace("{n}", str(page)).replace("{n-1}", str(page - 1)))
    return names


def _call(kind: str, column: Column, names: list[str], page: int) -> str:
    """What the page says about its further pages: a vendor's script, links, or nothing."""
    stem, _, ending = names[0].rpartition(".")
    if kind == "trs":
        return f'<script>createPageHTML({len(names)}, {page - 1}, "{stem}", "{ending}");</script>'
    if kind == "count":
        written = f"""document.write('<a href="{stem}_' + (currentPage + 1) + '.{ending}">下一页</a>');"""
        return f"<script>var currentPage = {page - 1};var countPage = {len(names)};{written}</script>"
    if kind == "ucap":
        told = f"{len(names)}, {page}, '{stem}', '{ending}', {len(names) * ROWS}"
        return f"<script>createPageHTML('page_div', {told});</script>"
    if kind == "pc":
        return f"<script>var totalData = {len(names) * ROWS}; var showData = {ROWS}; var nowPage = {page};</script>"
    return anchors(names, page) if kind == "links" else ""


def files(
    column: Column,
    link: Callable[[Column, Document], str],
    look: Look,
    *,
    template: str,
    pager: str,
    head: str = "",
    mark: str = "",
) -> Served:
    """A column of files: page 1 at its URL, the others beside it by `template`."""
    names = _names(column, template)
    wanted = dict(parse_qsl(column.parts.query, keep_blank_values=True))

    def page(number: int) -> Answer:
        documents = column.documents(ROWS, (number - 1) * ROWS)
        return list_page(
            column, rows(column, documents, link, mark=mark), _call(pager, column, names, number), head=head
        )

    def first(asked: Asked) -> Answer | None:
        if "page" in wanted and names[1].partition("?")[0] == names[0]:
            number = int(asked.query.get("page", "1"))
            return page(number) if number <= PAGES else None
        return page(1) if all(asked.query.get(name) == value for name, value in wanted.items()) else None

    routes = [Route(column.path, first)]
    for number, name in enumerate(names[1:], 2):
        if "?" not in name:
            routes.append(Route(column.folder + name, lambda asked, number=number: page(number)))  # type: ignore[misc]
    return Served(
        column, ROWS, lambda document: link(column, document), routes, lambda document: look(column, document)
    )


def trs(column: Column) -> Served:
    """TRS WCM. Its script's call names the pages; a site that numbers them otherwise (湖南) does not call it."""
    told, kind = column.facts.get("next"), column.facts.get("pager")
    file = column.path.rpartition("/")[2]
    ending = file.rpartition(".")[2] or (told or "html").rpartition(".")[2]
    template = told or f"<stem>_{{n-1}}.{ending}"
    if kind == "call":  # the vendor's script names all pages alike, after the first
        template = f"<stem>_{{n-1}}.{ending}"
    numbered = template in {f"<stem>_{{n-1}}.{ending}", f"index_{{n-1}}.{ending}"}
    pager = kind if kind in {"count", "links"} else "trs" if numbered else "none"
    head = '<meta name="SiteIDCode" content="3500000001"><!-- TRS_Editor -->'
    if not file:  # the first page of a folder is index.EXT, and the call says so
        return _folder(column, template, pager, head)
    return files(column, _trs, details.trs, template=template, pager=pager, head=head)


def _folder(column: Column, template: str, pager: str, head: str) -> Served:
    ending = template.rpartition(".")[2]
    served = files(column, _trs, details.trs, template=template, pager="none", head=head)
    names = [f"index.{ending}", *_names(column, template)[1:]]

    def page(number: int) -> Answer:
        documents = column.documents(ROWS, (number - 1) * ROWS)
        return list_page(column, rows(column, documents, _trs), _call(pager, column, names, number), head=head)

    first = served.routes[0]

    def opened(asked: Asked) -> Answer | None:
        return page(1) if first.handler(asked) else None

    routes = [Route(column.path, opened)]
    routes += [
        Route(column.folder + name, lambda asked, number=number: page(number))  # type: ignore[misc]
        for number, name in enumerate(names[1:], 2)
    ]
    return Served(column, ROWS, served.link, routes, served.look)


def ucap(column: Column) -> Served:
    """UCAP's static lists."""
    ending = column.path.rpartition(".")[2] if "." in column.path else "shtml"
    template = column.facts.get("next") or "<stem>_{n}." + ending
    return files(column, _ucap, details.ucap, template=template, pager="ucap")


def nc(column: Column) -> Served:
    """The n/c system: a component's id in the pages' names, printed by the pager."""
    return files(column, _nc, details.plain, template="index_{id}_{n}.html", pager="links")


def pc(column: Column) -> Served:
    """国家数据局, 国家信息中心: `index_pc_{n}.html`, the number of rows in the page's variables."""
    return files(column, _month_content, details.plain, template="index_pc_{n}.html", pager="pc")


def liaoning(column: Column) -> Served:
    template = column.facts["hash"] + "-{n}.shtml"
    return files(column, _liaoning, details.plain, template=template, pager="links")


def news(column: Column) -> Served:
    told = column.facts.get("next")
    people = column.host.endswith("people.com.cn")
    return files(
        column,
        _people if people else day_file,
        details.news,
        template=told or "<stem>_{n}.html",
        pager="none" if told else "links",
    )


def plain(column: Column) -> Served:
    """A site of no family that is known: some dialect of articles, a pager of links or none that is told."""
    told = column.facts.get("next")
    look, link = ((details.plain, day_file), (details.trs, _trs), (details.plain, _day_hex), (details.plain, _nc))[
        int(hashlib.sha256(column.host.encode()).hexdigest()[:2], 16) % 4
    ]
    if column.host == "www.gov.cn":
        look, link = details.govcn, _month_content
    return files(column, link, look, template=told or "<stem>_{n-1}.html", pager="none" if told else "links")


def vsb(column: Column) -> Served:
    """VSB: the pages' numbers run backwards, the second of three is 2 and the last is 1."""
    stem = column.path.rpartition("/")[2].rpartition(".")[0]
    names = [column.path.rpartition("/")[2], *(f"{stem}/{PAGES - n + 1}.htm" for n in range(2, PAGES + 1))]

    def page(number: int) -> Answer:
        documents = column.documents(ROWS, (number - 1) * ROWS)
        printed = rows(column, documents, _vsb, mark="vsb")
        absolute = [column.folder + name for name in names]
        pager = f'<span class="p_pages">{anchors(absolute, number)}</span>'
        return list_page(column, printed, pager, head='<script src="/system/resource/js/counter.js"></script>')

    routes = [
        Route(column.folder + name, lambda asked, number=number: page(number))  # type: ignore[misc]
        for number, name in enumerate(names, 1)
    ]
    return Served(column, ROWS, lambda document: _vsb(column, document), routes, lambda d: details.vsb(column, d))


def epoint(column: Column) -> Served:
    head = '<meta name="generator" content="EpointWebBuilder">'
    return files(column, _epoint, details.plain, template="subPage{n}.html", pager="links", head=head)


def shanghai(column: Column) -> Served:
    """上海: the column's page links to a list for each year, `/<prefix><YYYY>/`, whose pages are index_{n}.html."""
    prefix = column.path.split("/")[1]
    years = [f"/{prefix}{year}/index.html" for year in (2026, 2025, 2024)]

    def opened(asked: Asked) -> Answer:
        links = "".join(f'<li><a href="{url}">{url[-15:-11]}年</a></li>' for url in years)
        return Answer(
            f"<html><head><title>{column.issuer}</title></head><body><ul class='year'>{links}</ul></body></html>"
        )

    def page(number: int) -> Answer:
        documents = column.documents(ROWS, (number - 1) * ROWS)
        printed = rows(column, documents, _shanghai).replace("<span>", '<span class="time">')
        told = f"<script>$('.pagination').pagination({{totalPage: {PAGES}, currentPage: {number}}});</script>"
        return list_page(column, printed, told)

    names = ["index.html", *(f"index_{n}.html" for n in range(2, PAGES + 1))]
    routes = [Route(column.path, opened)]
    routes += [
        Route(f"/{prefix}2026/{name}", lambda asked, number=number: page(number))  # type: ignore[misc]
        for number, name in enumerate(names, 1)
    ]
    return Served(column, ROWS, lambda d: _shanghai(column, d), routes, lambda d: details.plain(column, d))
