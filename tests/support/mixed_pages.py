"""Pages mixed from parts that sites print: metadata shapes, containers, ways to write paragraphs, and furniture."""

# ruff: noqa: E501  (pages stand as they are served)

import random
from dataclasses import dataclass

from support.family_pages import (
    BOXES,
    CRUMBS,
    DL,
    FOOT,
    ISSUER,
    LIST,
    META,
    NUMBER,
    PAIRS,
    QR,
    RELATED,
    ROWS,
    SHARE,
    TABLE,
    TEXT,
    TITLE,
    TOOLS,
)

LINES = "<div class='gkinfo'>" + "".join(f"<p>{a}：{b}</p>" for a, b in ROWS) + "</div>"
HEADED = (
    "<table><tr>"
    + "".join(f"<th>{a}</th>" for a, _ in ROWS)
    + "</tr><tr>"
    + "".join(f"<td>{b}</td>" for _, b in ROWS)
    + "</tr></table>"
)
METADATA = {"table": TABLE, "dl": DL, "list": LIST, "boxes": BOXES, "pairs": PAIRS, "lines": LINES, "headed": HEADED}
# Other texts than the notice: each as its lines and what it looks like when it is read.
TEXTS = {
    "notice": TEXT,
    "order": (
        "《示例省数据管理办法》已经2026年2月20日省人民政府第12次常务会议通过，现予公布，自2026年4月1日起施行。", "省长　张三",
        "示例省数据管理办法", "第一章　总则", "第一条　为了规范数据管理，根据《示例省数据条例》，制定本办法。",
        "第二条　本办法所称数据，是指以电子方式对信息的记录：", "（一）公共数据；", "（二）企业数据。", "第二章　附则", "第三条　本办法自2026年4月1日起施行。",
    ),
    "short": ("省政府决定：", "任命张三同志为示例省数据局副局长，试用期一年。", "特此通知。", "2026年3月2日"),
    "names": ("各市人民政府：", "经评审，现将示例项目名单公布如下：", "数据要素流通平台（甲市）", "公共数据开放平台（乙市）", "数据安全实验室（丙市）", "2026年3月2日"),
}  # fmt: skip
WAYS = {
    "p": lambda text: "".join(f"<p>{line}</p>" for line in text),
    "p span": lambda text: "".join(f'<p style="text-indent:32px"><span style="font-family:仿宋">{line}</span></p>' for line in text),
    "div": lambda text: "".join(f"<div>{line}</div>" for line in text),
    "br": lambda text: "<br>".join(f"　　{line}" for line in text),
    "section": lambda text: "<section>" + "".join(f"<section><span>{line}</span></section>" for line in text) + "</section>",
    "one cell": lambda text: "<table><tr><td>" + "".join(f"<p>{line}</p>" for line in text) + "</td></tr></table>",
    "broken tags": lambda text: "".join(f"<p>{line[:7]}<font>{line[7:9]}</font><b></b>{line[9:]}</p>" for line in text),
    "empty paragraphs": lambda text: "".join(f"<p>{line}</p><p>&nbsp;</p><p><br></p>" for line in text),
}  # fmt: skip
CONTAINERS = {
    "zoom": '<div id="zoom">{}</div>',
    "TRS": '<div class="TRS_Editor"><div class="TRS_Editor">{}</div></div>',
    "ucap": '<div id="UCAP-CONTENT">{}</div>',
    "content": '<div class="content">{}</div>',
    "article": '<article class="art">{}</article>',
    "deep": '<div class="a1"><div class="a2"><div class="a3"><div>{}</div></div></div></div>',
    "layout table": '<table width="96%" align="center"><tr><td height="20"></td></tr><tr><td class="p14">{}</td></tr></table>',
    "news box": '<div class="newsbox"><div class="newstext">{}</div></div>',
    "marked": '<div class="zw"><meta name="ContentStart">{}<meta name="ContentEnd"></div>',
    "tool name": '<div class="print-area" id="printContent">{}</div>',
    "bare": "{}",
}
HEADS = {
    "h1": f"<h1>{TITLE}</h1><div class='sub'>发布时间：2026-03-05 10:12　来源：{ISSUER}　字号：[大 中 小]</div>",
    "div": f"<div class='xxbt'>{TITLE}</div><div class='ly'><span>来源：{ISSUER}</span> <span>日期：2026年3月5日</span> <span>浏览：[<i>88</i>]次</span></div>",
    "broken": f"<h2>{TITLE[:11]}<br/>{TITLE[11:]}</h2><p class='ly'>时间：2026/03/05 来源：{ISSUER}</p>",
    "cell": f"<table><tr><td align='center'><b>{TITLE}</b></td></tr><tr><td>发布日期：2026-03-05 信息来源：{ISSUER} 阅读次数：1</td></tr></table>",
}
ABOVE = {
    "nothing": "",
    "dropdown": "<div class='nav-panel'><div><h4>机构职能</h4><p>贯彻执行国家有关方针政策，拟订地方性法规草案，组织编制发展规划并监督实施。</p></div><ul><li><a href='/a'>领导之窗</a></li></ul></div>",
    "notice": "<div class='tip'>您访问的链接即将离开本网站，是否继续？<a href='#'>继续访问</a><a href='#'>放弃</a></div>",
    "search": "<form action='/s'><input name='q'><button>搜索</button><p>热门搜索：社保，公积金，户口</p></form>",
    "banner": "<div class='topbar'><span>今天是2026年11月24日　星期二</span><a href='#'>无障碍</a><a href='#'>登录</a></div>",
    "sidebar": "<div class='left'><h3>栏目导航</h3><ul><li><a href='/1'>政策文件</a></li><li><a href='/2'>政策解读</a></li><li><a href='/3'>行政规范性文件</a></li></ul></div>",
}
BELOW = {
    "nothing": "",
    "share": SHARE + TOOLS,
    "related": RELATED,
    "qr": QR + SHARE,
    "neighbours": "<div class='sxp'><p>上一篇：<a href='1.html'>示例省人民政府关于印发规划的通知，含附件</a></p><p>下一篇：<a href='2.html'>无</a></p></div>",
    "comments": "<div class='comments'><h3>网友评论</h3><p>张三：写得很好，支持这项工作，希望各地认真落实，早日见效。</p><p>李四：请问何时施行？能否公开目录？</p></div>",
    "editor": "<p class='bj'>（责任编辑：张三）</p><p class='sm'>声明：转载请注明出处，如有侵权，请联系我们。</p>",
    "feed": "<div class='tj'><h3>推荐阅读</h3><ul>"
    + "".join(
        f"<li><a href='{n}.html'>示例省推进第{n}项改革，取得积极进展</a><span>2026-03-0{n}</span></li>"
        for n in range(1, 6)
    )
    + "</ul></div>",
    "hidden copy": "<div style='display:none' id='copy'>{}</div>",
    "disclaimer": "<div class='bqsm'><p>版权与免责声明：</p><p>1.凡本网注明来源的作品，均转载自其他媒体，转载目的在于传递更多信息，并不代表本网赞同其观点。</p></div>",
}


@dataclass(frozen=True)
class Mix:
    name: str
    html: str
    text: str
    labelled: bool  # a disclosure table is printed
    tags: bool  # the official meta tags are


def mix(seed: int) -> Mix:
    """A page by its seed; the same seed gives the same page."""
    chance = random.Random(seed)  # noqa: S311 -- a page, no secret
    parts = [METADATA, WAYS, CONTAINERS, HEADS, ABOVE, BELOW]
    shape, way, container, head, above, below = (chance.choice(sorted(part)) for part in parts)
    second = chance.choice(sorted(BELOW))
    labelled, tags, inside = chance.random() < 0.7, chance.random() < 0.6, chance.random() < 0.3
    table = METADATA[shape] if labelled else ""
    kind = chance.choice(sorted(TEXTS))
    text = WAYS[way](TEXTS[kind])
    body = CONTAINERS[container].replace("{}", (table if inside else "") + text)
    page = f"{ABOVE[above]}{CRUMBS}<div class='main'>{'' if inside else table}{HEADS[head]}{body}{BELOW[below]}{BELOW[second]}</div>".replace(
        "{}", text
    )
    name = f"{seed}: {kind}, {shape if labelled else 'no table'}{' inside' if inside else ''}, {way}, {container}, {head}, {above}, {below}, {second}{', tags' if tags else ''}"
    return Mix(
        name,
        f"<html><head><title>{TITLE}-示例省人民政府</title>{META if tags else ''}</head><body>{page}{FOOT}</body></html>",
        "".join(TEXTS[kind]),
        labelled,
        tags,
    )


def wanted_number(page: Mix) -> str | None:
    return NUMBER if page.labelled else None
