"""Small sites in the manner of the real ones, served by the fault server under their real names."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import parse_qs

from support.fault_server import Behaviour, Exchange, FaultServer, respond

MIIT = "www.miit.gov.cn"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
COLUMN = "/zwgk/zcwj/wjfb/tz/index.html"
FIRST_DAY = date(2026, 11, 20)


@dataclass
class Notice:
    """A document of the ministry. `files` are (href, name)."""

    number: int
    text: str = "加快构建现代化产业体系，推动工业领域数据安全管理工作落到实处，现就有关事项通知如下。"
    files: list[tuple[str, str]] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"工业和信息化部办公厅关于开展第{self.number}批专项行动的通知"

    @property
    def path(self) -> str:
        return f"/zwgk/zcwj/wjfb/tz/art/2026/art_{self.number:032x}.html"

    @property
    def url(self) -> str:
        return f"https://{MIIT}{self.path}"

    @property
    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.number // 8 - 8)

    def page(self) -> str:
        files = "".join(f'<p><a href="{href}">{name}</a></p>' for href, name in self.files)
        return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{self.title}</title>
<meta name="SiteName" content="工业和信息化部"><meta name="ArticleTitle" content="{self.title}">
<meta name="PubDate" content="{self.day} 09:30"><meta name="ContentSource" content="办公厅"></head>
<body><div class="nav"><a href="/">首页</a></div>
<h1 id="con_title">{self.title}</h1><span id="con_time">发布时间：{self.day} 09:30</span>
<div class="ccontent" id="con_con"><p style="text-align:center">工信厅科函〔2026〕{self.number}号</p>
<p>各省、自治区、直辖市及计划单列市工业和信息化主管部门：</p>
<p>{self.text}</p>
<p>一、总体要求。第{self.number}批行动坚持问题导向，突出重点企业，分类推进各项任务，确保取得实效。</p>
<p>二、工作安排。各地要在{self.number}月底前报送总结材料，并做好政策宣传解读和经验推广。</p>
<p>三、保障措施。加强组织领导，完善工作机制，强化监督检查，重大事项及时报告。</p>
{files}<p style="text-align:right">工业和信息化部办公厅</p>
<p style="text-align:right">{self.day:%Y年%-m月%-d日}</p></div>
<div class="foot">主办单位：工业和信息化部</div></body></html>"""


@dataclass
class Draft(Notice):
    """A draft that the ministry asks for comments on: `until` stands beside the text, not in it."""

    until: date = date(2026, 12, 20)

    @property
    def title(self) -> str:
        return f"工业和信息化部办公厅关于公开征求对《第{self.number}批专项行动管理办法（征求意见稿）》意见的通知"

    def page(self) -> str:
        beside = f'<div class="time">征求意见时间：{self.day:%Y年%-m月%-d日}至{self.until:%Y年%-m月%-d日}</div>'
        return super().page().replace('<div class="ccontent"', f'{beside}<div class="ccontent"')


class Ministry:
    """The ministry's column: the page names a unit API, the API answers `rows` rows a page and wants its cookie back.

    Change `notices` (newest first) between two crawls. `stuck`: the API ignores the page number; `visits`: what the
    counter under each article says."""

    def __init__(self, server: FaultServer, numbers: range = range(30, 0, -1), rows: int = 12) -> None:
        self.server = server
        self.notices = [Notice(number) for number in numbers]
        self.rows = rows
        self.stuck = False
        self.visits = 0
        query = {
            "webId": "8d828e408d90447786ddbe128d495e9e",
            "pageId": "3e3ad1a3bec74939890a0d3e54815141",
            "parseType": "buildstatic",
            "pageType": "column",
            "tagId": "右侧内容",
            "tplSetId": "209741b2109044b5b7695700b2bec37e",
            "editType": "null",
        }
        printed = str(query)
        column = f"""<html><head><meta charset="utf-8"><title>通知</title></head><body><div class="list"></div>
<script src="/unitbuild.js" url="{UNIT}" querydata="{printed}"></script></body></html>"""
        server.on(MIIT, COLUMN, respond(column, headers=[("Set-Cookie", "jpaas=1; path=/")]))
        server.on(MIIT, UNIT, self._unit)
        server.on(MIIT, "*", self._article)

    async def _unit(self, exchange: Exchange) -> None:
        request = exchange.request
        if request.header("Referer") != f"https://{MIIT}{COLUMN}" or "jpaas=1" not in (request.header("Cookie") or ""):
            await respond("<html><body>403</body></html>", status=403)(exchange)
            return
        asked = json.loads(parse_qs(request.query).get("paramJson", ["{}"])[0])
        page = 1 if self.stuck else asked.get("pageNo", 1)
        shown = self.notices[(page - 1) * self.rows : page * self.rows]
        items = "".join(
            f'<li><a href="{one.path}" title="{one.title}">{one.title[:18]}…</a><span class="fr">{one.day}</span></li>'
            for one in shown
        )
        html = (
            f'<ul>{items}</ul><div class="page" count="{len(self.notices)}" rows="{self.rows}" pageNo="{page}"></div>'
        )
        body = json.dumps({"success": True, "data": {"html": html}}, ensure_ascii=False)
        await respond(body, content_type="application/json; charset=utf-8")(exchange)

    async def _article(self, exchange: Exchange) -> None:
        for notice in self.notices:
            if notice.path == exchange.request.path:
                page = notice.page()
                if self.visits:
                    page = page.replace('<div class="foot">', f'<div class="foot">浏览次数：{self.visits} ')
                await respond(page, etag=f'"{hash(page) & 0xFFFFFFFF:x}"')(exchange)
                return
        await respond("<html><title>404</title></html>", status=404)(exchange)

    def articles_asked(self) -> list[str]:
        """The paths of articles that were asked for, in order."""
        return [one.path for one in self.server.requests(MIIT) if "/art/" in one.path]

    def lists_asked(self) -> int:
        """How many pages of the list were asked for."""
        return len(self.server.requests(MIIT, UNIT))


WAF = """<html><head><meta charset="utf-8"><title>请稍候</title></head><body><script>
var _0x1 = ["\\x63\\x6f\\x6f\\x6b\\x69\\x65"]; document.cookie = "__jsl_clearance_s=" + Date.now();
location.href = location.href;
</script></body></html>"""
"""What a challenge of 加速乐 looks like; it comes with status 521, or with 200."""


def trs_column(rows: str, *, pages: int = 1, current: int = 0) -> str:
    """A TRS column page around `rows`."""
    return f"""<html><head><meta charset="utf-8"><meta name="SiteName" content="国家发展和改革委员会">
<meta name="ColumnName" content="通知"></head><body><div class="nav"><a href="/">首页</a></div>
<div class="list"><ul class="u-list">{rows}</ul></div>
<script>createPageHTML({pages}, {current}, "index", "html");</script></body></html>"""


def trs_rows(numbers: range | list[int], day: date = FIRST_DAY) -> str:
    """Rows of a TRS column."""
    return "".join(
        f'<li><a href="./202611/t20261120_{n}.html" title="关于做好第{n}项工作的通知">关于做好第{n}项工作的通知</a>'
        f"<span>{day:%Y/%m/%d}</span></li>"
        for n in numbers
    )


def article(title: str, body: str, *, day: date = FIRST_DAY, site: str = "") -> Behaviour:
    """A plain article page."""
    return respond(
        f"""<html><head><meta charset="utf-8"><title>{title}</title><meta name="ArticleTitle" content="{title}">
<meta name="PubDate" content="{day} 10:00"><meta name="SiteName" content="{site}"></head><body><h1>{title}</h1>
<div class="TRS_Editor" id="zoom">{body}</div></body></html>"""
    )
