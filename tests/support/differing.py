"""Texts to compare: made of clauses, edited, and rebuilt from what the difference says."""

import random
from collections.abc import Sequence

from storage.diff import Difference
from storage.diff.numerals import chinese
from storage.normal import fold

Blocks = tuple[tuple[str, str], ...]
_WORDS = [
    "各级人民政府", "有关部门", "应当", "加强", "数据", "安全", "管理", "监督", "检查", "建立", "健全", "工作",
    "机制", "企业", "技术", "改造", "资金", "申报", "材料", "审核", "公示", "项目", "单位", "依法", "办理", "手续",
    "按照", "规定", "程序", "报送", "主管", "机关", "备案", "统筹", "推进", "重点", "任务", "落实", "责任", "保障",
    "措施", "组织", "实施", "对于", "平台",
]  # fmt: skip


def sentence(chance: random.Random, words: int = 12) -> str:
    """A sentence of its own; two are alike only by chance."""
    return "".join(chance.choices(_WORDS, k=words)) + f"{chance.randrange(1, 10_000)}项。"


def regulation(seed: int, articles: int = 30) -> list[list[str]]:
    """Articles, each a list of its lines without numbers: the first 款, its 项, further 款."""
    chance = random.Random(seed)  # noqa: S311 - a text, no secret
    made = []
    for _ in range(articles):
        lines = [sentence(chance)]
        if chance.random() < 0.3:
            lines[0] = lines[0][:-1] + "："
            lines += [f"（{chinese(number)}）{sentence(chance, 6)}" for number in range(1, chance.randint(3, 6))]
        if chance.random() < 0.3:
            lines.append(sentence(chance))
        made.append(lines)
    return made


def printed(articles: Sequence[Sequence[str]]) -> Blocks:
    """The articles numbered, as blocks."""
    return tuple(
        ("paragraph", f"第{chinese(number)}条　{line}" if at == 0 else line)
        for number, lines in enumerate(articles, 1)
        for at, line in enumerate(lines)
    )


def rebuilt(difference: Difference) -> list[str]:
    """The later text made of the earlier one and the operations: folded, a clause each."""
    gone = {a for operation in difference.operations for a in operation.olds}
    rest = iter([fold(clause.text) for at, clause in enumerate(difference.old) if at not in gone])
    put: dict[int, str] = {}
    for operation in difference.operations:
        change = operation.change
        if change.operation == "renumbered":
            for a, b in zip(operation.olds, operation.news, strict=True):
                put[b] = _renumbered(difference, a, b)
        elif operation.news:
            lines = (change.after or "").split("\n")
            put.update({b: fold(line) for b, line in zip(operation.news, lines, strict=True)})
    made = [put[b] if b in put else next(rest, "nothing is left") for b in range(len(difference.new))]
    return [*made, *rest]


def _renumbered(difference: Difference, a: int, b: int) -> str:
    old, new = difference.old[a], difference.new[b]
    if old.kind == "row":
        return fold("\t".join([new.number, *old.text.split("\t")[1:]]))
    return new.number + fold(old.text)[len(old.number) :]
