"""Ready-made watches: to be used as they are, or as a beginning."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from storage.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Example:
    """A watch to begin with. `filters` and `cadence` as `read_filters` and `digests.read_cadence` take them."""

    name: str
    about: str
    query: str
    filters: Mapping[str, list[str]] = field(default_factory=dict)
    cadence: str = "at_once"


EXAMPLES: Final = (
    Example(
        "subsidies", "新出台的补贴、奖励、专项资金政策，立即提醒",
        "补贴 OR 补助 OR 奖励资金 OR 专项资金 OR 以奖代补", {"events": ["added"], "types": ["policy", "notice"]},
    ),
    Example(
        "applications", "申报通知，每天早上一封",
        "title:(申报 OR 征集 OR 推荐) NOT title:(公示 OR 名单)", {"events": ["added"], "types": ["policy", "notice"]},
        "daily 08:00",
    ),
    Example(
        "consultations", "征求意见稿，以及意见截止前的提醒",
        "*", {"types": ["consultation"], "events": ["added", "changed", "deadline_near"]},
    ),
    Example(
        "state-council", "国务院及其办公厅的文件", "issuer:国务院 type:policy",
        {"levels": ["central"], "events": ["added", "changed", "repealed"]},
    ),
    Example(
        "changed-amounts", "条款改动涉及金额、比例、期限的文件",
        "in:change (标准 OR 比例 OR 金额 OR 上限 OR 期限 OR 万元)", {"events": ["changed"], "types": ["policy"]},
    ),
    Example(
        "validity", "政策废止、到期与开始施行，每周一一封", "type:policy",
        {"events": ["repealed", "in_force", "expires_soon", "expired", "withdrawn"]}, "weekly mon 09:00",
    ),
    Example(
        "industrial-internet", "工业互联网、5G 与数字化转型", "工业互联网 OR 5G OR 数字化转型 OR 智能制造",
        {"types": ["policy", "interpretation", "consultation", "notice"]},
    ),
    Example(
        "artificial-intelligence", "人工智能与算力", "人工智能 OR 大模型 OR 算力 OR 智算",
        {"events": ["added", "changed"]},
    ),
    Example(
        "data", "数据要素、数据安全与个人信息", "数据要素 OR 数据安全 OR 个人信息 OR 公共数据 OR 数据出境",
        {"types": ["policy", "interpretation", "consultation"]},
    ),
    Example("tax", "税费优惠",
        "税收优惠 OR 减税降费 OR 加计扣除 OR 免征 OR 即征即退",
        {"types": ["policy", "interpretation"]}),
    Example(
        "interpretations", "政策解读，每天一封", "*", {"types": ["interpretation"], "events": ["added"]}, "daily 17:30",
    ),
    Example(
        "guangdong", "广东省及其各市的政策，每天早上一封", "*",
        {"regions": ["广东"], "types": ["policy", "notice"], "events": ["added", "changed"]}, "daily 08:30",
    ),
    Example(
        "operators", "运维：来源异常与恢复、调度延误、磁盘空间、送达失败", "*",
        {"events": ["source_failing", "source_recovered", "scheduler_late", "scheduler_recovered", "disk_low",
                    "disk_recovered", "delivery_failing", "delivery_disabled", "delivery_recovered"]},
    ),
)  # fmt: skip


def example(name: str) -> Example:
    """The ready-made watch of that name. Raises OperatorError where there is none."""
    for one in EXAMPLES:
        if one.name == name:
            return one
    raise OperatorError(f"there is no example {name!r}; there are {', '.join(one.name for one in EXAMPLES)}")
