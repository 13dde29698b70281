"""Single JSON lists: search services by their path, and sites with an API of their own."""

from collections.abc import Callable
from typing import Any

from simulator import details
from simulator.asking import Answer, Served, to_json
from simulator.documents import Document
from simulator.services import Print, article, cntv, docs, igs, jsonp, listed, party, so_gov, ssp
from simulator.table import Column


def _made(rows_at: str, row: Callable[[Column, Document], dict[str, Any]], total_at: str = "") -> Print:
    """An answer that has its rows, and the number of all, at dotted paths."""

    def show(column: Column, documents: list[Document], total: int) -> Any:
        rows = [row(column, document) for document in documents]
        if not rows_at:
            return rows
        answer: dict[str, Any] = {}
        for path, value in ((rows_at, rows), (total_at, total)):
            place = answer
            *steps, last = path.split(".") if path else [""]
            for step in steps:
                place = place.setdefault(step, {})
            if last:
                place[last] = value
        return answer

    return show


def _wordpress(column: Column, documents: list[Document], total: int) -> Any:
    return [
        {
            "id": d.serial,
            "date": f"{d.date}T10:12:00",
            "link": column.origin + article(column, d),
            "title": {"rendered": d.title},
        }
        for d in documents
    ]


def _telegraph(column: Column, documents: list[Document], total: int) -> Any:
    rows = [
        {"id": d.serial, "title": d.title, "shareurl": column.origin + article(column, d), "ctime": d.moment}
        for d in documents
    ]
    return {"error": 0, "data": {"roll_data": rows}}


def _url(column: Column, document: Document) -> str:
    return column.origin + article(column, document)


def _time(document: Document) -> str:
    return f"{document.date} 10:12:00"


def _thepaper(column: Column, document: Document) -> str:
    return f"https://www.thepaper.cn/newsDetail_forward_{document.serial}"


def _flcaw(column: Column, document: Document) -> str:
    return f"http://www.npc.gov.cn/flcaw/userIndex.html?lid={document.serial}"


def _chongqing(column: Column, document: Document) -> str:
    return f"https://sfj.cq.gov.cn/xzwjk/page/shizhengfu/guizhangku/detail.html?id={document.serial}"


def _flcaw_detail(column: Column, document: Document) -> Answer:
    data = {"flxxmc": document.title, "tsy": document.html(), "ksrq": str(document.date), "jsrq": None}
    return to_json({"code": 200, "data": data})


def _chongqing_detail(column: Column, document: Document) -> Answer:
    data = {
        "ruleId": document.serial,
        "title": document.title,
        "contentHtml": document.html(),
        "publicationDate": str(document.date),
        "documentNumber": document.number,
    }
    return to_json({"code": 200, "data": data})


OTHERS: dict[str, Callable[[Column], Served]] = {
    "mofcom": lambda column: listed(
        column,
        _made(
            "pageInfo.rows",
            lambda c, d: {"title": d.title, "url": _url(c, d), "publishTimeStr": str(d.date)},
            "pageInfo.total",
        ),
        page="pageNumber",
        usual=15,
        method="POST-FORM",
        wanted={"columnID": column.facts.get("columnID")},
    ),
    "searchapi.henan.gov.cn": lambda column: listed(
        column,
        _made("data.datas", lambda c, d: {"title": d.title, "selfUrl": _url(c, d), "pubDate": _time(d)}, "data.total"),
        page="pageNumber",
        size="pageSize",
        wanted={"siteId": column.facts.get("siteId"), "channelMarkId": column.facts.get("channelMarkId")},
    ),
    "www.nmg.gov.cn": lambda column: listed(
        column,
        _made(
            "data.data",
            lambda c, d: {"docTitle": d.title, "docPubUrl": _url(c, d), "docPubTime": _time(d)},
            "data.total",
        ),
        page="pageNum",
        size="pageSize",
        usual=10,
        wanted={"publisher": column.facts.get("publisher")},
    ),
    "www.pudong.gov.cn": lambda column: listed(
        column,
        _made("data.list", lambda c, d: {"title": d.title, "url": _url(c, d), "display_date": str(d.date)}),
        size="pageSize",
        usual=20,
        method="POST-JSON",
        wanted={"channelList": column.facts["channelList"]},
    ),
    "www.npc.gov.cn": lambda column: listed(
        column,
        _made("data", lambda c, d: {"id": d.serial, "title": d.title, "publishTime": _time(d)}),
        page="page",
        size="per_page",
        usual=100,
        link=_flcaw,
        look=_flcaw_detail,
        place=lambda d: f"http://www.npc.gov.cn/flcaw/flca/{d.serial}/info/",
    ),
    "sfj.cq.gov.cn": lambda column: listed(
        column,
        _made(
            "data.records",
            lambda c, d: {"ruleId": d.serial, "fileName": d.title, "publicationDate": str(d.date)},
            "data.total",
        ),
        page="current",
        size="size",
        link=_chongqing,
        look=_chongqing_detail,
        place=lambda d: f"https://sfj.cq.gov.cn/xzwjk/fileLib/data/detail/{d.serial}",
    ),
    "www.hainan.gov.cn": lambda column: listed(
        column,
        _made("page.content", lambda c, d: {"title": d.title, "url": _url(c, d), "pubDate": str(d.date)}),
        page="curPage",
        size="PageSize",
    ),
    "zwgk.hlj.gov.cn": lambda column: listed(
        column,
        _made("data", lambda c, d: {"title": d.title, "url": _url(c, d), "publishTime": str(d.date)}),
        page="page",
        size="limit",
        usual=10,
        wanted={"chanPath": column.facts.get("chanPath")},
    ),
    "gateway.caixin.com": lambda column: listed(
        column,
        _made("data.articleList", lambda c, d: {"title": d.title, "url": _url(c, d), "time": d.moment * 1000}),
        look=details.news,
    ),
    "china.cankaoxiaoxi.com": lambda column: listed(
        column,
        _made("list", lambda c, d: {"data": {"title": d.title, "url": _url(c, d), "publishTime": _time(d)}}),
        look=details.news,
    ),
    "shankapi.ifeng.com": lambda column: listed(
        column,
        _made("data", lambda c, d: {"title": d.title, "url": _url(c, d), "newsTime": _time(d)}),
        look=details.news,
    ),
    "cache.thepaper.cn": lambda column: listed(
        column,
        _made("data.hotNews", lambda c, d: {"contId": d.serial, "name": d.title, "pubTimeLong": d.moment * 1000}),
        link=_thepaper,
        look=details.news,
    ),
    "www.yicai.com": lambda column: listed(
        column,
        _made(
            "",
            lambda c, d: {
                "NewsTitle": d.title,
                "indexTitle": d.title,
                "url": article(c, d),
                "CreateDate": f"{d.date}T10:12:00",
                "datekey": str(d.date),
            },
        ),
        page="page",
        size="pagesize",
        usual=30,
        look=details.news,
    ),
    "www.qbitai.com": lambda column: listed(
        column, _wordpress, page="page", size="per_page", usual=50, look=details.news
    ),
    "www.cls.cn": lambda column: listed(
        column, _telegraph, usual=20, wanted={"name": "telegraphList"}, look=details.news
    ),
}
"""Lists with names of their own for the same things, by host."""


def _was(column: Column) -> Served:
    facts = column.facts
    wanted = {name: facts[name] for name in ("channelid", "templet", "classsql")}
    usual = min(int(facts["prepage"]), 20)
    return listed(column, docs, page="page", size="prepage", usual=usual, wanted=wanted, refusal={"docs": []})


def _igs(column: Column) -> Served:
    wanted = {name: column.facts[name] for name in ("index", "type")}
    return listed(column, igs, page="pageNumber", size="pageSize", usual=10, wanted=wanted)


def _ssp(column: Column) -> Served:
    wanted = {name: column.facts[name] for name in ("siteId", "apiName", "chnlIdList") if name in column.facts}
    return listed(column, ssp, page="page", size="rows", usual=15, wanted=wanted, refusal={"datas": []})


def _jilin(column: Column) -> Served:
    facts = column.facts
    page, size = ("pageIndex", "pageSize") if "pageIndex" in facts else ("page", "size" if "size" in facts else "")
    wanted = {name: facts[name] for name in ("type", "channelId", "lb", "callback") if name in facts}
    usual = int(facts.get("pageSize", facts.get("size", 15)))
    return listed(column, jsonp, page=page, size=size, usual=usual, wanted=wanted)


def _site_search(column: Column) -> Served:
    return listed(
        column,
        so_gov,
        page="page",
        size="pageSize",
        usual=int(column.facts["pageSize"]),
        method="POST-FORM",
        wanted={"siteCode": column.facts["siteCode"]},
        refusal={"ok": False, "msg": "不存在的站点"},
    )


def _party_search(column: Column) -> Served:
    wanted = {name: column.facts[name] for name in ("t", "pageids", "format")}
    return listed(column, party, page="p", usual=10, wanted=wanted, link=cntv)


_BY_PATH = {
    "/fjdzapp/search": _was,
    "/was5/web/search": _was,
    "/igs/front/search/list.html": _igs,
    "/ssp/search/api/apiSearch": _ssp,
    "/was5/web/gov/szfgz/response_szf_guizhang.jsp": _jilin,
    "/govsearch/jsonp/gkml_xzgf20221026.jsp": _jilin,
    "/govsearch/jsonp/zf_jd_list.jsp": _jilin,
    "/query/s": _site_search,
    "/so/ss/query/s": _site_search,
    "/service/xuexipingtaisearch.php": _party_search,
}


def single(column: Column) -> Served:
    """A list of its own kind, by its service or its site."""
    if column.path in _BY_PATH:
        return _BY_PATH[column.path](column)
    return OTHERS["mofcom" if column.id.startswith("mofcom-export-") else column.host](column)
