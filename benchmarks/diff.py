"""Telling what changed in a text of 25,000 characters: ours beside difflib and diff-match-patch.

python -m benchmarks.diff [--rounds 3] [--keep]
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import report
from benchmarks.differs import DIFFERS
from benchmarks.reading import PEERS

CHARACTERS = 25_000
PATIENCE = 60  # seconds for all cases of one differ
_WORDS = (
    "各级人民政府 有关部门 应当 加强 数据 安全 管理 监督 检查 建立 健全 工作 机制 企业 "
    "技术 改造 资金 申报 材料 审核 公示 项目 单位 依法 办理 手续 按照 规定 程序 报送 "
    "主管 机关 备案 统筹 推进 重点 任务 落实 责任 保障 措施 组织 实施"
)
_DIGITS = "一二三四五六七八九"


def chinese(number: int) -> str:
    """A number up to 999 as an article's number prints it."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds - 1]}百" if hundreds else ""
    if tens:
        text += f"{_DIGITS[tens - 1]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones - 1] if ones else "")


def cases() -> dict[str, tuple[list[str], list[str]]]:
    """Before and after, by name; always the same."""
    chance = random.Random(8)  # noqa: S311 - texts, no secrets
    clauses = _clauses(chance)
    usual = list(clauses)
    for place in chance.sample(range(len(clauses)), 10):
        usual[place] = usual[place].replace("应当", "可以", 1).replace("数据", "信息", 1)
    del usual[40]
    usual.insert(80, _sentence(chance))
    moved = list(clauses)
    for place in chance.sample(range(len(clauses)), len(clauses) // 3):
        moved.insert(chance.randrange(len(moved)), moved.pop(place))
    alike = ["应当按照规定程序报送主管机关备案。" + _sentence(chance)[:8] for _ in range(CHARACTERS // 24)]
    shuffled = chance.sample(alike, len(alike))
    edited = [text.replace("备案", "审批") for text in shuffled]
    rows = [f"某某科技有限公司第{number}分公司\t{chance.randint(1, 9999)}" for number in range(1, CHARACTERS // 24)]
    later = [row.replace("\t1", "\t2") if place % 20 == 0 else row for place, row in enumerate(rows)]
    later.insert(len(later) // 2, "另一家股份有限公司\t77")
    return {
        "usual: 10 clauses edited, one new, one gone": (_numbered(clauses), _numbered(usual)),
        "moved: a third of the clauses elsewhere": (_numbered(clauses), _numbered(moved)),
        "rewritten: nothing in common": (_numbered(clauses), _numbered(_clauses(random.Random(9)))),  # noqa: S311
        "worst: a thousand paragraphs alike, shuffled": (alike, shuffled),
        "worst: the same, each one edited": (alike, edited),
        "table: a thousand rows, one new, some edited": (_table(rows), _table(later)),
    }


def _clauses(chance: random.Random) -> list[str]:
    clauses: list[str] = []
    while sum(map(len, clauses)) < CHARACTERS:
        clauses.append("".join(_sentence(chance) for _ in range(chance.randint(1, 4))))
    return clauses


def _sentence(chance: random.Random) -> str:
    return "".join(chance.choices(_WORDS.split(" "), k=chance.randint(8, 20))) + "。"


def _table(rows: list[str]) -> list[str]:
    return ["序号\t名称\t金额", *(f"{number}\t{row}" for number, row in enumerate(rows, 1))]


def _numbered(clauses: list[str]) -> list[str]:
    return [f"第{chinese(number)}条 {clause}" for number, clause in enumerate(clauses, 1)]


def main() -> None:
    """Measure, print; with --keep also write docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    texts = cases()
    taken: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder, "cases.json")
        given.write_text(json.dumps(texts), encoding="utf-8")
        for _ in range(options.rounds):
            for differ in DIFFERS:
                for case, seconds in _run(differ, given).items():
                    taken.setdefault((differ, case), []).append(seconds)
    rows = [[case, *(_cell(taken, differ, case) for differ in DIFFERS)] for case in texts]
    text = report.table(["ms, and × ours", *DIFFERS], rows)
    under = (
        f"{CHARACTERS:,} characters, best of {options.rounds} rounds, CPU time. Only ours and ndiff say which "
        "paragraph became which; only ours tells a moved one, or one with "
        "another number, from one that went and one that came. "
        "diff-match-patch "
        f"stops at a second and answers roughly then. –: not done within {PATIENCE} s, or not installed."
    )
    report.write("diff", f"{text}\n\n{under}\n\nTaken {report.circumstances()}.", keep=options.keep)


def _run(differ: str, given: Path) -> dict[str, float]:
    python = str(PEERS) if differ == "diff-match-patch" else sys.executable
    command = [python, str(Path(__file__).with_name("differs.py")), differ, str(given)]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"PYTHONPATH": str(report.ROOT)},
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        said = done.stdout
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
    except OSError:
        said = b""
    return {case: seconds for case, seconds, _found in map(json.loads, said.splitlines())}


def _cell(taken: dict[tuple[str, str], list[float]], differ: str, case: str) -> str:
    theirs, own = taken.get((differ, case)), taken["ours", case]
    if not theirs:
        return "–"
    ratio = statistics.median(one / other for one, other in zip(theirs, own, strict=False))
    return f"{min(theirs) * 1000:.1f}" + ("" if differ == "ours" else f" ({ratio:.1f} ×)")


if __name__ == "__main__":
    main()
