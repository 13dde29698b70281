"""文种 and the kind of document: read from the title as 《党政机关公文处理工作条例》 builds it."""

import re

from policy_crawler.reading.model import DocumentType
from policy_crawler.reading.text import squeezed

# The fifteen kinds of article 8, then the 法规性 texts a 通知 carries. Longer names first.
OFFICIAL_KINDS = (
    "决议",
    "决定",
    "命令",
    "公报",
    "公告",
    "通告",
    "意见",
    "通知",
    "通报",
    "报告",
    "请示",
    "批复",
    "议案",
    "复函",
    "函",
    "纪要",
    "令",
)
CARRIED_KINDS = (
    "实施细则",
    "管理办法",
    "实施办法",
    "暂行办法",
    "实施方案",
    "工作方案",
    "行动计划",
    "行动方案",
    "工作要点",
    "指导目录",
    "规划",
    "纲要",
    "方案",
    "办法",
    "规定",
    "细则",
    "条例",
    "规则",
    "标准",
    "目录",
    "指南",
    "要点",
    "规程",
    "规范",
    "计划",
    "措施",
    "清单",
    "法",
    "准则",
    "章程",
    "导则",
)
_SIMPLE = {
    "实施细则": "细则",
    "管理办法": "办法",
    "实施办法": "办法",
    "暂行办法": "办法",
    "实施方案": "方案",
    "工作方案": "方案",
    "行动方案": "方案",
    "行动计划": "计划",
    "工作要点": "要点",
    "指导目录": "目录",
    "命令": "令",
}
_TAIL = re.compile(r"[（(〔\[【][^（()）〕\]】]{0,60}[）)〕\]】]\s*$|(?:试行|暂行|修订|征求意见稿|草案|送审稿|全文)$")
_INTERPRETATION = re.compile(
    r"解读|答记者问|问答|图解|一图读懂|一图看懂|一图了解|图说|访谈|新闻发布会|专家解析|专家谈|政策说明|起草说明|有问必答|答问|长图"
)
_CONSULTATION = re.compile(r"征求.{0,14}意见|征集.{0,10}意见|征求意见稿|公开征集|意见征集|草案.{0,6}征求|送审稿")
_NOTICE = re.compile(
    r"公示|中标|招标|采购|招聘|录用|任免|任职|免职|表彰|名单|拍卖|认证公告|抽检|处罚|许可结果|注销|吊销|成交|遴选|评审结果|听证|预算|决算|"
    r"行政许可|信息通告|公开表|消费提示"
)
_NEWS_COLUMN = re.compile(r"新闻|要闻|动态|资讯|快讯|时政|滚动|报道|媒体|社会|国际|财经|科技频道|文化")
_POLICY_COLUMN = re.compile(r"政策文件|规范性文件|法规|规章|文件|公文|政策法规|通知|公告|决定|令")
_NUMBERED = re.compile(r"[〔\[(（【]")


def kind_of(title: str, labelled: str | None = None) -> str | None:
    """文种: what the disclosure table says, else the last kind word of the title, brackets and 试行 stripped."""
    if labelled:
        for kind in (*OFFICIAL_KINDS, *CARRIED_KINDS):
            if squeezed(labelled) == kind:
                return _SIMPLE.get(kind, kind)
    text = squeezed(title)
    for _ in range(4):
        shorter = _TAIL.sub("", text)
        if shorter == text:
            break
        text = shorter
    text = text.rstrip('》>〉”"')
    for kind in (*CARRIED_KINDS[:10], *OFFICIAL_KINDS, *CARRIED_KINDS[10:]):
        if text.endswith(kind) and len(text) > len(kind):
            return _SIMPLE.get(kind, kind)
    return None


def type_of(*, title: str, kind: str | None, number: str | None, table: bool, column: str, media: bool) -> DocumentType:
    """What the document is to an analyst. `table`: it has a disclosure table; `media`: the page is a news medium's."""
    text = squeezed(title)
    if not text:
        return DocumentType.OTHER
    official = kind in OFFICIAL_KINDS or kind is not None
    if _INTERPRETATION.search(text) and not (number and kind in OFFICIAL_KINDS):
        return DocumentType.INTERPRETATION
    if "解读" in column and not number:
        return DocumentType.INTERPRETATION
    if media:
        return DocumentType.NEWS
    if _CONSULTATION.search(text) and not re.search(r"意见反馈|采纳情况|结果", text):
        return DocumentType.CONSULTATION
    if number and not _NOTICE.search(text):
        return DocumentType.POLICY
    if _NOTICE.search(text):
        return DocumentType.NOTICE
    if official and (table or "关于" in text or text.startswith("中华人民共和国") or not _NEWS_COLUMN.search(column)):
        return DocumentType.POLICY
    if _NEWS_COLUMN.search(column):
        return DocumentType.NEWS
    if table:
        return DocumentType.POLICY if _POLICY_COLUMN.search(column) else DocumentType.NOTICE
    return DocumentType.OTHER
