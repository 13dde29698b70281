"""Detail pages in the documented structure of each CMS family, written for the tests of reading.

Each page holds the same notice with its own containers, labels, dates, attachments, tools and related lists, so that
one list of expectations covers them all; a case says only what its page does not carry.
"""

# ruff: noqa: E501  (pages stand as they are served)

import json
from dataclasses import dataclass, field

TITLE = "示例省人民政府办公厅关于进一步做好数据要素流通工作的通知"
NUMBER, INDEX = "示政办发〔2026〕12号", "000014349/2026-00112"
ISSUER = "示例省人民政府办公厅"
START, END = "各市、县（市、区）人民政府，省政府各部门：", "2026年3月2日"
TEXT = (
    START,
    "为深入贯彻落实党中央、国务院决策部署，进一步做好数据要素流通工作，经省政府同意，现就有关事项通知如下。",
    "一、提高思想认识。各地各部门要充分认识数据要素流通的重要意义，切实加强组织领导，明确责任分工。",
    "二、健全工作机制。按照《示例省数据条例》要求，建立数据目录，推动公共数据有序开放，确保数据安全。",
    "（一）加强统筹协调。省数据局要会同有关部门，定期调度工作进展，及时解决存在的问题。",
    "三、强化监督检查。本通知自2026年4月1日起施行，有效期5年。",
    ISSUER,
    END,
)


def paragraphs(opening: str = "<p>", closing: str = "</p>") -> str:
    return "".join(f"{opening}{line}{closing}\n" for line in TEXT)


@dataclass(frozen=True)
class Case:
    """A page and what it must give; `without` names the fields that it does not print."""

    name: str
    url: str
    html: str
    family: str
    charset: str = "utf-8"
    published: str = "2026-03-05"
    attachments: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    issuer: str = ISSUER
    values: dict[str, str] = field(default_factory=dict)


META = f"""<meta name="SiteName" content="示例省人民政府"><meta name="SiteDomain" content="www.example.gov.cn"><meta name="SiteIDCode" content="3500000001">
<meta name="ColumnName" content="政策文件"><meta name="ColumnType" content="政策文件"><meta name="ArticleTitle" content="{TITLE}">
<meta name="PubDate" content="2026-03-05 10:12"><meta name="ContentSource" content="{ISSUER}">"""
MENU = '<div class="header"><div class="logo"><a href="/"><img src="/logo.png"></a></div><ul class="menu"><li><a href="/zwgk/">政务公开</a></li><li><a href="/zwfw/">政务服务</a></li><li><a href="/hdjl/">互动交流，征集意见</a></li></ul></div>'
CRUMBS = '<div class="mbx">您现在所在的位置：<a href="/">首页</a>&nbsp;&gt;&nbsp;<a href="/zwgk/">政务公开</a>&nbsp;&gt;&nbsp;<a href="/zwgk/zcwj/">政策文件</a></div>'
FOOT = '<div class="footer"><p>版权所有：示例省人民政府　主办：示例省人民政府办公厅</p><p>网站标识码：3500000001　<a href="http://beian.miit.gov.cn">示ICP备05000001号</a>　示公网安备35010202000001号</p><p>建议您使用1920×1080分辨率、IE9.0以上版本浏览器访问。</p></div>'
SHARE = '<div class="bdsharebuttonbox"><a class="bds_more">分享到：</a><a title="分享到微信">微信</a><a title="分享到新浪微博">新浪微博</a></div>'
RELATED = '<div class="xgnr"><h4>相关解读</h4><ul><li><a href="./t20260306_2.html">《关于进一步做好数据要素流通工作的通知》政策解读，一文看懂</a><span>2026-03-06</span></li><li><a href="./t20260307_3.html">图解：数据要素流通，有哪些新举措？</a></li></ul></div>'
QR = '<div class="ewm"><p>扫一扫在手机打开当前页</p><img src="/qr.png"></div>'
TOOLS = '<div class="tools">字体：<a>【大</a> <a>中</a> <a>小】</a> <a>【打印本页】</a> <a>【关闭窗口】</a></div>'


def page(
    body: str, *, head: str = META, title: str = f"{TITLE}_政策文件_示例省人民政府", charset: str = "utf-8"
) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{title}</title>{head}</head><body>{MENU}{CRUMBS}{body}{FOOT}</body></html>'


ROWS = (
    ("索 引 号", INDEX), ("主题分类", "国民经济管理、国有资产监管"), ("发文机关", ISSUER), ("成文日期", "2026年03月02日"),
    ("标　　题", TITLE), ("发文字号", NUMBER), ("发布日期", "2026年03月05日"), ("有 效 性", "有效"),
)  # fmt: skip
TABLE = "<table class='bd1'>" + "".join(
    f"<tr><td><b>{a}：</b></td><td>{b}</td><td><b>{c}：</b></td><td>{d}</td></tr>"
    for (a, b), (c, d) in zip(ROWS[::2], ROWS[1::2], strict=True)
) + "</table>"  # fmt: skip
DL = "<dl class='zcwj_head'>" + "".join(f"<dt>{a}</dt><dd>{b}</dd>" for a, b in ROWS) + "</dl>"
LIST = "<ul class='xxgk_bt'>" + "".join(f"<li><span>{a}：</span>{b}</li>" for a, b in ROWS) + "</ul>"
BOXES = "<div class='xl-info'>" + "".join(
    f"<div class='row'><label><font>{a}</font></label><div class='display-block'>{b}</div></div>" for a, b in ROWS
) + "</div>"  # fmt: skip
PAIRS = (
    "<div class='scy_main_detail'>"
    + "".join(f"<div><strong>【{a}】</strong><em>{b}</em></div>" for a, b in ROWS)
    + "</div>"
)

NO_TABLE = frozenset({"index_number", "doc_number"})
NO_INDEX = frozenset({"index_number"})

CASES: tuple[Case, ...] = (
    Case(
        "trs with a nested editor and its style",
        "https://www.example.gov.cn/zwgk/zcwj/202603/t20260305_195992.html",
        page(f"""<div class="main">{TABLE}<div class="article"><h1>{TITLE}</h1><div class="info">发布时间：2026-03-05 10:12　来源：{ISSUER}　浏览次数：<script>document.write(1)</script></div>{TOOLS}
        <div class="TRS_Editor"><style type="text/css">.TRS_Editor P{{margin-top:0}}</style><div class="Custom_UnionStyle">{paragraphs("<p style='text-indent:2em'>&nbsp;&nbsp;")}
        <p>附件：<a href="./P020260305367001.pdf" title="数据目录">1.数据目录</a></p><p><a href="./P020260305367002.docx">2.任务分工表</a></p></div></div>
        {SHARE}{RELATED}{QR}</div></div>"""),
        "trs",
        attachments=("./P020260305367001.pdf", "./P020260305367002.docx"),
    ),
    Case(
        "trs of a ministry's sub-site in GBK without meta tags",
        "http://zhs.example.gov.cn/zcfb/202603/t20260305_33.htm",
        page(f"""<div class="mainboxerji"><ul class="xl_table">{LIST}</ul><h2 class="title_con">{TITLE}</h2><div class="my_doccontent"><div class="TRS_UEDITOR trs_paper_default">{paragraphs()}</div></div>
        <ul class="fj_list"><li>附件下载：<a href="./W020260305.rar">数据目录.rar</a></li></ul><div class="xg">{RELATED}</div></div>""", head="", charset="gb2312"),
        "trs",
        charset="gb18030",
        attachments=("./W020260305.rar",),
    ),
    Case(
        "jpaas with the marks of a ministry",
        "https://www.example.gov.cn/zwgk/zcwj/wjfb/tz/art/2026/art_0123456789abcdef0123456789abcdef.html",
        page(f"""<div class="con_content"><h1 id="con_title">{TITLE}</h1><div class="cinfo center"><span id="con_time">发布时间：2026-03-05 09:30</span><span>来源：{ISSUER}</span></div>
        <p>{NUMBER}</p><div class="ccontent center" id="con_con">{paragraphs()}<p style="display:none">历史版本</p></div><div class="xgfj"><p>附件：</p>
        <a href="/api-gateway/jpaas-web-server/front/document/download?fileUrl=Xy%2Fa9%3D&fileName=%E6%95%B0%E6%8D%AE%E7%9B%AE%E5%BD%95.pdf">数据目录.pdf</a></div>{SHARE}</div>""", head=""),
        "jpaas",
        attachments=("/api-gateway/jpaas-web-server/front/document/download?fileUrl=Xy%2Fa9%3D&fileName=%E6%95%B0%E6%8D%AE%E7%9B%AE%E5%BD%95.pdf",),
        without=NO_INDEX,
    ),
    Case(
        "jpaas of a commerce ministry",
        "https://www.example.gov.cn/zwgk/zcfb/art/2026/art_0123456789abcdef0123456789abcdea.html",
        page(f"""<div class="f-cb"><div class="art-title"><h3>{TITLE}</h3></div><script>var source='x';</script>{DL}<div class="art-con art-con-bottonmLine" ergodic="article">{paragraphs()}</div></div>{RELATED}"""),
        "jpaas",
    ),
    Case(
        "jpaas of a market regulator",
        "https://www.example.gov.cn/zw/zfxxgk/fdzdgknr/art/2026/art_0123456789abcdef0123456789abcdeb.html",
        page(f"""<div class="Three_xilan_01"><div class="Three_zhnlist_02">{TABLE}</div><div class="Three_xilan_02">{TITLE}</div><div class="Three_xilan_04">发布时间：2026-03-05 10:12 信息来源：{ISSUER}</div>
        <div class="Three_xilan_07">{paragraphs('<p style="text-align:justify"><span>', "</span></p>")}</div><ul class="contentLeft0102box"><li><a href="/cms_files/filemanager/1/attach/20263/ab12.docx">数据目录.docx</a></li></ul></div>{QR}"""),
        "jpaas",
        attachments=("/cms_files/filemanager/1/attach/20263/ab12.docx",),
    ),
    Case(
        "jpaas of a city, labels in boxes",
        "https://www.example.gov.cn/art/2026/3/5/art_1229063383_1845.html",
        page(f"""<div class="zc_article">{BOXES}<div class="zc_article_title">{TITLE}</div><div class="zc_article_con" id="zoomcon">{paragraphs()}</div>{TOOLS}</div>{RELATED}"""),
        "jcms",
    ),
    Case(
        "jcms with marks and a hidden print copy",
        "http://www.example.gov.cn/art/2026/3/5/art_4975_1503934.html",
        page(f"""<table class="xxgk_table">{"".join(f"<tr><th>{a}</th><td>{b}</td></tr>" for a, b in ROWS)}</table><p class="sp_title">{TITLE}</p><div class="sp_time">发布时间：2026-03-05 10:12:33　访问量：<span>12345</span></div>
        <div id="zoom"><!--<$[信息内容]>begin--><meta name="ContentStart">{paragraphs()}<meta name="ContentEnd"><!--<$[信息内容]>end--></div><div id="printdiv" style="display:none">{paragraphs()}</div>
        <div class="fj"><a href="/module/download/downfile.jsp?classid=0&showname=数据目录.xls&filename=ab12.xls">数据目录.xls</a></div>{SHARE}"""),
        "jcms",
        attachments=("/module/download/downfile.jsp?classid=0&showname=数据目录.xls&filename=ab12.xls",),
    ),
    Case(
        "jcms with text in bare lines",
        "http://www.example.gov.cn/art/2026/3/5/art_81677_9.html",
        page(f"""<div class="main-fl bt-left">{PAIRS}<div class="bt_title">{TITLE}</div><div class="bt_content"><div class="article">{"<br/>".join("　　" + line for line in TEXT)}</div></div>{RELATED}</div>"""),
        "jcms",
    ),
    Case(
        "ucap with its own tags",
        "http://www.example.gov.cn/example/c100028/202603/0123456789abcdef0123456789abcdef.shtml",
        page(f"""<div class="xl"><h2><ucaptitle>{TITLE}</ucaptitle></h2><div class="xl-nr">日期：<publishtime>2026-03-05</publishtime>　来源：{ISSUER}</div>{LIST}<div class="content" id="detailContent"><ucapcontent>{paragraphs()}</ucapcontent>
        <p class="insertfileTag"><a href="/example/c100028/202603/ab/files/cd.pdf">数据目录.pdf</a></p></div>{SHARE}</div>"""),
        "ucap",
        attachments=("/example/c100028/202603/ab/files/cd.pdf",),
    ),
    Case(
        "ucap of a securities regulator",
        "http://www.example.gov.cn/example/c101953/c7544325/content.shtml",
        page(f"""<div class="xxgk-table">{TABLE}</div><div class="detail-news"><h2>{TITLE}</h2><div class="info">时间：2026-03-05 来源：</div>{paragraphs()}<div id="files"><a href="/example/c101953/c7544325/7544325/files/1.docx">附件1：数据目录.docx</a></div></div>"""),
        "ucap",
        attachments=("/example/c101953/c7544325/7544325/files/1.docx",),
    ),
    Case(
        "ucap of a health commission",
        "http://www.example.gov.cn/example/s7847/202603/0123456789abcdef0123456789abcdee.shtml",
        page(f"""<div class="list"><div class="tit">{TITLE}</div><div class="source"><span>发布时间： 2026-03-05</span><span class="mr">来源: 数据司</span></div><div class="con" id="xw_box"><p style="text-align:center">{NUMBER}</p>{paragraphs()}</div><div class="clear"></div>{SHARE}</div>""", head=META.replace(f'ContentSource" content="{ISSUER}', 'ContentSource" content="数据司')),
        "ucap",
        without=NO_INDEX,
    ),
    Case(
        "gkmlpt, the document as JSON",
        "http://www.example.gov.cn/gkmlpt/content/3/3874/post_3874985.html",
        "<html><head><title>示例省人民政府</title><script>window._CONFIG = {SID:'2', DETAIL: "
        + json.dumps({"title": TITLE, "identifier": INDEX, "document_number": NUMBER, "publisher": ISSUER, "date": 1772380800, "display_publish_time": 1772676000, "content": paragraphs()}, ensure_ascii=False).replace("<", "\\u003C")
        + ", TREE:[]};</script></head><body><div id=app></div></body></html>",
        "gkmlpt",
    ),
    Case(
        "gkmlpt as drawn by the server",
        "http://www.example.gov.cn/gkmlpt/content/3/3874/post_3874986.html",
        page(f"""<div class="classify">{TABLE}</div><h1 class="content-title">{TITLE}</h1><div class="content-date">发布日期：2026-03-05　浏览次数：-</div><div class="article-content">{paragraphs()}<div class="nfw-cms-attachment"><a href="http://www.example.gov.cn/attachment/0/1.pdf" alt="数据目录.pdf">数据目录.pdf</a></div></div>{QR}"""),
        "gkmlpt",
        attachments=("http://www.example.gov.cn/attachment/0/1.pdf",),
    ),
    Case(
        "vsb of a county",
        "http://www.example.gov.cn/info/1042/8812.htm",
        page(f"""<form name="_newscontent_fromname"><div class="nr"><h2 align="center">{TITLE}</h2><div align="center">发布时间：2026-03-05&nbsp;&nbsp;作者：&nbsp;&nbsp;浏览次数：<span id="dynclicks"></span></div><div>{NUMBER}</div>
        <div id="vsb_content_2"><div class="v_news_content">{paragraphs('<p class="vsbcontent_start">')}</div></div><div id="div_vote_id"></div><p>附件【<a href="/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=99">数据目录.doc</a>】已下载<span>3</span>次</p>
        <div><p>上一条：<a href="8811.htm">关于召开会议的通知，请参加</a></p><p>下一条：<a href="8813.htm">关于放假的通知</a></p></div></div></form>""", head=""),
        "vsb",
        attachments=("/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=99",),
        without=NO_INDEX,
    ),
    Case(
        "vsb by a script's address",
        "http://www.example.gov.cn/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1042&wbnewsid=8812",
        page(f"""<script src="/system/resource/js/counter.js"></script>{TABLE}<div class="content-title">{TITLE}</div><div id="vsb_content">{paragraphs()}</div><span class="p_pages"></span>{TOOLS}"""),
        "vsb",
    ),
    Case(
        "the portal's old page",
        "https://www.gov.cn/zhengce/content/2026-03/05/content_5748953.htm",
        page(f"""<div class="wrap"><table class="bd1">{TABLE}</table></div><table><tbody><tr><td class="b12c" id="UCAP-CONTENT"><p align="center"><strong>{TITLE}</strong></p><p align="center">{NUMBER}</p>{paragraphs()}<p>（此件公开发布）</p></td></tr></tbody></table><div class="pages_print">{SHARE}</div>{RELATED}""",
             head='<meta name="lanmu" content="国务院办公厅文件"><meta name="firstpublishedtime" content="2026-03-05-16:20:00">'),
        "govcn",
        values={"end": "（此件公开发布）"},
    ),
    Case(
        "the portal's new page",
        "https://www.gov.cn/zhengce/zhengceku/202603/content_6900001.htm",
        page(f"""<div class="article oneColumn"><h1 id="ti">{TITLE}</h1><div class="pages-date">2026-03-05 16:20<span class="font">来源： {ISSUER}</span></div>{TABLE}<div class="pages_content mhide" id="UCAP-CONTENT"><div class="trs_editor_view TRS_UEDITOR">{paragraphs()}</div></div><div class="editor"><span>【我要纠错】</span>责任编辑：某某</div>{RELATED}</div>"""),
        "govcn",
    ),
)  # fmt: skip
