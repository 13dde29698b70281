"""What sites change by themselves, without anybody having changed the document: each pair must bring no alert."""

# ruff: noqa: E501  (pages stand as they are served)

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from support.files import docx, paragraph, table, text_pdf, xlsx
from support.page_pairs import FAMILIES, Answer, NothingTurnedError, Page, Pair, in_turn

Edit = Callable[[Page, int], Page]  # the page as it is seen the `number`-th time


def _around(place: str, snippet: str, *values: str) -> Edit:
    """`snippet` at `place`, with another of `values` each time."""
    return lambda page, number: page.put(place, snippet.replace("{}", values[number % len(values)]))


def _only_later(edit: Callable[[Page], Page]) -> Edit:
    return lambda page, number: edit(page) if number else page


def _list(*titles: str) -> str:
    return "<ul>" + "".join(f'<li><a href="./t2026_{len(title)}.html">{title}</a><span>2026-03-0{n}</span></li>'
                            for n, title in enumerate(titles, 1)) + "</ul>"  # fmt: skip


_A, _B, _C = (
    "省政府召开常务会议，研究部署一季度重点工作",
    "关于公布2026年第一批试点名单的公告",
    "《示例省数据条例》解读：明确五项制度",
)

EDITS: dict[str, tuple[Edit, ...]] = {
    "counter": (
        _around("beside", '<div class="info"><span>发布时间：2026-03-05 10:12</span> <span>浏览次数：{}</span></div>', "198", "1509"),
        _around("beside", '<p class="sub">来源：省政府办公厅　点击数：<span id="hits">{}</span>　字体：[大 中 小]</p>', "7", "2026"),
        _around("end", "<p>阅读量：{}次</p>", "12", "3.4万"),
        _around("end", '<p align="right">【浏览次数：{}】【打印】【关闭】</p>', "1", "22"),
        _around("below", '<div class="views">已有 {} 人浏览</div>', "88", "102"),
        _around("foot", '<div class="stat">总访问量：{}　今日访问：{}</div>', "12,345,678", "12,399,001"),
    ),
    "clock": (
        _around("top", "<div class='date'>今天是{}</div>", "2026年3月6日 星期五", "2026年3月9日 星期一"),
        _around("top", "<div class='t'>当前时间：{}</div>", "2026-03-06 10:00:01", "2026-03-09 16:31:45"),
        _around("top", "<div class='weather'>示例市 {}</div>", "晴 3℃~12℃", "小雨 5℃~9℃ 东北风3级"),
        _around("foot", "<!-- page created at {} -->", "2026-03-06 10:00:01", "2026-03-09 16:31:45"),
        _around("foot", "<p>页面执行时间：{}秒</p>", "0.031", "0.127"),
    ),
    "advertisement": (
        _around("below", '<div class="ad"><a href="/ad/{}"><img src="/ad/{}.gif" alt="广告"></a></div>', "1", "9"),
        _around("foot", '<div class="float-ad">{}</div>', "欢迎关注省政府微信公众号", "两会专题，点击进入"),
        _around("top", '<div class="banner"><a href="/zt/{}/">专题</a></div>', "lianghui", "qingming"),
        _around("foot", "<script>var ads=[{}];</script>", "1,2,3", "4,5"),
    ),
    "related list": (
        lambda page, number: page.put("below", f"<div class='xgwz'><h3>相关文章</h3>{_list(*((_A, _B), (_C, _A), ())[number % 3])}</div>"),
        lambda page, number: page.put("foot", f"<div class='right'><h3>最新发布</h3>{_list(*((_A, _B, _C), (_C, _A))[number % 2])}</div>"),
        lambda page, number: page.put("foot", f"<div class='hot'><h3>热点排行</h3>{_list(*((_A, _B, _C), (_B, _C, _A))[number % 2])}</div>"),
        _around("end", "<p>上一篇：<a href='1.html'>{}</a></p><p>下一篇：没有了</p>", _A, _B),
        _around("below", "<div>上一条：<a href='1.html'>某通知</a></div><div>下一条：<a href='2.html'>{}</a></div>", _A, _C),
    ),
    "token": (
        _around("top", '<input type="hidden" name="csrf" value="{}">', "a91f", "77c0"),
        _around("foot", "<script>var nonce='{}',t={};</script>", "1772676000", "1772679999"),
        _around("foot", '<img src="/stat.gif?r={}" width=1 height=1>', "0.3311", "0.9812"),
        _around("foot", '<a href="/index.jsp;jsessionid={}">返回首页</a>', "9A8B7C", "1D2E3F"),
    ),
    "banner": (
        _around("top", '<div id="cookie-banner">{}</div>', "", "本网站使用 Cookie 以改进服务，继续浏览即表示同意。<button>我知道了</button>"),
        _around("top", '<div class="notice-bar">{}</div>', "", "公告：本站将于本周末进行系统维护，届时暂停服务。"),
        _around("top", '<div class="login">{}</div>', "您好，请<a>登录</a> <a>注册</a>", "欢迎您，访客"),
        _around("foot", '<div class="survey"><p>您对本页内容满意吗？</p>{}</div>', "", "<p>满意 12 票　一般 3 票</p>"),
    ),
    "tools": (
        _around("below", '<div class="tools">{}</div>', "<a>打印</a> <a>关闭</a>", "<a>【打印本页】</a> <a>【收藏】</a> <a>【关闭窗口】</a>"),
        _around("below", '<div class="bdsharebuttonbox">分享到：{}</div>', "<a>微信</a>", "<a>微信</a> <a>微博</a> <a>QQ空间</a>"),
        _around("top", '<div class="access">{}</div>', "无障碍", "无障碍 | 适老模式 | 繁體 | English"),
        _around("below", '<div class="ewm">{}</div>', "", '<p>扫一扫在手机打开当前页</p><img src="/qr2.png">'),
        _around("below", '<div class="jc">{}</div>', "", "<a>我要纠错</a>"),
        _around("end", "<p>（责任编辑：{}）</p>", "张三", "李四"),
    ),
    "template": (
        _only_later(lambda page: page.turn(re.compile(r'(<p)(?=>)'), r'\g<1> class="p-8f3a"')),
        _only_later(lambda page: page.turn("<body", '<body style="filter:grayscale(1)"')),
        _only_later(lambda page: page.turn("</head>", '<link rel="stylesheet" href="/css/v2.css?20260309"><meta name="generator" content="CMS 9"></head>')),
        _only_later(lambda page: page.turn("示ICP备05000001号", "示ICP备05000001号-2")),
        _only_later(lambda page: page.turn('<div class="menu">', '<div class="menu nav2026">') if page.has('<div class="menu">') else page.turn("<body", '<body data-v-1a2b')),
        _only_later(lambda page: page.turn(re.compile(r"<title>([^<]*)</title>"), r"<title>\g<1>_示例省人民政府门户网站</title>")),
        _only_later(lambda page: page.turn("</body>", "<div class='links'><select><option>友情链接</option><option>中国政府网</option></select></div></body>")),
    ),
    "white space": (
        _only_later(lambda page: page.turn("</p>", "</p>\r\n\t\t")),
        _only_later(lambda page: page.turn("\n", "\n\n   ")),
        _only_later(lambda page: page.turn("<p>", "<p>\u3000\u3000")),
        _only_later(lambda page: page.turn("<p>", "<p>&nbsp;&nbsp;&nbsp;&nbsp;")),
        _only_later(lambda page: page.turn("，", "，\u200b")),
    ),
    "markup": (
        _only_later(lambda page: page.turn("<p>", '<p style="text-indent:2em;font-family:仿宋_GB2312" align="justify">')),
        _only_later(lambda page: page.turn("组织领导", "<span style='color:#333'>组织</span><span>领导</span>")),
        _only_later(lambda page: page.turn("数据目录，", "<font face=宋体>数据</font>目录，")),
        _only_later(lambda page: page.turn("，经省政府同意，", "，<!-- 20260309 -->经省政府同意<a name='x'></a>，")),
        _only_later(lambda page: page.turn("2026年4月1日", "2026<span lang='EN-US'></span>年<b></b>4月1日")),
    ),
    "width": (
        _only_later(lambda page: page.turn("（一）", "(一)")),
        _only_later(lambda page: page.turn("2026年4月1日", "２０２６年４月１日")),
        _only_later(lambda page: page.turn("示政办发〔2026〕12号", "示政办发[2026]12号")),
        _only_later(lambda page: page.turn("《示例省数据条例》", "《 示例省数据条例 》")),
        _only_later(lambda page: page.turn("5年", "5 年")),
    ),
}  # fmt: skip
EACH = 3  # families a variant of an edit is tried on


def edits() -> Iterator[Pair]:
    """Pages whose template, tools and neighbours move around a text that stays; seen twice."""
    for kind, variants in EDITS.items():
        for variant, edit in enumerate(variants):
            made = 0
            for case in in_turn(variant + len(kind), len(FAMILIES)):
                try:
                    seen = [edit(Page(case.html, case), number) for number in range(2)]
                except NothingTurnedError:
                    continue
                yield Pair(
                    f"{kind} {variant + 1}",
                    case.name,
                    case.url,
                    seen[0].answer(),
                    tuple(page.answer() for page in seen[1:]),
                )
                made += 1
                if made == EACH:
                    break


# -- how the same text is sent -----------------------------------------------------------------------------------------


def encodings() -> Iterator[Pair]:
    """The same page in another charset, rightly or wrongly labelled."""
    ways: tuple[tuple[str, str, str], ...] = (
        ("gb18030", "text/html; charset=gb2312", "<meta charset=gb2312>"),
        ("gb18030", "text/html", "<meta charset=gb2312>"),
        ("gb18030", "text/html; charset=utf-8", ""),
        ("gb18030", "text/html; charset=iso-8859-1", ""),
        ("gb18030", "text/html", ""),
        ("utf-8-sig", "text/html", ""),
        ("utf-8", "text/html; charset=gbk", ""),
        ("utf-16", "text/html; charset=utf-16", ""),
    )
    for number, (charset, label, meta) in enumerate(ways):
        for case in in_turn(number + 3, 2):
            page = Page(case.html, case)
            html = re.sub(r"<meta[^>]*charset[^>]*>", meta, case.html)
            later = Answer(html.encode(charset, "xmlcharrefreplace"), label)
            yield Pair(f"encoding {number + 1}", case.name, case.url, page.answer(), (later, page.answer()))


# -- what comes in place of the page -----------------------------------------------------------------------------------

_HEAD = '<html><head><meta charset="utf-8"><title>{}</title></head><body>'
REFUSALS: tuple[tuple[str, int], ...] = (
    ('<html><body><script>var _0x1=["\\x63"];document.cookie="__jsl_clearance_s="+Date.now();location.href=location.href;</script></body></html>', 200),
    ('<html><body><script>document.cookie="__jsl_clearance=1"</script></body></html>', 521),
    (_HEAD.format("网站防火墙") + "<p>您的请求带有不合法参数，已被网站管理员设置拦截！</p><p>可能原因：您提交的内容包含危险的攻击请求</p></body></html>", 200),
    (_HEAD.format("创宇盾") + "<h1>当前访问疑似黑客攻击，已被网站管理员设置为拦截</h1><p>如有疑问请联系网站管理员，知道创宇云防御</p></body></html>", 200),
    (_HEAD.format("405") + "<h1>405</h1><p>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。您的请求ID是：7b1c</p></body></html>", 405),
    (_HEAD.format("访问被拦截") + "<p>您的访问请求可能存在安全风险，已被拦截。SafeLine 雷池 WAF 提供防护</p></body></html>", 200),
    (_HEAD.format("安全验证") + "<p>请完成下方验证后继续访问</p><div id='captcha'>请按住滑块，拖动到最右边</div></body></html>", 200),
    ("<html><head><script r='m'>$_ts=window['$_ts'];</script></head><body></body></html>", 412),
    (_HEAD.format("403 Forbidden") + "<center><h1>403 Forbidden</h1></center></body></html>", 403),
    (_HEAD.format("429") + "<p>访问过于频繁，请稍后再试</p></body></html>", 429),
    (_HEAD.format("用户登录") + "<form action='/login'>用户名 <input name='user'> 密码 <input type='password'> <button>登录</button></form></body></html>", 200),
    (_HEAD.format("云防护") + "<p>您的IP：1.2.3.4 访问频率过高，已触发访问控制策略，请稍后再试。</p></body></html>", 200),
)  # fmt: skip
OUTAGES: tuple[Answer, ...] = (
    Answer(b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>", status=502),
    Answer(b"", status=500),
    Answer((_HEAD.format("系统维护") + "<p>系统维护中，请稍后访问。</p></body></html>").encode(), status=503),
    Answer((_HEAD.format("系统维护") + "<p>网站正在升级维护，暂停访问，给您带来不便敬请谅解。</p></body></html>").encode()),
    Answer(b""),
    Answer(b"", failed=True),
    Answer(b"<html><head><title>404 Not Found</title></head><body>404 Not Found</body></html>", status=404),
    Answer((_HEAD.format("页面不存在") + "<p>抱歉，您访问的页面不存在或已被删除！</p><a href='/'>返回首页</a></body></html>").encode()),
    Answer((_HEAD.format("数据库错误") + "<p>Error establishing a database connection</p></body></html>").encode(), status=200),
    Answer((_HEAD.format("错误") + "<pre>java.lang.NullPointerException\n\tat com.example.cms.Article.render(Article.java:12)</pre></body></html>").encode(), status=500),
)  # fmt: skip


def refusals() -> Iterator[Pair]:
    """A firewall's page in place of the document, however often."""
    for number, (html, status) in enumerate(REFUSALS):
        for case in in_turn(number, 2):
            page, wall = Page(case.html, case).answer(), Answer(html.encode(), status=status)
            yield Pair(f"refusal {number + 1}", case.name, case.url, page, (wall, wall, page))


def outages() -> Iterator[Pair]:
    """A server that is out of order for an hour."""
    for number, answer in enumerate(OUTAGES):
        for case in in_turn(number + 1, 2):
            page = Page(case.html, case).answer()
            yield Pair(f"outage {number + 1}", case.name, case.url, page, (answer, replace(page, days=0.04)))
    for number, case in enumerate(in_turn(5, 6)):
        page = Page(case.html, case)
        cut = page.answer()
        broken = (
            replace(cut, body=cut.body[: len(cut.body) * 2 // 3], truncated=True),
            page.turn(re.compile(r"为深入贯彻.*?有效期5年。", re.DOTALL), "").answer(),
            replace(cut, body=_HEAD.format("首页").encode() + b"</body></html>", final_url=case.url.split("/", 3)[0] + "//" + case.url.split("/")[2] + "/"),
        )[number % 3]  # fmt: skip
        yield Pair(f"broken page {number % 3 + 1}", case.name, case.url, cut, (broken, replace(cut, days=0.04)))


# -- files -------------------------------------------------------------------------------------------------------------

_ROWS = [["序号", "项目", "金额（万元）"], ["1", "数据中心", "500"], ["2", "算力平台", "800"]]
_LINES = [
    "申报指南",
    "一、申报条件",
    "申报单位应当于2026年6月30日前提交材料。",
    "二、补助标准",
    "每项补助不超过500万元。",
]


def _linked(page: Page, address: str, name: str = "附件：申报指南") -> Page:
    return page.put("end", f'<p><a href="{address}">{name}</a></p>')


def _word(*lines: str, **more: str) -> bytes:
    return docx("".join(paragraph(line) for line in lines), **more)


def files() -> Iterator[Pair]:
    """Files saved anew with the same words; addresses of files that carry a key of the day."""
    word, sheet, pdf = _word(*_LINES), xlsx({"明细": _ROWS}), text_pdf(_LINES)  # type: ignore[dict-item]
    again: tuple[tuple[str, str, bytes, bytes], ...] = (
        ("a PDF saved anew", "/f/1.pdf", pdf, text_pdf(_LINES, producer="WPS 2026", day="20260309")),
        ("a PDF saved again with another id", "/f/2.pdf", pdf, text_pdf(_LINES, producer="LibreOffice", day="20260310")),
        ("a Word file saved anew", "/f/1.docx", word, _word(*_LINES, settings="<w:settings/>")),
        ("a Word file with marks of spelling", "/f/2.docx", word, docx("".join(paragraph(line, "<w:keepNext/>") for line in _LINES))),
        ("a sheet saved anew", "/f/1.xlsx", sheet, xlsx({"明细": _ROWS}) + b"\0"),  # type: ignore[dict-item]
        ("a table saved anew", "/f/3.docx", docx(table(_ROWS)), docx(table(_ROWS), settings="<w:settings/>")),
        ("a page in place of the file", "/f/4.docx", word, b"<!DOCTYPE html><html><body>404</body></html>"),
        ("an empty file", "/f/5.docx", word, b""),
    )  # fmt: skip
    for number, (kind, address, first, later) in enumerate(again):
        for case in in_turn(number + 2, 2):
            page = _linked(Page(case.html, case), address)
            seen = [page.answer(files={address: payload}, days=8) for payload in (first, later, first)]
            yield Pair(kind, case.name, case.url, seen[0], tuple(seen[1:]))
    for case in in_turn(7, 2):
        page = _linked(Page(case.html, case), "/f/6.docx")
        late = page.answer(files={"/f/6.docx": word})
        yield Pair("a file that came late", case.name, case.url, page.answer(), (late,))
    keys = (
        ("/f/download?id=7&token={}", "a91f", "77c0"),
        ("/f/{}/1.docx", "20260305", "20260309"),
        ("/f/1.docx?Expires={}&Signature=x", "1772676000", "1772679999"),
        ("/f/1.docx;jsessionid={}", "9A8B", "1D2E"),
    )
    for number, (address, *values) in enumerate(keys):
        for case in in_turn(number + 4, 2):
            seen = []
            for value in (*values, values[0]):
                given = address.replace("{}", value)
                seen.append(_linked(Page(case.html, case), given).answer(files={given: word}, days=8))
            yield Pair(f"a file's address with a key {number + 1}", case.name, case.url, seen[0], tuple(seen[1:]))


# -- servers out of step -----------------------------------------------------------------------------------------------


def flapping() -> list[Pair]:
    """Two servers of one name show a new text and the old one in turn: told once."""
    made = []
    for number, case in enumerate(in_turn(6, 8)):
        page = Page(case.html, case)
        old, new = page.answer(days=0.1), page.turn("有效期5年", f"有效期{number % 4 + 1}年").answer(days=0.1)
        made.append(Pair("flapping", case.name, case.url, old, (new, old, new, old)))
    return made


def pairs() -> list[Pair]:
    """All pairs that must bring no alert after the first answer."""
    return [*edits(), *encodings(), *refusals(), *outages(), *files()]
