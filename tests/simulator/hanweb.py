"""Hanweb's systems: JPAAS, JCMS, the disclosure catalogue (xxgk), and their search APIs."""

import html
import json
from urllib.parse import quote, urlencode, urlsplit

from simulator import details
from simulator.asking import HTML, XML, Answer, Asked, Route, Served, number, to_json
from simulator.documents import Document
from simulator.statics import list_page, rows
from simulator.table import PAGES, Column

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"


def _art(column: Column, document: Document) -> str:
    return f"/art/{document.date.year}/art_{document.hex}.html"


def _old_art(column: Column, document: Document) -> str:
    day = document.date
    folder = column.facts.get("columnid") or str(column.ordinal)
    return f"/art/{day.year}/{day.month}/{day.day}/art_{folder}_{document.serial}.html"


def jpaas(column: Column) -> Served:
    """A column page that names its unit, and the unit API. Ids that are not this column's get an empty answer; a page
    asked for in the other generation's way gets page 1 again."""
    facts, size = column.facts, int(column.facts["size"])
    query = {
        "parseType": facts["parseType"],
        "webId": facts["webId"],
        "tplSetId": facts["tplSetId"],
        "pageType": "column",
        "tagId": facts["tagId"],
        "editType": "null",
        "pageId": facts["pageId"],
    }
    told = html.escape("{" + ",".join(f"'{name}':'{value}'" for name, value in query.items()) + "}")

    def fragment(page: int) -> str:
        documents = column.documents(size, (page - 1) * size) if 1 <= page <= PAGES else []
        return f"<ul>{rows(column, documents, _art)}</ul>"

    def opened(asked: Asked) -> Answer:
        if facts["rows_in_page"]:
            attributes = f'count="{size * PAGES}" rows="{size}" pageNo="1" unitUrl="{UNIT}" queryData="{told}"'
            return list_page(column, rows(column, column.documents(size), _art), f"<div {attributes}></div>")
        script = (
            f'<script src="/api-gateway/jpaas-publish-server/unitbuild.js" url="{UNIT}" querydata="{told}"></script>'
        )
        return list_page(column, "", script)

    def unit(asked: Asked) -> Answer | None:
        if any(asked.query.get(name) != value for name, value in query.items() if name != "editType"):
            return None
        page = 1
        if facts["paging"] == "pageNo":
            page = number(asked.query.get("pageNo"), 1)
        elif asked.query.get("paramJson"):
            wanted = json.loads(asked.query["paramJson"])
            if number(wanted.get("pageSize")) != size:
                return None
            page = number(wanted.get("pageNo"), 1)
        pager = f"<div class='pagination' count='{size * PAGES}' rows='{size}' pageNo='{page}'></div>"
        return to_json({"success": True, "code": "200", "data": {"html": fragment(page) + pager}})

    refusal = to_json({"success": True, "code": "200", "data": {"html": ""}})
    routes = [Route(column.path, opened), Route(UNIT, unit, refusal)]
    return Served(column, size, lambda d: _art(column, d), routes, lambda d: details.jpaas(column, d))


def _records(column: Column, documents: list[Document], *, index: bool = False) -> str:
    printed = []
    for document in documents:
        code = f"<span>{document.date.year}-02-{document.serial:05}</span>" if index else ""
        printed.append(
            f'<record><![CDATA[<li>{code}<a href="{_old_art(column, document)}" title="{html.escape(document.title)}" '
            f'target="_blank">{html.escape(document.title)}</a><span class="bt-right">{document.date}</span></li>'
            "]]></record>"
        )
    return "".join(printed)


def jcms(column: Column) -> Served:
    """A column with its records in the page, and dataproxy.jsp for the window asked for. A wrong unit or column gets an
    empty recordset."""
    facts, size = column.facts, int(column.facts["size"])
    total = size * PAGES
    store = "<datastore>{next}<totalrecord>{total}</totalrecord><recordset>{records}</recordset></datastore>"

    def opened(asked: Asked) -> Answer:
        documents = column.documents(size)
        if "uid" in facts and asked.query.get("uid") != facts["uid"]:
            return list_page(column, "", "")
        if "uid" in facts:
            page = number(asked.query.get("pageNum"), 1)
            documents = column.documents(size, (page - 1) * size) if 1 <= page <= PAGES else []
        following = ""
        if facts.get("nextgroup"):
            target = f"{facts['endpoint']}?page=2&columnid={column.name}c&unitid={column.name}u"
            following = f'<nextgroup><![CDATA[<a href="{target}"></a>]]></nextgroup>'
        records = _records(column, documents, index=bool(facts.get("nextgroup")))
        inner = store.format(next=following, total=total, records=records)
        asking = f"webid={facts['webid']}&columnid={facts['columnid']}&unitid={facts['unitid']}"
        call = "" if facts.get("nextgroup") else (
            f"<script>var perpage = {size}; var proxyUrl = '{facts['endpoint']}?appid=1&{asking}&path=/&"
            f"webname={quote(column.issuer)}&sourceContentType=1&permissiontype=0'; "
            f"$('#{facts['unitid']}').jpage({{dataStore: dataStore, totalRecord: {total}, perPage: {size}, "
            f"proxyUrl: proxyUrl}});</script>"
        )  # fmt: skip
        return Answer(
            f"<!DOCTYPE html><html><head><title>{column.issuer}</title></head><body>"
            f'<div class="nav"><a href="/">首页</a></div><div id="{facts["unitid"]}">'
            f'<script type="text/xml">{inner}</script></div>{call}</body></html>',
            HTML,
        )

    def proxy(asked: Asked) -> Answer | None:
        given = asked.both
        if facts.get("nextgroup"):
            if given.get("columnid") != f"{column.name}c" or given.get("unitid") != f"{column.name}u":
                return None
            page = number(given.get("page"), 1)
            documents = column.documents(size, (page - 1) * size) if 1 <= page <= PAGES else []
            target = f"{facts['endpoint']}?page={page + 1}&columnid={column.name}c&unitid={column.name}u"
            following = f'<nextgroup><![CDATA[<a href="{target}"></a>]]></nextgroup>' if page < PAGES else ""
            return Answer(
                store.format(next=following, total=total, records=_records(column, documents, index=True)), XML
            )
        if any(given.get(name) != facts[name] for name in ("columnid", "unitid", "webid")):
            return None
        first, last = number(given.get("startrecord")), number(given.get("endrecord"))
        if not 1 <= first <= last:
            return None
        documents = column.documents(total)[first - 1 : last]
        return Answer(store.format(next="", total=total, records=_records(column, documents)), XML)

    refusal = Answer(store.format(next="", total=0, records=""), XML)
    routes = [Route(column.path, opened), Route(facts["endpoint"], proxy, refusal)]
    return Served(column, size, lambda d: _old_art(column, d), routes, lambda d: details.hanweb(column, d))


def xxgk(column: Column) -> Served:
    """政府信息公开目录: a servlet that answers a fragment; without its category or site node it holds nothing."""
    endpoint = urlsplit(column.facts["endpoint"])
    wanted = {name: value for name, value in column.facts["form"].items() if value}
    size = 15

    def servlet(asked: Asked) -> Answer | None:
        given = asked.both
        if any(given.get(name) != value for name, value in wanted.items()):
            return None
        page = number(given.get("currpage"), 1)
        documents = column.documents(size, (page - 1) * size) if 1 <= page <= PAGES else []
        printed = "".join(
            f'<tr><td><a href="{_old_art(column, d)}" target="_blank" title="{d.title}">{d.title}</a></td>'
            f"<td>{d.number}</td><td>{d.date}</td></tr>"
            for d in documents
        )
        return Answer(f'<table class="xxgk_list">{printed}</table><div class="pages">共{size * PAGES}条</div>')

    def opened(asked: Asked) -> Answer:
        called = f"<script>$.post('{endpoint.path}', '{urlencode(column.facts['form'])}&currpage=1')</script>"
        return list_page(column, "", called)

    routes = [Route(endpoint.path, servlet, Answer('<table class="xxgk_list"></table>'))]
    if column.path != endpoint.path:
        routes.append(Route(column.path, opened))
    return Served(column, size, lambda d: _old_art(column, d), routes, lambda d: details.hanweb(column, d))


def jpaas_search(column: Column) -> Served:
    """The site search of JPAAS portals: rows in groups, `pg` a page and at most 50."""

    def search(asked: Asked) -> Answer | None:
        given = asked.query
        if any(given.get(name) != value for name, value in column.facts.items()):
            return None
        size, page = number(given.get("pg"), 15), number(given.get("p"), 1)
        if not 1 <= size <= 50:
            return None
        found = [
            {
                "groupData": [
                    {
                        "data": {
                            "title": f"<em>{d.title[:4]}</em>{d.title[4:]}",
                            "url": _art(column, d),
                            "jsearch_date": f"{d.date} 10:12:00",
                            "deploytime": str(d.moment * 1000),
                            "filenumbername": d.number,
                            "publishgroupname": d.issuer,
                        }
                    }
                ]
            }
            for d in column.documents(size, (page - 1) * size)
            if 1 <= page <= PAGES
        ]
        return to_json({"success": True, "data": {"searchResult": {"total": size * PAGES, "dataResults": found}}})

    refusal = to_json({"success": True, "data": {"searchResult": {"total": 0, "dataResults": []}}})
    size = 20 if "cateid" in column.facts else 15
    routes = [Route(column.path, search, refusal)]
    return Served(column, size, lambda d: _art(column, d), routes, lambda d: details.jpaas(column, d))


def jpolicy(column: Column) -> Served:
    """山东's policy library: an answer of rows with an `iid` each, whose page is another path."""
    size = 20

    def search(asked: Asked) -> Answer | None:
        if any(asked.both.get(name) != value for name, value in column.facts.items()):
            return None
        page = number(asked.both.get("pageNo"), 1)
        found = [
            {
                "iid": d.hex,
                "title": d.title,
                "showtime": str(d.date),
                "publish_date": str(d.date),
                "filenumber": d.number,
            }
            for d in column.documents(size, (page - 1) * size)
            if 1 <= page <= PAGES
        ]
        return to_json({"success": True, "data": {"total": size * PAGES, "list": found}})

    link = "/jpaas-jpolicy-web-server/front/info/detail?iid="
    routes = [Route(column.path, search, to_json({"success": False, "data": {"total": 0, "list": []}}))]
    return Served(column, size, lambda d: link + d.hex, routes, lambda d: details.hanweb(column, d))
