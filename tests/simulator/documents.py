"""Generated documents: for each column the same ones at every run, newest first, no two alike.

A document's words come from its column's id and its place there, so two processes that know only the table agree on
every title, number, date and address.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

TODAY = date(2026, 11, 20)
"""The day on which the simulated sites are read; the crawls' clock is set to it."""

_VERBS = ("加强", "规范", "推进", "完善", "做好", "深化", "优化", "统筹", "支持", "促进", "保障", "落实")
_FIELDS = (
    "数据要素流通", "中小企业服务", "安全生产监管", "农产品质量安全", "知识产权保护",
    "职业技能培训", "城市更新", "水资源节约利用", "招标投标活动", "医疗保障基金使用",
    "科技成果转化", "绿色低碳转型", "政务服务事项", "社会救助", "公共资源交易",
    "交通运输执法", "普惠托育服务", "工业互联网应用", "标准化试点", "粮食储备管理",
    "自然灾害救助", "房屋建筑工程", "统计调查", "外商投资", "档案信息化",
    "特种设备检验", "海洋观测预报", "生态环境监测", "药品追溯", "校园食品安全",
    "养老机构备案", "电子商务",
)  # fmt: skip
_WORKS = ("工作", "管理", "试点建设", "监督检查", "专项行动", "能力提升", "服务保障", "信息公开")
_KINDS = ("通知", "意见", "公告", "实施方案", "批复", "通报", "函", "实施细则")
_MEASURES = (
    "在{place}健全{field}协调机制，明确牵头单位和责任分工，每季度调度一次进展情况。",
    "对{place}{field}开展全面排查，建立问题清单和整改台账，实行销号管理。",
    "完善{place}{field}制度规范，及时清理与上位规定不一致的内容。",
    "加大对{place}{field}的资金支持力度，提高使用效益，防止挪用截留。",
    "运用信息化手段提升{place}{field}水平，推动数据共享和业务协同。",
    "加强{place}{field}宣传培训，组织基层人员学习有关政策，总结推广典型经验。",
    "强化{place}{field}绩效评价，评价结果作为下一年度安排的重要依据。",
    "畅通{place}{field}投诉举报渠道，对反映的问题依法及时处理并反馈结果。",
)
_PLACES = "安宁平和清河长山东海南岭西湖北川中原金沙玉泉石桥云龙白塔青松红旗"


@dataclass(frozen=True)
class Document:
    """One document of a column. `place` counts from 0, the newest; `serial` is unique among all columns."""

    column: str
    issuer: str
    place: int
    serial: int

    @cached_property
    def _noise(self) -> bytes:
        return hashlib.sha256(f"{self.column} {self.place}".encode()).digest()

    def _pick(self, words: tuple[str, ...], byte: int) -> str:
        return words[self._noise[byte] % len(words)]

    @property
    def hex(self) -> str:
        """32 hexadecimal digits, as many families name their articles."""
        return self._noise.hex()[:32]

    @property
    def uuid(self) -> str:
        digits = self.hex
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    @cached_property
    def date(self) -> date:
        """When it was published: the newest within three days before TODAY, the others every day or two before."""
        return TODAY - timedelta(days=self.place + self._noise[0] % 2 + 1)

    @property
    def moment(self) -> int:
        """The same as seconds since 1970, at 10:12 in China."""
        return (self.date - date(1970, 1, 1)).days * 86_400 + (10 - 8) * 3_600 + 12 * 60

    @cached_property
    def field(self) -> str:
        return self._pick(_FIELDS, 2)

    @cached_property
    def place_name(self) -> str:
        """A place that hardly another document names: texts that share sentences would be looked at for copies."""
        return "".join(_PLACES[byte % len(_PLACES)] for byte in self._noise[16:20]) + "示范区"

    @property
    def number(self) -> str:
        """文号."""
        return f"{self.issuer}发〔{self.date.year}〕{self.serial % 9_973 + 1}号"

    @cached_property
    def title(self) -> str:
        words = f"{self._pick(_VERBS, 1)}{self.field}{self._pick(_WORKS, 3)}"
        year, kind = self.date.year, self._pick(_KINDS, 5)
        return f"{self.issuer}关于{words}有关事项的{kind}（{year}年第{self.serial}号）"

    @property
    def proof(self) -> str:
        """A sentence that stands in this document's text and in no other's."""
        return f"第{self.serial}号项目按本通知执行。"

    @cached_property
    def paragraphs(self) -> tuple[str, ...]:
        """The text, without its title."""
        second, third = self._pick(_FIELDS, 6), self._pick(_FIELDS, 7)
        measures = [
            self._pick(_MEASURES, 8 + i).format(field=name, place=self.place_name)
            for i, name in enumerate((self.field, second, third))
        ]
        written = self.date - timedelta(days=2)
        return (
            self.number,
            "各有关单位：",
            f"为进一步做好{self.field}和{second}的有关工作，结合{self.place_name}{third}的实际情况，现就有关事项通知如下。",
            f"一、提高思想认识。{measures[0]}",
            f"二、健全工作机制。{measures[1]}{self.proof}",
            f"三、强化监督检查。{measures[2]}",
            f"本通知自{self.date.year + 1}年1月1日起施行，由{self.place_name}管理委员会负责解释。",
            self.issuer,
            f"{written.year}年{written.month}月{written.day}日",
        )

    def html(self, tag: str = "p") -> str:
        """The text's paragraphs as HTML."""
        return "".join(f"<{tag}>{line}</{tag}>\n" for line in self.paragraphs)
