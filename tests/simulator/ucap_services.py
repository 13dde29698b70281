"""UCAP's JSON: searchList and common/search, channels by code, chinatax, the new platform, and two provinces' own."""

import json
from urllib.parse import urlsplit

from simulator import details
from simulator.asking import HTML, Answer, Asked, Route, Served, number, to_json
from simulator.documents import Document
from simulator.statics import list_page, rows
from simulator.table import PAGES, Column


def _shtml(column: Column, document: Document) -> str:
    return f"/site/c{100_000 + column.ordinal}/{document.date:%Y%m}/{document.hex}.shtml"


def _result(column: Column, document: Document) -> dict[str, object]:
    values = [
        {"key": "writtentext", "name": "发文字号", "value": document.number},
        {"key": "writtendepartment", "name": "发文单位", "value": document.issuer},
    ]
    return {
        "title": document.title,
        "subTitle": "",
        "url": f"//{column.host}{_shtml(column, document)}",
        "publishedTime": document.moment * 1000,
        "publishedTimeStr": f"{document.date} 10:12:00",
        "channelName": "政策文件",
        "memo": "",
        "content": "\n".join(document.paragraphs),
        "contentHtml": document.html(),
        "resList": [],
        "domainMetaList": [{"resultList": values}],
    }


def _slice(column: Column, page: int, size: int) -> list[Document]:
    return column.documents(size, (page - 1) * size) if 1 <= page <= PAGES else []


def _searched(
    column: Column, channel: str, size: int, *, as_html: bool = False, template: str = "index"
) -> list[Route]:
    def search(asked: Asked) -> Answer | None:
        given = asked.query
        if number(given.get("_pageSize"), size) != size or given.get("_isAgg") not in {"true", "false"}:
            return None
        page = number(given.get("page"), 1)
        documents = _slice(column, page, size)
        if as_html:
            if given.get("_isJson") != "false" or given.get("_template") != template:
                return None
            return list_page(column, rows(column, documents, _shtml), "")
        if given.get("_isJson") != "true":
            return Answer("<html><body>模板不存在</body></html>", HTML)
        found = [_result(column, document) for document in documents]
        return to_json({"data": {"total": size * PAGES, "page": page, "rows": size, "results": found}})

    paths = (f"/searchList/{channel}", f"/common/search/{channel}")
    return [Route(path, search, to_json({"data": {"total": 0, "results": []}})) for path in paths]


def ucap_search(column: Column) -> Served:
    """A channel whose list is asked for by its id."""
    facts, size = column.facts, int(column.facts["size"])
    routes = _searched(column, facts["channel"], size, as_html=bool(facts["html"]), template=facts["template"])
    routes = [route for route in routes if route.path == column.path]
    return Served(column, size, lambda d: _shtml(column, d), routes, lambda d: details.ucap(column, d))


def ucap_channel(column: Column) -> Served:
    """A channel known by the code in its column's path: getLocalList tells its id."""
    facts, size = column.facts, int(column.facts["size"])

    def opened(asked: Asked) -> Answer:
        call = "$.get('/getLocalList', {channelCode: channelCode});"
        script = f"<script>var channelCode = '{facts['code']}'; {call}</script>"
        return list_page(column, "", script)

    def local_list(asked: Asked) -> Answer | None:
        if asked.query.get("channelCode") != facts["code"]:
            return None
        level = [{"channelId": facts["channel"], "channelCode": facts["code"], "channelName": "政策文件"}]
        return to_json({"code": 200, "results": {"channelLevel": level}})

    nobody = to_json({"code": 200, "results": {"channelLevel": []}})
    routes = [Route(column.path, opened), Route("/getLocalList", local_list, nobody)]
    routes += _searched(column, facts["channel"], size)
    return Served(column, size, lambda d: _shtml(column, d), routes, lambda d: details.ucap(column, d))


def codeid(column: Column) -> Served:
    """国家税务总局: a form to another host of the ministry, at most 100 rows a page."""
    facts, endpoint = column.facts, urlsplit(column.facts["endpoint"])

    def opened(asked: Asked) -> Answer:
        meta = f'<meta name="channelId" content="{facts["channel"]}">'
        return list_page(column, "", "<script>getFileListByCodeId();</script>", head=meta)

    def answer(asked: Asked) -> Answer | None:
        given = asked.form
        size, page = number(given.get("size")), number(given.get("page"))
        if asked.method != "POST" or given.get("channelId") != facts["channel"] or "codeId" not in given:
            return None
        if not 1 <= size <= 100 or not page:
            return None
        found = [_result(column, document) for document in _slice(column, page, size)]
        return to_json({"results": {"data": {"total": size * PAGES, "results": found}}})

    refusal = to_json({"results": {"data": {"total": 0, "results": []}}})
    routes = [Route(column.path, opened), Route(endpoint.path, answer, refusal, host=endpoint.hostname or "")]
    return Served(
        column, 100, lambda d: f"//{column.host}{_shtml(column, d)}", routes, lambda d: details.ucap(column, d)
    )


def sichuan(column: Column) -> Served:
    def answer(asked: Asked) -> Answer | None:
        given = asked.json
        if asked.method != "POST" or not isinstance(given, dict) or given.get("channelId") != [column.facts["channel"]]:
            return None
        size, page = number(given.get("pageSize"), 15), given.get("pageNum")
        if not isinstance(page, str):
            return None
        found = [_result(column, document) for document in _slice(column, number(page), size)]
        return to_json({"code": 200, "total": size * PAGES, "results": found})

    routes = [Route(column.path, answer, to_json({"code": 200, "total": 0, "results": []}))]
    return Served(
        column, 15, lambda d: f"//{column.host}{_shtml(column, d)}", routes, lambda d: details.ucap(column, d)
    )


def suzhou(column: Column) -> Served:
    """苏州's interface of documents: the size in the query, the page and the channel in the form."""

    def answer(asked: Asked) -> Answer | None:
        if asked.method != "POST" or asked.form.get("channel_id", "") != column.facts["channel"]:
            return None
        size, page = number(asked.query.get("pageSize"), 15), number(asked.form.get("pageIndex"))
        found = [
            {
                "TITLE": d.title,
                "URL": _shtml(column, d),
                "C_WJBH": d.number,
                "C_SYH": f"014149798/{d.date.year}-{d.serial:05}",
                "PUBLISHED_TIME_FORMAT": str(d.date),
                "C_FWRQ_FORMAT": str(d.date),
            }
            for d in _slice(column, page, size)
        ]
        return to_json({"data": {"allRow": size * PAGES, "totalPage": PAGES, "list": found}})

    routes = [Route(column.path, answer, to_json({"data": {"allRow": 0, "totalPage": 0, "list": []}}))]
    return Served(column, 15, lambda d: _shtml(column, d), routes, lambda d: details.ucap(column, d))


def suzhou_info(column: Column) -> Served:
    """苏州's news: all in the query."""

    def answer(asked: Asked) -> Answer | None:
        if asked.query.get("channelid") != column.facts["channel"]:
            return None
        size, page = number(asked.query.get("pagesize"), 15), number(asked.query.get("currpage"), 1)
        found = [
            {"TITLE": d.title, "URL": _shtml(column, d), "PUBLISHED_TIME_FORMAT": str(d.date)}
            for d in _slice(column, page, size)
        ]
        return to_json({"data": {"allRow": size * PAGES, "totalPage": PAGES, "list": found}})

    routes = [Route(column.path, answer, to_json({"data": {"allRow": 0, "totalPage": 0, "list": []}}))]
    return Served(column, 15, lambda d: _shtml(column, d), routes, lambda d: details.ucap(column, d))


def querylist(column: Column) -> Served:
    """The new platform: the first page of rows as JSON in the page's script, the others from /queryList."""
    facts, size = column.facts, 15

    def link(document: Document) -> str:
        return f"/jbkzzx/c{100_000 + column.ordinal}/common/content/content_{document.serial}.html"

    def row(document: Document) -> dict[str, object]:
        return {"aT": document.title, "aPd": f"{document.date} 10:12", "aU": {"common": link(document)}}

    def opened(asked: Asked) -> Answer:
        told = json.dumps(json.dumps([row(document) for document in column.documents(size)], ensure_ascii=False))
        return list_page(column, "", f"<script>var channelId = '{facts['channel']}'; var list = {told};</script>")

    def listed(asked: Asked) -> Answer | None:
        given = asked.both
        if facts["channel"] not in given.values() and (facts["code"] or "-") not in given.values():
            return None
        page = next((number(given[name], 1) for name in ("current", "page", "pageNum", "pageNo") if name in given), 1)
        found = [row(document) for document in _slice(column, page, size)]
        return to_json({"code": 200, "data": {"total": size * PAGES, "results": found}})

    routes = [Route("/queryList", listed, to_json({"code": 200, "data": {"total": 0, "results": []}}))]
    page = facts.get("page") or column.path
    if page != "/queryList":
        routes.append(Route(page, opened))
    return Served(column, size, link, routes, lambda d: details.ucap(column, d))
