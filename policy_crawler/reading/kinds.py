"""文种 and the kind of document: read from the title as 《党政机关公文处理工作条例》 builds it."""

import re

from policy_crawler.reading.model import DocumentType
from policy_crawler.reading.text import squeezed

# The fifteen kinds of article 8 (决议 … 纪要), 令 and 复函 being the printed forms of 命令 and 函.
OFFICIAL_KINDS = tuple(
    re.findall(r"\S+", "决议 决定 命令 公报 公告 通告 意见 通知 通报 报告 请示 批复 议案 复函 函 纪要 令")
)
# What a 通知 carries, and what is published on its own in columns of rules.
CARRIED_KINDS = tuple(
    re.findall(
        r"\S+", "规划 纲要 方案 办法 规定 细则 条例 规则 标准 目录 指南 要点 规程 规范 计划 措施 清单 准则 章程 导则 法"
    )
)

_TAIL = re.compile(r"[（(〔\[【][^（()）〕\]】]{0,60}[）)〕\]】]\s*$|(?:试行|暂行|修订|征求意见稿|草案|送审稿|全文)$")
_INTERPRETATION = re.compile(
    r"解读|答记者问|记者问|问答|图解|一图读懂|一图看懂|一图了解|图说|访谈|新闻发布会|专家解析|专家谈|政策说明|起草说明|有问必答|长图"
)
_EXPLAINS = re.compile(r"解读|答记者问|政策问答")  # a medium's 一图看懂 is about anything
_CONSULTATION = re.compile(r"征求.{0,14}意见|征集.{0,10}意见|公开征集|意见征集|征求意见稿|送审稿|草案.{0,6}征求")
_CONSULTED = re.compile(r"意见反馈|采纳情况|征集结果|情况反馈|情况的?(?:说明|公告|公示)")
# About one person, firm, tender or list: of use to those concerned, no rule for anyone else.
_CASE = re.compile(
    r"公示|中标|招标|采购公告|采购结果|招聘|录用|任免|任职|免职|职务|表彰|名单|拍卖|认证公告|抽检|处罚|许可结果|注销|吊销|成交|遴选|评审结果|"
    r"听证|预算|决算|不合格|信息通告|信息公开表|消费提示"
)
_PERSONAL = re.compile(r"任免|任职|免职|职务|处罚|表彰|信息公开表")
_NEWS_COLUMN = re.compile(r"新闻|要闻|动态|资讯|快讯|时政|滚动|报道|媒体|社会|国际|财经|文化")
_POLICY_COLUMN = re.compile(r"政策文件|规范性文件|法规|规章|文件|公文|通知|公告|决定|令")


def kind_of(title: str, labelled: str | None = None) -> str | None:
    """文种: what the disclosure table says, else the last word of the title, brackets and 试行 stripped."""
    known = (*OFFICIAL_KINDS, *CARRIED_KINDS)
    if labelled and squeezed(labelled) in known:
        return squeezed(labelled)
    text = squeezed(title)
    for _ in range(4):
        shorter = _TAIL.sub("", text)
        if shorter == text:
            break
        text = shorter
    text = text.rstrip("》>〉”\"’'")
    return next((kind for kind in known if text.endswith(kind) and len(text) > len(kind)), None)


def type_of(
    *, title: str, kind: str | None, number: str | None, table: bool, column: str, media: bool, reprinted: bool
) -> DocumentType:
    """What the document is to an analyst.

    `table`: it has a disclosure table; `media`: the page is a news medium's; `reprinted`: a news medium is its 来源.
    """
    text = squeezed(title)
    if not text:
        return DocumentType.OTHER
    coded = bool(number) and not _PERSONAL.search(text)
    explains = _EXPLAINS if media else _INTERPRETATION
    if (explains.search(text) or (not media and "解读" in column)) and not coded:
        return DocumentType.INTERPRETATION
    if media:
        return DocumentType.NEWS
    if _CONSULTATION.search(text) and not _CONSULTED.search(text):
        return DocumentType.CONSULTATION
    if coded or _CASE.search(text):
        return DocumentType.POLICY if coded else DocumentType.NOTICE
    return _by_place(text, kind, column, table=table, reprinted=reprinted)


def _by_place(text: str, kind: str | None, column: str, *, table: bool, reprinted: bool) -> DocumentType:
    """The type of a document without number: by its kind, its column and its table."""
    if kind and (table or "关于" in text or text.startswith("中华人民共和国") or not _NEWS_COLUMN.search(column)):
        return DocumentType.POLICY
    if _NEWS_COLUMN.search(column) or reprinted:
        return DocumentType.NEWS
    if table:
        return DocumentType.POLICY if _POLICY_COLUMN.search(column) else DocumentType.NOTICE
    return DocumentType.OTHER
