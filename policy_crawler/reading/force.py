"""From when and until when a document is in force, and until when a consultation takes comments, by its own words."""

import re
from datetime import UTC, date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from policy_crawler.reading import dates
from policy_crawler.reading.fields import Fields
from policy_crawler.reading.model import Block
from policy_crawler.reading.page import Page
from policy_crawler.reading.selecting import Selectors
from policy_crawler.reading.text import clean
from policy_crawler.reading.workdays import LONGEST, after_workdays

_TAIL = 2000  # characters at the end in which a document says when it comes into force
_LONGEST = 20_000
_IN_FORCE = "(?:正式)?(?:施行|实施|执行|生效)"
_EFFECTIVE = re.compile(rf"自(?P<day>[^。；，]{{6,16}}?日)(?:起|开始|之日起){_IN_FORCE}")
_FROM_PUBLICATION = re.compile(
    rf"自(?:公布|发布|印发|下发|公告|颁布)之日起(?:(?P<days>\d{{1,3}}|三十|六十)(?P<work>个?工作)?[日天](?:后|之后))?(?:开始)?{_IN_FORCE}"
)
_BACKDATED = 180  # days a rule may be in force before it is signed
_NUMERALS = "〇一二三四五六七八九十"
_TERM = re.compile(
    r"(?:有效期限?|试行期限?|试行|暂行|执行期限?)(?:为|是|：|:)?(?:自[^。；，]{4,20}起)?(?P<count>[一二两三四五六七八九十]|\d{1,2})(?P<unit>年|个月)"
)
_UNTIL = re.compile(
    r"(?:(?:有效期限?|执行期限?|实施期限?|政策期限?|试行期限?|期限)(?:为|是)?(?:自?[^。；]{4,24})?(?:至|截至|截止到?|到)|(?:执行|实施|施行|延续)至|"
    rf"起{_IN_FORCE}[，,]?(?:有效期)?(?:至|到))(?P<day>[^。；，,]{{6,16}}?日)"
)
# One of these is in every match of the two.
_OF_TERMS = (
    "有效期", "期限", "执行期", "实施期", "政策期", "试行", "暂行", "行至", "施至", "续至",
    "起正式", "起施行", "起实施", "起执行", "起生效",
)  # fmt: skip
# A licence has a term, too: the sentence must speak of the paper itself.
_OF_ITSELF = re.compile(
    r"本(?:办法|规定|细则|通知|意见|方案|措施|条例|规则|规程|规范|文件|决定|公告|通告|目录|政策|标准|若干|制度|指引|指南|准则|计划)|"
    r"[施实]行|执行|印发之日|发布之日|公布之日|生效"
)
_OF_OTHERS = re.compile(
    r"(?:许可证|证书|资格证?|批件|批准文件|合格证|执照|登记证|注册证|备案|合同|协议|报告|证明)[^。；，]{0,12}$"
)
_ONE_DAY = (
    r"(?:(?:19|20)\d\d\s*[-年/.]\s*)?\d{1,2}\s*[-月/.]\s*\d{1,2}\s*日?"
    r"(?:\s*\d{1,2}\s*[:：时]\s*\d{0,2}(?:\s*[:：]\s*\d{2})?)?"
)
_DEADLINES = (
    (
        re.compile(
            rf"(?:征求意见|意见征集|征集|公示|反馈|调查|意见)(?:的)?(?:起止)?(?:时间|期限?|日期)?(?:为|是|：|:)?\s*(?:自|从)?\s*(?P<from>{_ONE_DAY})\s*(?:起)?"
            rf"\s*(?:至|到|—+|-+|－|~|～|–)\s*(?P<day>{_ONE_DAY})"
        ),
        "text 征求意见时间",
    ),
    (
        re.compile(rf"截[止至](?:时间|日期)?(?:为|是|到|至|于|：|:)*\s*(?P<day>{_ONE_DAY})"),
        "text 截止",
    ),
    (
        re.compile(
            rf"(?:于|在)?\s*(?P<day>{_ONE_DAY})(?:（[^（）]{{1,8}}）|\([^()]{{1,8}}\))?(?:下班)?(?:之前|以前|前)(?=[^。；]{{0,80}}(?:反馈|意见|建议|提出|发送|寄|邮|函))"
        ),
        "text 日前反馈",
    ),
)
_WITHIN = re.compile(
    r"(?:公布|发布|公告|刊登|公开)之日起(?P<days>\d{1,3}|三十|二十|十五|七|五|十)(?P<work>个?工作)?[日天](?:内|以内)(?=[^。；]{0,80}(?:反馈|意见|建议|提出))|"
    r"(?:征求意见|公示)(?:期限?|时间)(?:为|：|:)?(?P<term>\d{1,3}|三十|二十|十五|七|五|十)(?P<of_work>个?工作)?[日天]"
)
_WORDS = {"三十": 30, "二十": 20, "十五": 15, "七": 7, "五": 5, "十": 10, "六十": 60}
_END_MARKS = Selectors(".endtime")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[-月/.]\s*(\d{1,2})")


def put_force(fields: Fields, blocks: tuple[Block, ...]) -> None:
    """施行日期 and 失效日期 from the closing words."""
    tail = "\n".join(block.text for block in blocks[-80:])[-_TAIL:]
    signed = fields.day("written") or fields.day("published")
    for match in _EFFECTIVE.finditer(tail):
        day = dates.find_day(match["day"])
        # A decision to amend prints the old paper's day too: nothing comes into force long before it is signed.
        if day and (not signed or (signed - day).days < _BACKDATED):
            fields.put("effective", day, "text 起施行", 0.8)
    found = _FROM_PUBLICATION.search("\n".join(block.text for block in blocks)[-_LONGEST:])
    if found and (day := fields.day("written") or fields.day("published")):
        later = found["days"]
        days = _WORDS.get(later) or int(later) if later else 0
        fields.put("effective", *_after(day, days, "text 自公布之日起施行", working=bool(found["work"])), 0.6)
    _put_expires(fields, tail)


def _put_expires(fields: Fields, tail: str) -> None:
    if not any(word in tail for word in _OF_TERMS):
        return
    for sentence in re.split(r"[。；\n]", tail):
        if not _OF_ITSELF.search(sentence):
            continue
        for match in _UNTIL.finditer(sentence):
            if not _OF_OTHERS.search(sentence[: match.start()]):
                fields.put("expires", dates.find_day(match["day"]), "text 有效期至", 0.8)
        start = fields.day("effective")
        for match in _TERM.finditer(sentence):
            if not start or _OF_OTHERS.search(sentence[: match.start()]):
                continue
            printed = match["count"].replace("两", "二")
            count = int(printed) if printed.isdigit() else _NUMERALS.index(printed)
            term = relativedelta(years=count) if match["unit"] == "年" else relativedelta(months=count)
            fields.put("expires", start + term, "text 有效期", 0.7)


def put_deadline(fields: Fields, page: Page, blocks: tuple[Block, ...]) -> None:
    """The last day, or moment, for comments: the text's words, then what the page prints around it."""
    for place in page.select(_END_MARKS)[:1]:
        fields.put("deadline", _of_milliseconds(clean(page.tree.text(place)[:40])), "mark endtime", 0.9)
    for text, trust in (("\n".join(block.text for block in blocks)[:_LONGEST], 0.85), (page.visible()[:_LONGEST], 0.6)):
        for pattern, source in _DEADLINES:
            for match in pattern.finditer(text):
                near = match.groupdict().get("from") or ""
                fields.put("deadline", _moment(match["day"], near, fields), source, trust)
        for match in _WITHIN.finditer(text):
            start = fields.day("published") or fields.day("written")
            printed = match["days"] or match["term"]
            if start:
                days, working = _WORDS.get(printed) or int(printed), bool(match["work"] or match["of_work"])
                fields.put("deadline", *_after(start, days, "text 之日起…日内", working=working), 0.6)


def _after(start: date, days: int, source: str, *, working: bool) -> tuple[date, str]:
    """The day that is so many days, or working days, after `start`, and where it stood: with a word where holidays that
    were not announced yet may still move it."""
    if not working:
        return start + timedelta(days=days), source
    day, announced = after_workdays(start, min(days, LONGEST))
    return day, f"{source}, working days" if announced else f"{source}, weekdays as holidays are not announced"


def _moment(printed: str, near: str, fields: Fields) -> date | datetime | None:
    """A date that may leave its year to the date beside it, or to the day of publication (then never before it)."""
    found = dates.find_date(printed)
    if found:
        return found
    match, beside = _MONTH_DAY.search(printed), dates.find_day(near) if near else None
    published = fields.day("published") or fields.day("written")
    known = beside or published
    if not match or not known:
        return None
    try:
        day = date(known.year, int(match[1]), int(match[2]))
        return day if day >= known or (known - day).days < _BACKDATED else day.replace(year=known.year + 1)
    except ValueError:
        return None


def _of_milliseconds(text: str) -> datetime | None:
    if not re.fullmatch(r"1\d{12}", text):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC).astimezone(dates.CHINA)
