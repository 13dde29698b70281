"""Columns (栏目): their name where only a path is known, and what they publish."""

import re
from urllib.parse import urlsplit

from policy_crawler.reading.model import DocumentType

_SEGMENTS = """
zcwj 政策文件|zfwj 政府文件|gfxwj 规范性文件|gfwj 规范性文件|xzgfxwj 行政规范性文件|xzgfwj 行政规范性文件
gfxwjk 规范性文件库|qtwj 其他文件|qtgw 其他公文|bmwj 部门文件|bwj 部文件|szfwj 政府文件|swwj 市委文件
gwywj 国务院文件|szfgfxwj 政府规范性文件|zcwjk 政策文件库|zcwjss 政策文件|zck 政策库|wjk 文件库|wj 文件
wjtz 文件通知|wjfb 文件发布|wjgs 文件公示|zcfb 政策发布|zc 政策|zcfg 政策法规|zcgf 政策法规|zcfgk 政策法规库
flfg 法律法规|flfggz 法律法规规章|fl 法律|fg 法规|fgwj 法规文件|fgzc 法规政策|fgzd 法规制度|xzfg 行政法规
dfxfg 地方性法规|dfxfggz 地方性法规规章|gz 规章|gzk 规章库|guizhang 规章|bmgz 部门规章|zfgz 政府规章
szfgz 政府规章|zfl 政府令|szfl 政府令|bl 部令|bz 标准|flfgbz 法律法规标准|zcjd 政策解读|zcjdw 政策解读|jd 解读
jdhy 解读回应|zhengcejd 政策解读|zcjjd 政策及解读|wzjd 文字解读|tpjd 图片解读|spjd 视频解读|ytdd 一图读懂
zctj 政策图解|bmjd 部门解读|bmzcjd 部门政策解读|bmzcwjjd 部门政策文件解读|qtzcwjjd 其他政策文件解读
qtzcjd 其他政策解读|hygq 回应关切|mtsj 媒体视角|zxft 在线访谈|tzgg 通知公告|tztg 通知通告|tz 通知|gztz 工作通知
gggs 公告公示|gsgg 公示公告|ggtg 公告通告|ggtz 公告通知|gg 公告|gs 公示|gsqg 公示公告|tgsgg 公示公告
qtgg 其他公告|czgg 财政公告|gonggao 公告|gongzuogonggao 工作公告|zxgg 最新公告|tzgs 通知公示|zfgb 政府公报
gongbao 公报|yaowen 要闻|yw 要闻|zwyw 政务要闻|szyw 时政要闻|jrgz 今日关注|rdgz 热点关注|ywdt 要闻动态
gzdt 工作动态|bmdt 部门动态|bmkx 部门快讯|jcdt 基层动态|sjdt 动态|sxdt 市县动态|zwdt 政务动态|zydt 重要动态
zwlb 政务联播|dtxx 动态信息|xwfb 新闻发布|xwdt 新闻动态|xwzx 新闻中心|xwyw 要闻|swyw 商务要闻|jtyw 交通要闻
jiaotongyaowen 交通要闻|wlyw 文旅要闻|czxw 财政新闻|stdt 生态动态|mtzs 媒体之声|dsdt 地市动态|jdtp 焦点图片
zyzz 重要转载|ttxw 头条新闻|ggjxw 机关事务要闻|wsjkdt 卫生健康动态|zxzfxx 最新政府信息|zxxxgk 最新信息公开
zxdt 中心动态|zwxx 政务信息|rsrm 人事任免|rsxx 人事信息|rsgk 人事公开|rs 人事|cwgk 财务公开|hygk 会议公开
czyjs 财政预决算|yjs 预决算|czsj 财政数据|czzj 财政资金|tjsj 统计数据|tjxx 统计信息|tjgb 统计公报|sjjd 数据解读
sjfb 数据发布|jdsj 季度数据|sj 数据|ghjh 规划计划|ghjhwj 规划计划|ghwb 规划文本|fzgh 发展规划|ggl 公告栏
bszn 办事指南|xzxk 行政许可|zfjd 执法监督|yjzj 意见征集|dczj 调查征集|zjdc 征集调查|lfyjzj 立法意见征集
gfxwjzj 规范性文件意见征集|zqyj 征求意见|jgcs 机构处室|ldzc 领导之窗|llyj 理论研究|lczc 林草政策|zcgg 政策公告
jjyw 要闻|zzcg 资助成果|xzfgk 行政法规库|fgbzk 法规标准库|falvfagui 法律法规|falv 法律|dnfg 党内法规
zfxxgkml 政府信息公开目录|fdzdgknr 法定主动公开内容|xxgk 信息公开|zwgk 政务公开|fgwwj 发改委文件
gxtwj 工信厅文件|sftwj 司法厅文件|bdwj 本地文件|sjwj 上级文件|gzxx 工作信息|kjbgz 科技部工作|whyw 要闻
ggqy 改革前沿|zkzp 招考招聘|swygwj 省委有关文件|gwyywj 国务院有关文件|zyygwj 中央有关文件|jggb 价格公布
jgzc 价格政策|sfwj 市政府文件|szfqt 其他文件|xmaphzjxd 项目安排和资金下达|zcwjfl 政策文件|zcqtwj 其他政策文件
hytz 会议通知|zxgfxwj 现行规范性文件|zxwj 最新文件|zctz 政策通知|zxzx 资讯中心|xzsp 行政审批
xyxzfgz 现行有效政府规章|xxfb 信息发布|cwhgg 常委会公告|czyjsgk 财政预决算|jgzz 机构职责|bmzz 部门职责
"""
SEGMENTS: dict[str, str] = dict(
    pair.split(" ", 1) for line in _SEGMENTS.split("\n") if line for pair in line.split("|")
)
"""What the pinyin initials of a path's segment stand for on the sites of government."""

GENERIC = frozenset({"信息公开", "法定主动公开内容", "政务公开", "栏目", "公开"})
"""Names of whole sections: a column below says more."""

_NAMELESS = re.compile(
    r"index|list|default|common|content|wjk|newxxgk|xxgkl|zfxxgk|olist|wzlist|search|secondpage|subpage"
)

_KINDS: tuple[tuple[DocumentType, str], ...] = (
    (DocumentType.CONSULTATION, "征求意见 意见征 征集 网信@你 立法草案 法律草案 互动平台 政民互动"),
    (DocumentType.INTERPRETATION, "解读 图解 一图读懂 问答 解释 回应关切"),
    (DocumentType.NOTICE, "公示 招聘 招考 人事 任免 任职 决算 财务 处罚 许可 受理 核准 审批 环评 采购 名单 办事指南"),
    (DocumentType.NOTICE, "征收 中标 交易公告 拟审查 已批准 批前 行政复议 监管措施 市场禁入 拍卖 预先披露 发审会"),
    (DocumentType.NOTICE, "重组委 备案 案件发布 法院公告"),
    (DocumentType.POLICY, "文件 政策 法规 规章 法律 条例 规范 公报 部令 政府令 公文 规划 办法 标准 制度 明电 决议"),
    (DocumentType.POLICY, "意见 指引 立法"),
    (DocumentType.NOTICE, "通知 公告 通告 通报 公布"),
    (DocumentType.NEWS, "新闻 要闻 动态 快讯 资讯 聚焦 媒体 焦点 报道 时讯 活动 发布会 访谈 之声 转载 头条 联播"),
    (DocumentType.NEWS, "博览 观察 工作信息 快报"),
)
KIND_WORDS: tuple[tuple[DocumentType, tuple[str, ...]], ...] = tuple(
    (kind, tuple(words.split())) for kind, words in _KINDS
)
"""Words of a column's name, in the order they are asked, and what a column of that name publishes."""

# 津政令, 粤府办, 闽政办函, 陕政办发明电, 沪府规, 豫环文: columns named by the code of the documents they hold.
_PLACES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔滇藏陕甘青宁新云"
_CODE = re.compile(
    rf"(?:^|·)[{_PLACES}](?:府|政|政办|府办|府厅|办|环|环境)(?:发|函|规|令|字|文|电|办|任|办函|发明电)?(?:\(.*\))?$"
)


def column_of(url: str) -> str:
    """The name that the path of a column's URL gives it: `…/zwgk/zcjd/index.html` is 政策解读; empty: none.

    The last segment that is known decides; numbers, years and the names of files are left aside."""
    path = urlsplit(url).path
    for segment in reversed([part for part in path.split("/") if part]):
        name = re.sub(r"\.\w+$", "", segment).lower()
        pieces = re.split(r"[_-]", name) if "." not in segment else []  # files are named after their template
        for form in (name, *pieces):
            bare = re.sub(r"^20\d\d|\d+$", "", form.strip("_-"))
            if bare in SEGMENTS:
                return SEGMENTS[bare]
        if not _NAMELESS.match(name) and not re.fullmatch(r"[\d_-]*|c\d+|col\d*|n\d+", name):
            return ""
    return ""


def kind_of(column: str, *, news: bool = False) -> DocumentType:
    """What a column of that name publishes: the first of KIND_WORDS that is in it, else `other`.

    Columns named by the code of document numbers (粤府办) hold policies."""
    if news:
        return DocumentType.NEWS
    for kind, words in KIND_WORDS:
        if any(word in column for word in words):
            return kind
    return DocumentType.POLICY if _CODE.search(column) else DocumentType.OTHER
