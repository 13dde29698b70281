"""Pages of documents, each in the look of its family: meta tags, the disclosure table, the family's container."""

import html
import json

from simulator.asking import HTML, Answer
from simulator.documents import Document
from simulator.table import Column

_MENU = (
    '<div class="header"><a href="/">网站首页</a><ul class="nav"><li><a href="/zwgk/">政务公开</a></li>'
    '<li><a href="/zwfw/">政务服务</a></li><li><a href="/hdjl/">互动交流</a></li></ul></div>'
)
_FOOT = '<div class="footer"><p>版权所有 主办单位办公室</p><p>网站标识码：3500000001</p></div>'


def head(column: Column, document: Document) -> str:
    """The ten meta tags that a government site's article carries (政府网站发展指引)."""
    tags = (
        ("SiteName", f"{column.issuer}网站"),
        ("SiteDomain", column.host),
        ("SiteIDCode", "3500000001"),
        ("ColumnName", "政策文件"),
        ("ColumnType", "政策文件"),
        ("ArticleTitle", document.title),
        ("PubDate", f"{document.date} 10:12"),
        ("ContentSource", document.issuer),
    )
    printed = "".join(f'<meta name="{name}" content="{html.escape(value)}">' for name, value in tags)
    return f'<meta charset="utf-8"><title>{html.escape(document.title)}</title>{printed}'


def page(heading: str, body: str) -> Answer:
    return Answer(f"<!DOCTYPE html><html><head>{heading}</head><body>{_MENU}{body}{_FOOT}</body></html>", HTML)


def table(document: Document, tag: str = "td") -> str:
    """The disclosure table's rows."""
    rows = (
        ("索 引 号", f"000014349/{document.date.year}-{document.serial:05}"),
        ("发文机关", document.issuer),
        ("标　　题", document.title),
        ("发文字号", document.number),
        ("发布日期", str(document.date)),
    )
    return "".join(f"<tr><{tag}>{name}：</{tag}><td>{html.escape(value)}</td></tr>" for name, value in rows)


def trs(column: Column, document: Document) -> Answer:
    body = (
        f'<div class="article"><h1>{document.title}</h1><div class="xxgk"><table>{table(document)}</table></div>'
        f'<div class="view TRS_UEDITOR trs_paper_default trs_web">{document.html()}</div></div>'
    )
    return page(head(column, document), body)


def hanweb(column: Column, document: Document) -> Answer:
    body = (
        '<script src="/module/jslib/jquery/jquery.js"></script>'
        f'<table class="xxgk_table">{table(document, "th")}</table>'
        f'<h1>{document.title}</h1><div id="zoom"><!--ZJEG_RSS.content.begin-->{document.html()}'
        "<!--ZJEG_RSS.content.end--></div>"
    )
    return page(head(column, document), body)


def jpaas(column: Column, document: Document) -> Answer:
    body = (
        f'<h1 id="con_title">{document.title}</h1><span id="con_time">发布时间：{document.date} 10:12</span>'
        f'<div id="con_con" class="ccontent center">{document.html()}</div>'
        '<script src="/api-gateway/jpaas-web-server/static/visit.js"></script>'
    )
    return page(head(column, document), body)


def ucap(column: Column, document: Document) -> Answer:
    body = (
        f"<h1><ucaptitle>{document.title}</ucaptitle></h1><publishtime>{document.date} 10:12:00</publishtime>"
        f'<div class="detail-news"><ucapcontent>{document.html()}</ucapcontent></div>'
    )
    return page(head(column, document), body)


def gkmlpt(column: Column, document: Document) -> Answer:
    detail = {
        "title": document.title,
        "content": document.html(),
        "document_number": document.number,
        "publisher": document.issuer,
        "identifier": f"006939748/{document.date.year}-{document.serial:05}",
        "date": document.moment - 2 * 86_400,
        "display_publish_time": document.moment,
    }
    told = json.dumps(detail, ensure_ascii=False).replace("<", "\\u003C").replace(">", "\\u003E")
    body = f"<div id=\"app\"></div><script>window._CONFIG = {{SID:'{column.facts['sid']}', DETAIL: {told}}};</script>"
    return page(head(column, document), body + '<script src="/gkmlpt/js/app.js"></script>')


def govcn(column: Column, document: Document) -> Answer:
    body = (
        f'<table class="bd1">{table(document)}</table><h1>{document.title}</h1>'
        f'<div class="pages_content" id="UCAP-CONTENT">{document.html()}</div>'
    )
    return page(head(column, document), body)


def xinhua(column: Column, document: Document) -> Answer:
    body = (
        f'<div class="header-cntr"><h1>{document.title}</h1><span class="time">{document.date} 10:12:00</span>'
        f"<span>来源：{document.issuer}</span></div>"
        f'<div id="detail"><span id="detailContent">{document.html()}</span></div>'
        '<script src="https://www.newsimg.cn/xl.js"></script>'
    )
    return page(f'<meta charset="utf-8"><title>{document.title}</title>', body)


def cac(column: Column, document: Document) -> Answer:
    body = (
        f'<h1 class="title">{document.title}</h1><span id="pubtime">{document.date} 10:12</span>'
        f'<div id="BodyLabel">{document.html()}</div>'
    )
    return page(head(column, document), body)


def vsb(column: Column, document: Document) -> Answer:
    body = (
        '<script src="/system/resource/js/counter.js"></script>'
        f'<form name="_newscontent_fromname"><h1>{document.title}</h1><div>发布时间：{document.date}</div>'
        f'<div id="vsb_content"><div class="v_news_content">{document.html()}</div></div></form>'
    )
    return page(head(column, document), body)


def news(column: Column, document: Document) -> Answer:
    """A news site's report: no disclosure, no ten tags."""
    tags = (
        f'<meta property="og:title" content="{html.escape(document.title)}"><meta property="og:type" content="article">'
    )
    lines = list(document.paragraphs[2:-2])
    body = (
        f'<div class="main"><h1>{document.title}</h1>'
        f'<div class="info">{document.date} 10:12　来源：{document.issuer}</div>'
        f'<div class="content article-content">{"".join(f"<p>{line}</p>" for line in lines)}</div></div>'
    )
    return page(f'<meta charset="utf-8"><title>{document.title}</title>{tags}', body)


def plain(column: Column, document: Document) -> Answer:
    """A site of no known family."""
    body = (
        f'<div class="content-box"><h1>{document.title}</h1><div class="info">发布日期：{document.date}</div>'
        f'<div class="article-content" id="zoom">{document.html()}</div></div>'
    )
    return page(head(column, document), body)
