"""JSON lists of single systems: gkmlpt, gov.cn, Xinhua, NFRA, CAC, flk, NDRC."""

import json

from simulator import details
from simulator.asking import Answer, Asked, Route, Served, number, to_json
from simulator.documents import Document
from simulator.statics import list_page
from simulator.table import PAGES, Column


def _slice(column: Column, page: int, size: int) -> list[Document]:
    return column.documents(size, (page - 1) * size) if 1 <= page <= PAGES else []


def gkmlpt(column: Column) -> Served:
    """广东's platform: the site's id is in the index page, 100 articles a page of the API."""
    sid = column.facts["sid"]
    tree = [{"id": 2001 + column.ordinal, "name": "规范性文件", "post_count": 300, "children": [], "jump_url": ""}]

    def opened(asked: Asked) -> Answer:
        config = (
            f"window._CONFIG = {{ SID:'{sid}', TREE: {json.dumps(tree, ensure_ascii=False)}, SERVICE_AREA_ID: '1' }};"
        )
        body = f'<div id="app"></div><script>{config}</script>'
        return Answer(f"<html><head><title>信息公开目录</title></head><body>{body}</body></html>")

    def listed(asked: Asked) -> Answer | None:
        if asked.query.get("sid") != sid:
            return None
        found = [
            {
                "id": d.serial,
                "title": d.title,
                "url": column.origin + _post(column, d),
                "post_url": "",
                "date": d.moment - 2 * 86_400,
                "display_publish_time": d.moment,
                "document_number": d.number,
                "identifier": f"006939748/{d.date.year}-{d.serial:05}",
                "publisher": d.issuer,
            }
            for d in _slice(column, number(asked.query.get("page"), 1), 100)
        ]
        return to_json({"articles": found, "classify": {"post_count": 100 * PAGES}})

    refusal = to_json({"articles": [], "classify": {"post_count": 0}})
    routes = [Route(column.path, opened), Route("/gkmlpt/api/all/0", listed, refusal)]
    return Served(column, 100, lambda d: _post(column, d), routes, lambda d: details.gkmlpt(column, d))


def _post(column: Column, document: Document) -> str:
    return f"/gkmlpt/content/{document.serial // 1000}/{document.serial}/post_{document.serial}.html"


def _gov(column: Column, document: Document) -> str:
    return f"https://www.gov.cn/zhengce/zhengceku/{document.date:%Y%m}/content_{document.serial}.htm"


def govcn_search(column: Column) -> Served:
    """The search of gov.cn. Several libraries at once answer in `catMap`, with a total of 0."""
    kind, size = column.facts["t"], 20
    many = kind in {"zhengcelibrary", "zhengcelibrary_gw_bm_gb", "zhengce"}

    def search(asked: Asked) -> Answer | None:
        given = asked.query
        if given.get("t") != kind or given.get("q", "") != column.facts["q"]:
            return None
        if "sousuo.www.gov.cn" not in asked.header("Referer"):
            return None
        found = [
            {
                "title": d.title,
                "url": _gov(column, d),
                "pcode": d.number,
                "puborg": d.issuer,
                "pubtime": d.moment * 1000,
                "pubtimeStr": f"{d.date:%Y.%m.%d}",
                "ptime": d.moment * 1000,
                "summary": d.paragraphs[2],
            }
            for d in _slice(column, number(given.get("p"), 1), number(given.get("n"), 5))
        ]
        total = number(given.get("n"), 5) * PAGES
        if not many:
            return to_json({"code": 200, "searchVO": {"totalCount": total, "totalpage": PAGES, "listVO": found}})
        name = "zhongyangfile" if kind == "zhengce" else "gongwen"
        groups = {name: {"totalCount": total, "listVO": found}}
        return to_json({"code": 200, "searchVO": {"totalCount": 0, "listVO": None, "catMap": groups}})

    refusal = to_json({"code": 1001, "msg": "参数错误", "searchVO": None})
    return Served(
        column,
        size,
        lambda d: _gov(column, d),
        [Route(column.path, search, refusal)],
        lambda d: details.govcn(column, d),
    )


def govcn_json(column: Column) -> Served:
    """A file of all entries, newest first."""

    def opened(asked: Asked) -> Answer:
        found = [
            {"TITLE": d.title, "SUB_TITLE": "", "URL": _gov(column, d), "DOCRELPUBTIME": str(d.date)}
            for d in column.documents(60)
        ]
        return to_json(found)

    routes = [Route(column.path, opened)]
    return Served(column, 60, lambda d: _gov(column, d), routes, lambda d: details.govcn(column, d), pages=1)


def xinhua(column: Column) -> Served:
    """A page that names its data source, a file in the same folder."""

    def link(document: Document) -> str:
        return f"../{document.date:%Y%m%d}/{document.hex}/c.html"

    def source(asked: Asked) -> Answer:
        found = [
            {
                "title": f"<a href='{link(d)}'>{d.title}</a>",
                "showTitle": d.title,
                "publishUrl": link(d),
                "publishTime": f"{d.date} 10:12:00",
                "contentType": "1",
            }
            for d in column.documents(60)
        ]
        return to_json({"categoryName": "政策", "datasource": found})

    routes = [Route(f"{column.folder}ds_{column.facts['ds']}.json", source)]
    if not column.facts.get("direct"):
        printed = f'<ul class="list" data="datasource:{column.facts["ds"]}" preset="list"></ul>'
        routes.append(Route(column.path, lambda asked: list_page(column, "", printed)))
    return Served(column, 60, link, routes, lambda d: details.xinhua(column, d), pages=1)


def nfra(column: Column) -> Served:
    """金融监管总局: rows and documents are JSON; people see a page of scripts."""
    item, size = column.facts["item"], int(column.facts["size"])
    path = "/cbircweb/DocInfo/SelectDocByItemIdAndChild"

    def listed(asked: Asked) -> Answer | None:
        return rows(asked.query.get("itemId"), asked.query.get("pageIndex"), asked.query.get("pageSize"))

    def rows(asked_item: str | None, page: str | None, asked_size: str | None) -> Answer | None:
        if asked_item != item or number(asked_size) != size:
            return None
        found = [_nfra_row(d) for d in _slice(column, number(page), size)]
        return to_json({"rptCode": 200, "msg": "成功", "data": {"total": size * PAGES, "rows": found}})

    shell = list_page(column, "", '<div ng-app="app"></div>')
    routes = [
        Route(column.path, lambda asked: shell),
        Route(path, listed, to_json({"rptCode": 200, "msg": "成功", "data": {"total": 0, "rows": []}})),
        Route(
            f"/cn/static/data/DocInfo/SelectDocByItemIdAndChild/data_itemId={item},pageIndex=1,pageSize={size}.json",
            lambda asked: rows(item, "1", str(size)),
        ),
    ]
    return Served(column, size, lambda d: _nfra_page(column, d), routes, _nfra_detail, place=_nfra_data)


def _nfra_row(document: Document) -> dict[str, object]:
    return {
        "docId": document.serial,
        "docTitle": document.title,
        "docSubtitle": document.title,
        "publishDate": f"{document.date} 10:12:00",
        "isTitleLink": "0",
        "titleLink": None,
    }


def _nfra_page(column: Column, document: Document) -> str:
    item = column.facts["item"]
    return f"https://www.nfra.gov.cn/cn/view/pages/ItemDetail.html?docId={document.serial}&itemId={item}&generaltype=0"


def _nfra_data(document: Document) -> str:
    return f"https://www.nfra.gov.cn/cn/static/data/DocInfo/SelectByDocId/data_docId={document.serial}.json"


def _nfra_detail(document: Document) -> Answer:
    data = _nfra_row(document) | {
        "docClob": f"<html><body>{document.html()}</body></html>",
        "documentNo": document.number,
    }
    return to_json({"rptCode": 200, "msg": "成功", "data": data})


def nfra_tree(column: Column) -> Served:
    """The items under one, each with its newest documents; one answer, no pages."""
    item, size = column.facts["item"], int(column.facts["size"])

    def answer(asked: Asked) -> Answer | None:
        if asked.query.get("itemId") != item:
            return None
        documents = column.documents(size)
        groups = [
            {
                "itemName": name,
                "itemId": 900 + n,
                "docInfoVOList": [_nfra_row(d) for d in documents[n * 10 : n * 10 + 10]],
            }
            for n, name in enumerate(("政策法规", "政策解读"))
        ]
        return to_json({"rptCode": 200, "msg": "成功", "data": groups})

    routes = [Route(column.path, answer, to_json({"rptCode": 200, "data": []}))]
    return Served(column, size, lambda d: _nfra_page(column, d), routes, _nfra_detail, pages=1, place=_nfra_data)


def cac(column: Column) -> Served:
    """网信办: a form of the channel's code."""

    def link(document: Document) -> str:
        return f"{column.folder}{document.date:%Y-%m/%d}/c_{document.serial}.htm"

    def listed(asked: Asked) -> Answer | None:
        if asked.method != "POST" or asked.form.get("channelCode") != column.facts["code"]:
            return None
        size, page = number(asked.form.get("perPage"), 20), number(asked.form.get("pageno"))
        found = [
            {"topic": d.title, "infourl": f"//{column.host}{link(d)}", "pubtime": f"{d.date} 10:12"}
            for d in _slice(column, page, size)
        ]
        return to_json({"total": size * PAGES, "list": found})

    opened = list_page(column, "", f"<script>var channelCode = '{column.facts['code']}';</script>")
    routes = [
        Route(column.path, lambda asked: opened),
        Route("/cms/JsonList", listed, to_json({"total": 0, "list": []})),
    ]
    return Served(column, 20, lambda d: f"//{column.host}{link(d)}", routes, lambda d: details.cac(column, d))


_FLK = {
    "searchType": int, "searchRange": int, "sxrq": list, "gbrq": list, "sxx": list, "gbrqYear": list,
    "flfgCodeId": list, "zdjgCodeId": list, "searchContent": str, "orderByParam": dict, "pageNum": int,
    "pageSize": int,
}  # fmt: skip


def flk(column: Column) -> Served:
    """国家法律法规数据库: every field of the body is required, or the server fails."""
    size = 20

    def listed(asked: Asked) -> Answer | None:
        given = asked.json
        if asked.method != "POST" or not all(isinstance(given.get(name), kind) for name, kind in _FLK.items()):
            return None
        asked_size = min(int(given["pageSize"]), 50)
        found = [
            {"bbbs": d.hex, "title": f"<em>{d.title[:2]}</em>{d.title[2:]}", "gbrq": str(d.date), "sxrq": str(d.date),
             "sxx": 3, "flxz": "行政法规", "zdjgName": d.issuer}
            for d in _slice(column, int(given["pageNum"]), asked_size)
        ]  # fmt: skip
        return to_json({"code": 200, "total": asked_size * PAGES, "rows": found})

    def detail(document: Document) -> Answer:
        data = {
            "bbbs": document.hex, "title": document.title, "gbrq": str(document.date), "sxrq": str(document.date),
            "sxx": 3, "flxz": "行政法规", "zdjgName": document.issuer,
            "content": {"title": document.title, "children": [{"title": line} for line in document.paragraphs]},
        }  # fmt: skip
        return to_json({"code": 200, "data": data})

    refusal = Answer('{"code":500,"msg":"系统异常"}', "application/json", 500)
    return Served(
        column,
        size,
        lambda d: f"https://flk.npc.gov.cn/detail?id={d.hex}",
        [Route(column.path, listed, refusal)],
        detail,
        place=lambda d: f"https://flk.npc.gov.cn/law-search/search/flfgDetails?bbbs={d.hex}",
    )


def ndrc(column: Column) -> Served:
    """发展改革委's search, which wants the site's code and a key of its page's script."""
    facts, size = column.facts, 20

    def link(document: Document) -> str:
        return (
            f"https://www.ndrc.gov.cn/xxgk/zcfb/tz/{document.date:%Y%m}/t{document.date:%Y%m%d}_{document.serial}.html"
        )

    def search(asked: Asked) -> Answer | None:
        given = asked.query
        if given.get("siteCode") != facts["siteCode"] or given.get("key") != facts["key"]:
            return None
        asked_size = number(given.get("pageSize"), 10)
        found = [
            {"title": d.title, "dreTitle": d.title, "url": link(d), "docDate": str(d.date), "summary": d.paragraphs[2],
             "domainSiteName": "国家发展改革委", "myValues": {"C8": d.number}}
            for d in _slice(column, number(given.get("page"), 1), asked_size)
        ]  # fmt: skip
        return to_json({"ok": True, "data": {"totalHits": asked_size * PAGES, "resultList": found}})

    routes = [Route(column.path, search, to_json({"ok": False, "data": {"totalHits": 0, "resultList": []}}))]
    return Served(column, size, link, routes, lambda d: details.trs(column, d))
