"""Small sites whose lists and documents are JSON, in the manner of the real ones."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs

from support.fault_server import Exchange, FaultServer, respond

PROVINCE = "www.hlj.gov.cn"
CHANNEL = "817052cbb3a94d0d8217824e7a3aca53"
REGULATOR = "www.nfra.gov.cn"
CYBER = "www.cac.gov.cn"
PLATFORM = "jtys.sz.gov.cn"
LAWS = "flk.npc.gov.cn"
LAW_FILES = "wb.flk.npc.gov.cn"
LAST_DAY = date(2026, 11, 20)
JSON = "application/json; charset=utf-8"
FILE = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass
class Rule:
    """A document of the province; its text comes with its row."""

    number: int
    second: str = "本省行政区域内城乡供水、用水及其监督管理活动，适用本规定；法律、法规另有规定的，从其规定。"
    files: tuple[str, ...] = ()
    clicks: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"黑龙江省城乡供水管理规定之{self.number}"

    @property
    def path(self) -> str:
        return f"/hlj/c107923/202611/c00_{31870000 + self.number}.shtml"

    @property
    def url(self) -> str:
        return f"https://{PROVINCE}{self.path}"

    @property
    def day(self) -> date:
        return LAST_DAY - timedelta(days=60 - self.number)

    @property
    def text(self) -> str:
        return (
            f"<p>第一条 为了规范第{self.number}类城乡供水管理，维护供水单位和用户的合法权益，制定本规定。</p>"
            f"<p>第二条 {self.second}</p>"
            "<p>第三条 县级以上人民政府住房和城乡建设主管部门负责本行政区域内的供水监督管理工作。</p>"
            "<p>第四条 供水单位应当建立健全水质检测制度，保证供水水质符合国家规定的标准。</p>"
        )

    def row(self) -> dict[str, Any]:
        """The row as the list's server gives it."""
        return {
            "title": self.title,
            "url": f"//{PROVINCE}{self.path}",
            "publishedTimeStr": f"{self.day} 09:00:00",
            "contentHtml": self.text,
            "clicks": self.clicks,
            "resList": [{"filePath": path, "title": path.rsplit("/", 1)[-1]} for path in self.files],
            "domainMetaList": [{"resultList": [{"key": "refno", "value": f"黑政规〔2026〕{self.number}号"}]}],
            **self.more,
        }


class Province:
    """A channel of UCAP whose rows bring the text; `rules` newest first. Pages of articles exist as well."""

    def __init__(self, server: FaultServer, numbers: range = range(25, 0, -1)) -> None:
        self.server = server
        self.rules = [Rule(number) for number in numbers]
        server.on(PROVINCE, f"/common/search/{CHANNEL}", self._list)
        server.on(PROVINCE, "*", self._page)

    async def _list(self, exchange: Exchange) -> None:
        asked = parse_qs(exchange.request.query)
        size, page = int(asked["_pageSize"][0]), int(asked["page"][0])
        rows = [rule.row() for rule in self.rules[(page - 1) * size : page * size]]
        answer = {"data": {"total": len(self.rules), "page": page, "rows": size, "results": rows}}
        await respond(json.dumps(answer, ensure_ascii=False), content_type=JSON)(exchange)

    async def _page(self, exchange: Exchange) -> None:
        if exchange.request.path.endswith(".pdf"):
            await respond(FILE, content_type="application/pdf")(exchange)
            return
        rule = next((rule for rule in self.rules if rule.path == exchange.request.path), None)
        if rule is None:
            await respond("<html><title>404</title></html>", status=404)(exchange)
            return
        page = (
            f'<html><head><meta charset="utf-8"><meta name="ArticleTitle" content="{rule.title}"></head><body>'
            f"<h1>{rule.title}</h1><ucapcontent>{rule.text}<p>本页面由网站模板补充说明文字若干。</p></ucapcontent></body></html>"
        )
        await respond(page)(exchange)

    def pages_asked(self) -> list[str]:
        """The paths of article pages that were asked for."""
        return [one.path for one in self.server.requests(PROVINCE) if one.path.endswith(".shtml")]


class Regulator:
    """A column whose list and documents are JSON; people see documents on a page that a script draws."""

    def __init__(self, server: FaultServer, numbers: range = range(1230008, 1230000, -1)) -> None:
        self.server = server
        self.numbers = list(numbers)
        self.texts: dict[int, str] = {}
        server.on(REGULATOR, "/cbircweb/DocInfo/SelectDocByItemIdAndChild", self._list)
        server.on(REGULATOR, "*", self._document)

    def title(self, number: int) -> str:
        return f"国家金融监督管理总局关于做好第{number - 1230000}项监管工作的通知"

    async def _list(self, exchange: Exchange) -> None:
        asked = parse_qs(exchange.request.query)
        size, page = int(asked["pageSize"][0]), int(asked["pageIndex"][0])
        rows = [
            {
                "docId": number,
                "docTitle": self.title(number),
                "docSubtitle": self.title(number),
                "publishDate": "2026-11-20 17:00:00",
                "isTitleLink": "0",
            }
            for number in self.numbers[(page - 1) * size : page * size]
        ]
        answer = {"rptCode": 200, "data": {"total": len(self.numbers), "rows": rows}}
        await respond(json.dumps(answer, ensure_ascii=False), content_type=JSON)(exchange)

    async def _document(self, exchange: Exchange) -> None:
        path = exchange.request.path
        if not path.startswith("/cn/static/data/DocInfo/SelectByDocId/data_docId="):
            await respond("<html><body><div ng-app='detail'></div></body></html>")(exchange)
            return
        number = int(path.removesuffix(".json").rpartition("=")[2])
        text = self.texts.get(
            number, "各金融监管局、各银行保险机构要加强组织领导，压实工作责任，确保各项要求落到实处。"
        )
        answer = {
            "rptCode": 200,
            "data": {
                "docId": number,
                "docTitle": self.title(number),
                "docSubtitle": self.title(number),
                "documentNo": f"金办发〔2026〕{number - 1230000}号",
                "publishDate": "2026-11-20 17:00:00",
                "docClob": f"<p>各金融监管局：</p><p>{text}</p>"
                f"<p>一、提高认识，第{number}号文件所列事项由各单位负责。</p>"
                "<p>国家金融监督管理总局办公厅</p><p>2026年11月18日</p>",
            },
        }
        body = json.dumps(answer, ensure_ascii=False)
        await respond(body, content_type=JSON, etag=f'"{len(body)}-{hash(text) & 0xFFFF:x}"')(exchange)


def cyber(server: FaultServer, rows: int, size: int) -> None:
    """A column of the cyberspace administration: `rows` rows by posted form, and their articles."""

    async def listed(exchange: Exchange) -> None:
        form = parse_qs(exchange.request.body.decode())
        first = (int(form["pageno"][0]) - 1) * size
        if exchange.request.method != "POST" or form["channelCode"] != ["A093702"] or form["perPage"] != [str(size)]:
            await respond("<html><title>404</title></html>", status=404)(exchange)
            return
        found = [
            {
                "topic": f"关于第{n}项管理工作的公告",
                "infourl": f"//{CYBER}/2026-11/20/c_{1790000000 + n}.htm",
                "pubtime": "2026-11-20 17:00",
            }
            for n in range(rows, 0, -1)
        ]
        answer = {"list": found[first : first + size], "totalRec": rows}
        await respond(json.dumps(answer, ensure_ascii=False), content_type=JSON)(exchange)

    async def article(exchange: Exchange) -> None:
        n = int(exchange.request.path.rpartition("_")[2].removesuffix(".htm")) - 1790000000
        await respond(
            f'<html><head><meta charset="utf-8"></head><body><h1 class="title">关于第{n}项管理工作的公告</h1>'
            '<span id="pubtime">2026年11月20日 17:00</span><div id="BodyLabel">'
            f"<p>为做好第{n}项管理工作，现将有关事项公告如下。</p>"
            "<p>一、各单位应当依法履行职责，加强协调配合，确保各项措施落到实处、取得实效。</p></div></body></html>"
        )(exchange)

    server.on(CYBER, "/cms/JsonList", listed)
    for n in range(1, rows + 1):
        server.on(CYBER, f"/2026-11/20/c_{1790000000 + n}.htm", article)


def platform(server: FaultServer, articles: int) -> None:
    """The Guangdong platform: the index page tells the site's number, the API lists a hundred articles a page."""
    index = (
        "<html><body><script>window._CONFIG = {SID: '755018', TREE: [], SERVICE_AREA_ID: 755}</script></body></html>"
    )

    async def api(exchange: Exchange) -> None:
        asked = parse_qs(exchange.request.query)
        if asked.get("sid") != ["755018"]:
            await respond("{}", content_type=JSON, status=404)(exchange)
            return
        first = (int(asked["page"][0]) - 1) * 100
        rows = [
            {
                "id": n,
                "title": f"深圳市交通运输局关于第{n}项工作的通知",
                "url": f"https://{PLATFORM}/gkmlpt/content/12/12600/post_{n}.html",
                "display_publish_time": 1795136400,
                "document_number": f"深交规〔2026〕{n}号",
            }
            for n in range(articles, 0, -1)
        ]
        answer = {"articles": rows[first : first + 100], "classify": {"post_count": articles}}
        await respond(json.dumps(answer, ensure_ascii=False), content_type=JSON)(exchange)

    server.on(PLATFORM, "/gkmlpt/index", respond(index))
    server.on(PLATFORM, "/gkmlpt/api/all/0", api)
    server.on(PLATFORM, "*", respond("<html><title>404</title></html>", status=404))


def laws(server: FaultServer, names: list[str], docx: bytes) -> None:
    """The national database: a posted list, details without the text, and a service that signs links to files."""

    async def listed(exchange: Exchange) -> None:
        asked = json.loads(exchange.request.body)
        wanted = {"searchRange", "sxrq", "gbrq", "searchType", "sxx", "gbrqYear", "flfgCodeId", "zdjgCodeId"}
        wanted |= {"searchContent", "orderByParam", "pageNum", "pageSize"}
        if set(asked) != wanted or not isinstance(asked["orderByParam"], dict):
            await respond('{"code": 500, "msg": "系统错误"}', content_type=JSON)(exchange)
            return
        first = (asked["pageNum"] - 1) * asked["pageSize"]
        rows = [{"bbbs": f"ff80{n}", "title": name, "gbrq": "2026-10-24", "sxx": 3} for n, name in enumerate(names)]
        answer = {"total": len(names), "rows": rows[first : first + asked["pageSize"]]}
        await respond(json.dumps(answer, ensure_ascii=False), content_type=JSON)(exchange)

    async def detail(exchange: Exchange) -> None:
        found = parse_qs(exchange.request.query)["bbbs"][0]
        law = {"bbbs": found, "title": names[int(found[4:])], "gbrq": "2026-10-24", "sxrq": "2027-01-01", "sxx": 3}
        answer = {"code": 200, "data": {**law, "zdjgName": "全国人民代表大会常务委员会", "content": None}}
        await respond(json.dumps(answer, ensure_ascii=False), content_type=JSON)(exchange)

    async def signed(exchange: Exchange) -> None:
        found = parse_qs(exchange.request.query)["bbbs"][0]
        url = f"https://{LAW_FILES}/{found}.docx?Expires={len(server.requests())}&Signature=x"
        await respond(json.dumps({"code": 200, "data": {"url": url}}), content_type=JSON)(exchange)

    server.on(LAWS, "/law-search/search/list", listed)
    server.on(LAWS, "/law-search/search/flfgDetails", detail)
    server.on(LAWS, "/law-search/download/pc", signed)
    server.on(LAW_FILES, "*", respond(docx, content_type="application/octet-stream"))
