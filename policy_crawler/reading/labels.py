"""Labelled values: the disclosure table (政府信息公开) in all its shapes, and lines such as 来源：… 发布时间：….

A label may be padded (索　引　号), stand alone in its cell (td/td, th/td, dt/dd, label/div), carry its value behind the
colon, or share a line with others. A head row of labels over a row of values is read downwards.
"""

import re
from dataclasses import dataclass

from policy_crawler.reading.numbers import is_empty
from policy_crawler.reading.page import Page, shown_text
from policy_crawler.reading.text import clean, squeezed
from policy_crawler.reading.tree import BLOCK_TAGS, TEXT, Tree

# The words that catalogues under 《政府信息公开条例》 print, by the field they name.
FIELDS: dict[str, tuple[str, ...]] = {
    name: tuple(words.split())
    for name, words in {
        "index_number": "索引号 信息索引号 索引编号 索取号 信息索引",
        "topic": "主题分类 信息分类 主题类别 所属主题 分类",
        "kind": "公文种类 体裁 文种 体裁分类 信息体裁",
        "issuer": (
            "发文机关 发布机构 发文单位 发文机构 发布机关 发布单位 制发机关 制定机关 制定单位 发布部门 "
            "发文部门 责任部门 公开主体 公开机构 公开责任部门 公开部门 颁布机构 颁布单位 公布机关 办文部门 "
            "发文机关名称 制文机关 制发单位 信息公开机构 信息发布机构"
        ),
        "written": (
            "成文日期 发文日期 生成日期 成文时间 发文时间 生成时间 签发日期 签署日期 制发日期 形成日期 签发时间"
        ),
        "published": (
            "发布日期 公开日期 印发日期 发布时间 公开时间 公布日期 公布时间 发稿时间 上网日期 发布于 "
            "信息时间 发表时间 发表日期 公示时间 发稿日期 上传时间 时间 日期 更新时间 更新日期"
        ),
        "doc_number": "发文字号 文号 文件编号 发文号 公文文号 文件文号 发文文号 文件字号 文件号 发文编号",
        "validity": "有效性 时效性 效力状态 时效 有效状态 文件有效性 是否有效 时效状态 文件效力 效力",
        "title": "标题 信息名称 文件名称 公文名称 文件标题 信息标题 名称",
        "keywords": "主题词 关键词 关键字 文章关键词",
        "summary": "内容概述 内容摘要 摘要 概述 信息概述",
        "source": "信息来源 来源 文章来源 稿件来源 稿源 来源单位 出处 新闻来源 内容来源 来自",
        "effective": "施行日期 实施日期 生效日期 实施时间 生效时间 施行时间 执行日期",
        "expires": "废止日期 失效日期 失效时间 废止时间 有效期至 有效期截止 终止日期 截止有效期",
        "author": "作者 撰稿人 撰稿 记者",
        "editor": "责任编辑 编辑 责编 审核 校对 信息员 录入人 编审",
        "other": (
            "组配分类 服务对象 公开方式 公开范围 公开程序 公开形式 公开类别 载体类型 服务对象分类 体裁形式 "
            "生命周期 信息有效期 有效期 浏览次数 浏览量 点击数 点击次数 访问量 阅读 阅读量 阅读次数 字号 "
            "字体 字体大小 所属机构 所属行业 企业规模 适用对象 政策主题 语种 公开时限 责任处室 联系电话 "
            "废止记录 栏目 所属栏目 主办单位 信息类别 文件类型 主送单位 打印 分享 分享到 浏览 保护视力色"
        ),
    }.items()
}
_FIELD_OF = {word: name for name, words in FIELDS.items() for word in words}
# Words that mean a label only with a colon or a cell of their own: each is also an everyday word.
_WEAK = frozenset(
    [
        "作者",
        "出处",
        "分享",
        "分类",
        "名称",
        "字号",
        "审核",
        "打印",
        "摘要",
        "效力",
        "日期",
        "时间",
        "来源",
        "来自",
        "标题",
        "栏目",
        "浏览",
        "编辑",
        "记者",
        "阅读",
    ]
)

_GAP = r"[\s\u3000]*"
_WORDS = "|".join(_GAP.join(word) for word in sorted(_FIELD_OF, key=len, reverse=True))
_COLON = "[:：∶﹕]"
_WHOLE = re.compile(rf"^[\s\u3000【\[（(·•]*(?P<label>{_WORDS})[\s\u3000】\]）)]*(?P<colon>{_COLON})?[\s\u3000】\]]*$")
_INLINE = re.compile(
    rf"(?:^|(?<=[\s\u3000|｜/;；，,（(\[【】\])）>·•]))[【\[]?(?P<label>{_WORDS}){_GAP}[】\]]?{_GAP}{_COLON}[\s\u3000]*[】\]]?"
)
_NEXT_LABEL = re.compile(rf"[\s\u3000|｜（(\[【]+[\u4e00-\u9fff][\u4e00-\u9fff\s\u3000]{{0,10}}{_COLON}(?!\d)|[|｜]")
_BEFORE = " \t\r\n\f\v\xa0\u3000\u2002\u2003【[（(·•"
_BEHIND = "】]）):：∶﹕" + "".join(filter(str.isspace, map(chr, range(0x3001))))
_FIRST, _LAST = frozenset(word[0] for word in _FIELD_OF), frozenset(word[-1] for word in _FIELD_OF)
_CELLS = frozenset({"td", "th", "dt", "dd"})
_NO_CELLS = frozenset({"body", "html", "tr", "table", "tbody", "ul", "dl"})  # hold more than one label
_LONGEST = 400  # a value longer than this is text, not a value
_CHECKED = 220  # label texts are short; a longer text node is prose unless it starts with a label


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled value: `word` as the vocabulary has it, `node` the place of its text, `value` "" when empty."""

    field: str
    word: str
    value: str
    node: int
    order: int  # of its text on the page
    cell: bool  # it stood in a cell, term or box of its own


def find_labels(page: Page) -> list[Label]:
    """Every labelled value of the page, in order."""
    tree = page.tree
    found: list[Label] = []
    for order, (node, text) in enumerate(page.texts):
        if tree.tags[tree.above[node]] == "a":  # a menu or breadcrumb has 主题分类, too
            continue
        if len(text) > _CHECKED and ("：" not in text[:40] and ":" not in text[:40]):
            continue
        head = text[:_CHECKED]
        may = head.lstrip(_BEFORE)[:1] in _FIRST and head.rstrip(_BEHIND)[-1:] in _LAST
        whole = _WHOLE.match(head) if may else None
        if not whole and "：" not in head and ":" not in head and "∶" not in head:
            continue
        if whole:
            label = _alone(tree, node, order, squeezed(whole["label"]), bool(whole["colon"]))
            if label:
                found.append(label)
        else:
            found += _inline(tree, node, order, text)
    return found


def _alone(tree: Tree, node: int, order: int, word: str, colon: bool) -> Label | None:
    """A label that is all of its text: the value stands behind it, in the next cell, or below."""
    box = _box(tree, node)
    cell = box is not None
    if not colon and not cell:
        return None
    if not colon and word in _WEAK and (box is None or tree.tags[box] not in _CELLS):
        return None
    value = _behind(tree, node, box)
    if value is None and box is not None:
        value = _beside(tree, box)
    if value is None:
        value = ""
    return Label(_FIELD_OF[word], word, _kept(value), node, order, cell)


def _box(tree: Tree, node: int) -> int | None:
    """The largest element around the label that holds nothing else: its cell. None when the label stands in a line."""
    label = squeezed(tree.texts[node])
    box: int | None = None
    for parent in tree.ancestors(node):
        tag = tree.tags[parent]
        if tag in _NO_CELLS:
            break
        text = tree.text(parent)
        if len(text) > 400 or squeezed(text) != label:
            break
        box = parent
        if tag in _CELLS:
            break
    return box


def _behind(tree: Tree, node: int, box: int | None) -> str | None:
    """Text that follows the label inside its own line or cell; None when there is none."""
    line = next((parent for parent in tree.ancestors(node) if tree.tags[parent] in BLOCK_TAGS), None)
    if line is None or (box is not None and tree.tags[box] in _CELLS):
        return None
    parts: list[str] = []
    length = 0
    for following in range(tree.ends[node], tree.ends[line]):
        tag = tree.tags[following]
        if tag == "br" or (tag in BLOCK_TAGS and parts):
            if parts:
                break
            continue
        text = tree.texts[following]
        if tag != TEXT or not text.strip():
            continue
        if _WHOLE.match(text) or _INLINE.match(text):
            break
        parts.append(text)
        length += len(text)
        if length > _LONGEST:
            break
    return "".join(parts) if parts else None


def _beside(tree: Tree, box: int) -> str | None:
    """The text of the next cell, term or box; of the cell below where the next is a label itself."""
    sibling = tree.next_element(box)
    if sibling is None:
        return _below(tree, box)
    if tree.tags[box] == "dt" and tree.tags[sibling] != "dd":
        return ""
    text = shown_text(tree, sibling) if tree.tags[sibling] != "table" else ""
    if _WHOLE.match(text) or _INLINE.match(text):
        return _below(tree, box) or ""
    return text


def _below(tree: Tree, cell: int) -> str | None:
    """The cell under `cell` in the next row, for a head row of labels over one row of values (more rows are a list)."""
    head = tree.above[cell]
    if tree.tags[cell] not in {"td", "th"} or tree.tags[head] != "tr":
        return None
    row = tree.next_element(head)
    if row is None or tree.next_element(row) is not None or tree.tags[row] != "tr":
        return None
    position = _cells(tree, head).index(cell)
    cells = _cells(tree, row)
    if position >= len(cells):
        return None
    text = shown_text(tree, cells[position])
    return None if _WHOLE.match(text) else text


def _cells(tree: Tree, row: int) -> list[int]:
    return [child for child in tree.children(row) if tree.tags[child] in {"td", "th"}]


def _inline(tree: Tree, node: int, order: int, text: str) -> list[Label]:
    """Labels with their values in one text: `来源：… 时间：… 浏览量：…`."""
    found = []
    matches = list(_INLINE.finditer(text[:2000]))
    for index, match in enumerate(matches):
        end = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        value = text[match.end() : end]
        stop = _NEXT_LABEL.search(value)
        if stop:
            value = value[: stop.start()]
        word = squeezed(match["label"])
        if not value.strip() and index + 1 == len(matches):
            value = _behind(tree, node, None) or ""
        if match.start() > 0 and len(text) > _CHECKED:
            break  # prose that happens to hold a colon
        found.append(Label(_FIELD_OF[word], word, _kept(value), node, order, cell=False))
    return found


def _kept(value: str) -> str:
    value = clean(value.strip().strip("|｜[]【】"))
    return "" if is_empty(value) or len(value) > _LONGEST else value
