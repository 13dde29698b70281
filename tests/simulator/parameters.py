"""Columns asked for by a parameter of their URL, and files that hold a whole list: eportal, TrueCMS, 河北, feeds."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from simulator import details
from simulator.asking import XML, Answer, Asked, Route, Served
from simulator.documents import Document
from simulator.statics import ROWS, anchors, day_file, list_page, rows
from simulator.table import PAGES, Column


def _huilan(column: Column, document: Document) -> str:
    return f"/zwgk/{column.name}/{document.serial}/index.html"


def _hebei(column: Column, document: Document) -> str:
    return f"/columns/{column.path.split('/')[2]}/{document.date:%Y%m/%d}/{document.uuid}.html"


def _truecms(column: Column, document: Document) -> str:
    return f"/view/{column.name}/{document.serial}.htm"


def queried(
    column: Column, link: Callable[[Column, Document], str], *, key: str, pager: bool, size: int = ROWS
) -> Served:
    """A list whose page is a parameter of its URL; beyond the last page, and for a wrong column, no rows."""
    wanted = dict(parse_qsl(column.parts.query, keep_blank_values=True))

    def answer(asked: Asked) -> Answer | None:
        if not all(asked.query.get(name) == value for name, value in wanted.items()):
            return None
        number = int(asked.query[key]) if asked.query.get(key, "").isdecimal() else 1
        documents = column.documents(size, (number - 1) * size) if 1 <= number <= PAGES else []
        first = column.path + ("?" + column.parts.query if column.parts.query else "")
        joint = "&amp;" if "?" in first else "?"
        names = [first, *(f"{first}{joint}{key}={n}" for n in range(2, PAGES + 1))]
        return list_page(column, rows(column, documents, link), anchors(names, number) if pager and documents else "")

    empty = list_page(column, "", "")
    return Served(
        column, size, lambda d: link(column, d), [Route(column.path, answer, empty)], lambda d: details.plain(column, d)
    )


def huilan(column: Column) -> Served:
    return queried(column, _huilan, key="currentPage", pager=True)


def huilan_files(column: Column) -> Served:
    """A static column of the eportal: its pager calls next(N), which opens index_{N}.html."""

    def page(number: int) -> Answer:
        documents = column.documents(ROWS, (number - 1) * ROWS)
        pager = f'<a href="javascript:next({number})">下一页</a>' if number < PAGES else "<span>下一页</span>"
        head = '<script src="/uiFramework/js/huilan-jquery-ui/huilan.js"></script>'
        return list_page(column, rows(column, documents, _huilan), pager, head=head)

    names = ["", *(f"index_{n - 1}.html" for n in range(2, PAGES + 1))]
    routes = [
        Route(column.folder + name, lambda asked, number=number: page(number))  # type: ignore[misc]
        for number, name in enumerate(names, 1)
    ]
    return Served(column, ROWS, lambda d: _huilan(column, d), routes, lambda d: details.plain(column, d))


def truecms(column: Column) -> Served:
    return queried(column, _truecms, key="cur_page", pager=True)


def hebei(column: Column) -> Served:
    """河北: a block's HTML fragment, which wants `fix=0`."""

    def answer(asked: Asked) -> Answer | None:
        if asked.query.get("fix") != "0" or not asked.query.get("page", "").isdecimal():
            return None
        number = int(asked.query["page"])
        documents = column.documents(ROWS, (number - 1) * ROWS) if 1 <= number <= PAGES else []
        return Answer(f"<ul>{rows(column, documents, _hebei)}</ul>")

    return Served(
        column, ROWS, lambda d: _hebei(column, d), [Route(column.path, answer)], lambda d: details.plain(column, d)
    )


def feed(column: Column) -> Served:
    """RSS of the newest documents."""
    size = int(column.facts.get("items", 30))

    def answer(asked: Asked) -> Answer:
        items = "".join(
            f"<item><title><![CDATA[{d.title}]]></title><link>{column.origin}{day_file(column, d)}</link>"
            f"<pubDate>{d.date:%a, %d %b %Y} 10:12:00 +0800</pubDate></item>"
            for d in column.documents(size)
        )
        return Answer(
            f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{column.issuer}</title>'
            f"<link>{column.origin}/</link>{items}</channel></rss>",
            XML,
        )

    routes = [Route(column.path, answer)]
    return Served(column, size, lambda d: day_file(column, d), routes, lambda d: details.news(column, d), pages=1)


def sitemap(column: Column) -> Served:
    """A sitemap: addresses and days, no titles."""

    def answer(asked: Asked) -> Answer:
        urls = "".join(
            f"<url><loc>{column.origin}{day_file(column, d)}</loc><lastmod>{d.date}</lastmod></url>"
            for d in column.documents(30)
        )
        return Answer(
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>',
            XML,
        )

    routes = [Route(column.path, answer)]
    return Served(
        column, 30, lambda d: day_file(column, d), routes, lambda d: details.news(column, d), pages=1, titled=False
    )
