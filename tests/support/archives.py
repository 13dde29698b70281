"""Captures, readings and a movable clock for tests of the archive."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from storage.archive import Archive
from storage.clock import CHINA, Clock
from storage.records import Capture, Outcome, ReadingRecord, Recorded, SourceRecord, Verdict

MIIT = SourceRecord(
    id="miit-tz", name="工信部 通知", issuer="工业和信息化部", site="www.miit.gov.cn", family="jpaas", level="central",
    publishes="policy", list_url="https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/index.html",
)  # fmt: skip
PROVINCE = replace(
    MIIT, id="gxt-js", name="江苏工信厅 文件", issuer="江苏省工业和信息化厅", site="gxt.jiangsu.gov.cn", family="jcms",
    level="province", list_url="https://gxt.jiangsu.gov.cn/col/col6197/index.html", region="江苏",
)  # fmt: skip
NEWS = replace(
    MIIT, id="news-rss", name="新闻 RSS", issuer="新闻网", site="www.news.example", family="feed", level="media",
    publishes="news", list_url="https://www.news.example/rss/",
)  # fmt: skip

ARTICLES = (
    ("paragraph", "各省、自治区、直辖市工业和信息化主管部门："),
    ("article", "第一条　为了推动工业互联网发展，制定本办法。"),
    ("article", "第二条　本办法适用于工业互联网平台企业，包括平台的建设、运营和服务，以及为平台提供支撑的企业。"),
    ("article", "第三条　对符合条件的企业给予补贴，补贴标准不超过投资额的30%，每个企业每年不超过500万元。"),
    ("article", "第四条　申请补贴的企业应当于每年6月30日前提交材料，主管部门应当在20个工作日内作出决定。"),
    ("signature", "工业和信息化部"),
)


class Moving(Clock):
    """A clock that tests set."""

    moment: datetime

    def __init__(self, moment: datetime) -> None:
        object.__setattr__(self, "moment", moment)
        object.__setattr__(self, "offset", timedelta(0))

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.astimezone(CHINA).date()

    def forward(self, **by: float) -> None:
        """Move on by hours=…, days=…, minutes=…"""
        object.__setattr__(self, "moment", self.moment + timedelta(**by))


def capture(
    url: str, payload: str | bytes = "<html>a page</html>", *, clock: Clock, status: int = 200,
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),), **more: Any,
) -> Capture:  # fmt: skip
    """What a server answered for `url`."""
    body = payload.encode() if isinstance(payload, str) else payload
    return Capture(
        url=url, final_url=more.pop("final_url", url), status=status, headers=headers, payload=body,
        fetched_at=clock.now(), **more,
    )  # fmt: skip


def reading(**fields: Any) -> ReadingRecord:
    """A policy as reading gives it; any field may be given."""
    usual: dict[str, Any] = {
        "extractor_version": "1", "state": "document", "state_reason": "", "family": "jpaas", "charset": "utf-8",
        "title": "工业和信息化部关于印发《工业互联网平台补贴办法》的通知", "issuer": "工业和信息化部",
        "issuers": ("工业和信息化部",), "doc_number": "工信部信发〔2026〕12号", "index_number": None, "topic": None,
        "kind": "通知", "type": "policy", "written": date(2026, 3, 1), "published": date(2026, 3, 1),
        "published_at": None, "effective": None, "expires": None, "validity": None, "author": None,
        "reprinted_from": None, "blocks": ARTICLES, "attachments": (), "mentions": (), "evidence": {},
    }  # fmt: skip
    return ReadingRecord(**{**usual, **fields})


def changed(number: int, text: str) -> tuple[tuple[str, str], ...]:
    """ARTICLES with the block at `number` saying `text`."""
    return tuple((role, text if place == number else old) for place, (role, old) in enumerate(ARTICLES))


class Crawl:
    """A run of a source, for tests: opens, records, closes."""

    def __init__(self, archive: Archive, clock: Moving, source: SourceRecord = MIIT, trigger: str = "manual") -> None:
        self.archive, self.clock = archive, clock
        archive.register_sources([MIIT, PROVINCE, NEWS])
        self.run_id = archive.open_run(source.id, trigger, pid=1)

    def page(self, url: str, record: ReadingRecord | None, payload: str | None = None, **more: Any) -> Recorded:
        """Record a page; without a payload, its bytes are made of the reading."""
        body = payload if payload is not None else f"<html>{record!r}</html>"
        answer = {key: more.pop(key) for key in ("status", "headers", "final_url", "truncated") if key in more}
        return self.archive.record(
            self.run_id, capture(url, body, clock=self.clock, **answer), record, purpose="document", **more
        )

    def gone(self, url: str, status: int = 404) -> Recorded:
        """Record that the page is not there."""
        return self.page(url, None, "not found", status=status)

    def close(self, verdict: Verdict = Verdict.OK, reason: str = "") -> None:
        """Judge the run."""
        self.archive.close_run(self.run_id, verdict, reason, {})


def first_run(archive: Archive, clock: Moving, source: SourceRecord = MIIT) -> None:
    """An empty, successful first run, so that what follows is no backlog."""
    Crawl(archive, clock, source).close()


__all__ = ["ARTICLES", "MIIT", "NEWS", "PROVINCE", "Crawl", "Moving", "Outcome", "capture", "changed", "first_run",
           "reading"]  # fmt: skip
