"""What stands inside or beside a text and is none of it: share bars, editor's lines, related lists, print tools."""

import re
from functools import lru_cache

from policy_crawler.reading.text import squeezed
from policy_crawler.reading.tree import Attributes

# Whole words (between - _ and spaces) of class and id that name furniture. Sure words name what holds prose of its
# own (comments, related articles); the others name tools, and a wrapper of the text may bear one (js_img_share_area).
_EDGE, _END = r"(?:^|[-_ ])", r"(?:$|[-_ ])"
_SURE = re.compile(
    _EDGE + r"(?:(?:gc)?comments?|pinglun|related\w*|relat|relevant\w*|recommend\w*|tuijian\w*|xiangguan\w*|"
    r"xg(?:list|wj|yd|jd|zc|wz)|copyright\w*|banquan\w*|mianze\w*|shenming|disclaimer|footer\w*|sidebar|advert\w*|adsbygoogle|adincontent|"
    r"guanggao|tougao\w*|zdfy|uninterested-box|breadcrumb\w*|qrcode\w*|qr_?container|bdshare\w*|jiathis\w*|jiucuo)"
    + _END,
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    _EDGE
    + r"(?:share\w*|addthis\w*|fenxiang|ewm\w*|erweima\w*|sweep|xg|xgbox|hot\w{0,5}|crumbs?|statement|editor_?name|"
    r"pageeditor|article-editor|pagination|pager|pages?_?print|print(?![-_]?(?:area|content|body|text|div|box|start|html))\w*|dayin|toolbar|tool-?bar|font_?change|zihao|"
    r"changesize|fontsize|prenext\w*|prev_?next|keywords?|tags?|biaoqian|bqian|zhuanzai|ads?|foot|header|side|aside|"
    r"login\w*|weixin\w*|wechat\w*|visitcount|pagesource|zan-?wap|nav\w{0,6}|navbar|weizhi|dqwz|location)" + _END,
    re.IGNORECASE,
)
# Elements inside a sentence: their classes are colours and keywords (ithome's a.s_tag), not furniture.
_TEXT_TAGS = frozenset({"a", "b", "strong", "em", "i", "u", "font", "img", "body", "html", "table", "tbody", "tr"})
# A whole line that is furniture, wherever it stands.
_FURNITURE_LINE = re.compile(
    r"^[【\[（(]*(?:打印(?:本页|此页|本稿|文章|页面)?|关闭(?:窗口|本页|页面)?|返回(?:顶部|列表|首页)|扫一扫.{0,16}|扫码(?:关注|查看|分享|阅读).{0,10}|"
    r"分享(?:到|至)?[:：]?(?:微信|微博|QQ|QQ空间|朋友圈|新浪|新浪微博)*|收藏|点击查看.{0,6}|字[号体][:：\[【（(].{0,20}|浏览次数[:：].{0,12}|"
    r"[上下]一[篇条](?:[:：].{0,80})?|推荐阅读|纠错|我要纠错|发表评论|举报|全文阅读|展开全文|加载中.{0,6}|"
    r"\d*(?:上一页|下一页|首页|尾页|末页)(?:\d|上一页|下一页|首页|尾页|末页|[.…])*|图集|视频|附件下载|[-—]*THEEND[-—]*|视频加载中.{0,8}|"
    r"网站标识码.{0,20}|链接已复制|.{0,6}加载中[,，]?请稍[候后][。.]?|若?长时间无响应[,，]?请刷新.{0,6}|加载更多.{0,4}|阅读剩余.{0,4}全?文?[（(]?.{0,6}|"
    r"正文已?结束.{0,24}|您访问的链接即将离开.{0,60}|返回\S{0,8}首页[>》]*)[】\]）):：]*$"
)
_EDITOR_LINE = re.compile(
    r"^(?:【纠错】)?\s*[（(【\[\s]*(?:责任编辑|责编|编辑|审核|校对|编审|主编|监制|值班编辑|本文编辑|信息员|录入人?|原标题|浏览|阅读|点击|原题为?)"
    r"\s*[:：].{0,60}[）)】\]]?$|^[（(]?(?:责任编辑|责编)\s*\S{2,12}[）)]?$|"
    r"^(?:记者|作者|编辑|责编)\s\S{2,4}(?:[\s|｜丨]+(?:编辑|责编|校对|排版|审核|审校)\s\S{2,4})+$"
)
_SOURCE_LINE = re.compile(
    r"^[（(【\[\s]*(?:(?:信息来源|文章来源|稿件来源|稿源|(?:本文)?来源|出处|通讯员|供稿|撰稿|发布时间|发布日期|发表时间|作者|发布机构|发布单位|浏览次数)"
    r"\s*[:：∶].{0,120}|(?:时间|日期)\s*[:：∶]\s*\d{4}[-./]\d.{0,100})$"
)
# Only when the line is no more than this, or a colon or a link follows.
_RELATED_LINE = re.compile(
    r"^[【\[（(\s]*(?:相关(?:链接|文件|附件|解读|稿件|新闻|阅读|报道|文档|文章|政策|推荐|内容|信息|专题|资讯)|政策解读|解读(?:材料|链接|文件)|"
    r"原文(?:链接|下载)|延伸阅读|更多(?:阅读|新闻|内容|精彩)|推荐阅读|关联阅读|图解|政策原文|文件原文|链接|主要新闻)[】\]）)\s]*(?P<end>[:：]|$)?"
)
_TOOLS = re.compile(r"[】\]][|｜]?(?=[【\[])|[|｜]")  # 【打印本页】【关闭窗口】 are two tools
_PROMOTION_LINE = re.compile(
    r"^感谢.{0,40}(?:线索投递|投稿|投递)|^广告声明[:：]|(?:微信号|公众号|客户端|APP|App|小程序|视频号|微博).{0,40}(?:回复|关注|下载|扫码|搜索)|"
    r"(?:关注|下载|扫码|搜索|点击|打开).{0,24}(?:公众号|微信号|客户端|APP|App|小程序)|^版权(?:声明|归)|^声明[:：]|^本文(?:系|为|由).{0,40}(?:授权|转载)|"
    r"^(?:未经授权|转载请).{0,60}|^特别声明[:：]|^免责声明|^点击.{0,30}(?:>>|》|查看|进入)"
)


_SENTENCE = re.compile("[，。；！？]")
_MOMENT_LINE = re.compile(r"(?:19|20)\d\d\s?[-年/.]\s?\d{1,2}\s?[-月/.]\s?\d{1,2}日?\s*\d{1,2}\s?[:：∶]\s?\d{2}")

_BOILERPLATE = re.compile(
    r"^\W*(?:\d{1,2}[.、．])?\s*(?:凡(?:本站|本网|来源|注明|转载)|(?:版权|免责)(?:与免责)?声明|版权所有|(?:特别)?声明\s*[:：].{0,30}(?:转载|侵权|版权)|未经.{0,12}(?:授权|许可|同意)|"
    r"转载请(?:注明|联系)|本(?:网|站|文)(?:转载|所载|内容|仅代表|不代表|来自)|以上内容(?:仅|不)|违法和?不良信息|建议您?使用)"
)


def is_sentence(text: str) -> bool:
    """True when the text has a comma or stop of a sentence."""
    return bool(_SENTENCE.search(text))


def is_boilerplate(text: str) -> bool:
    """True for a site's words about rights and liability, which stand under every page."""
    return bool(_BOILERPLATE.match(text))


def named_noise(tag: str, attributes: Attributes) -> int:
    """How an element is named: 2 surely furniture, 1 like a tool (a wrapper of the text may be), 0 neither."""
    if not attributes or tag in _TEXT_TAGS:
        return 0
    classes, identity = attributes.get("class"), attributes.get("id")
    noise = _noise_in(classes) if classes else 0
    return max(noise, _noise_in(identity)) if identity else noise


@lru_cache(maxsize=4096)
def _noise_in(name: str) -> int:
    return 2 if _SURE.search(name) else int(bool(_FURNITURE.search(name)))


def is_furniture_line(line: str) -> bool:
    """True for a line that is a tool of the page: 【打印本页】, 扫一扫在手机打开当前页."""
    return len(line) <= 90 and all(_FURNITURE_LINE.match(part) for part in _TOOLS.split(squeezed(line)) if part)


def is_editor_line(line: str) -> bool:
    """True for （责任编辑：某某） and its kin."""
    return len(line) <= 80 and bool(_EDITOR_LINE.match(line))


def is_source_line(line: str) -> bool:
    """True for a line of labels above or below a text: 来源：… 发布时间：…."""
    return len(line) <= 140 and bool(
        _SOURCE_LINE.match(line) or (_MOMENT_LINE.search(line) and not _SENTENCE.search(line))
    )


def is_related_line(line: str) -> bool:
    """True for the head of a list of related pages: its words alone, or a colon behind them."""
    match = _RELATED_LINE.match(line)
    return match is not None and match["end"] is not None


def is_promotion_line(line: str) -> bool:
    """True for what a medium says about itself at the edges of its text."""
    return len(line) <= 200 and bool(_PROMOTION_LINE.search(line))
