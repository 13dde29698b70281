"""What time does to documents: one comes into force today, expires, or its call for comments ends.

A row of `validity` names the next day on which something becomes of its document. A pass looks at those whose day has
come, judges them for today and makes their events, in small transactions; an event is made once for each document, kind
and day, so that a pass may be repeated, cut short, or run under a clock that jumps.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Engine, func, or_, select
from sqlalchemy.orm import Session

from storage.clock import CHINA
from storage.engine import reading, writing
from storage.models import Document, Event, Setting, Validity
from storage.validity import is_due, milestones
from storage.validity_rows import AT_ONCE, facts_of, make_event, refresh

RULES = "1"  # raise it when the rules change: every document is then judged anew, and nobody is told
_SETTING = "validity_rules"  # "1": all documents were judged by rules 1; "1:500": those up to number 500
_LAST_DAY = "validity_day"  # the latest day for which a pass judged; a later one than today: the clock was set back


def pass_time(engine: Engine, now: datetime, *, most: int = 500) -> int:
    """Judge what is due at `now`, at most about `most` documents; answers how many events were made.

    500 documents take some seconds: a tick of the service must end long before its lease."""
    today, made = now.astimezone(CHINA).date(), 0
    for _ in range(max(1, most // AT_ONCE)):
        with reading(engine) as session:  # the usual answer: nothing is due, and no writer has to wait
            outdated, last_day = _outdated(session), _last_day(session)
            done = not outdated and not _due(session, today, 1, last_day)
            if done and last_day == today:
                return made
        with writing(engine) as session:
            if done:
                session.merge(Setting(name=_LAST_DAY, value=today.isoformat()))
                return made
            made += _judge_next(session, today) if outdated else _look(session, today, now, last_day)
    return made


def _look(session: Session, today: date, now: datetime, last_day: date) -> int:
    """Judge the next documents that are due, and make the events of the days that have passed."""
    ids = _due(session, today, AT_ONCE, last_day)
    made = 0
    for document_id, (facts, (document, version, _)) in facts_of(session, ids).items():
        row = session.get_one(Validity, document_id)
        passed = [(day, kind) for day, kind in milestones(facts) if row.told_to < day <= today]
        row.told_to = today
        if document.state == "withdrawn":
            continue
        for day, kind in passed:
            if is_due(kind, facts, today):
                backlog = _is_backlog(session, document)
                made += make_event(session, kind, day, document, version, now=now, backlog=backlog) is not None
    session.flush()
    refresh(session, ids, today)
    return made


def _due(session: Session, today: date, limit: int, last_day: date) -> list[int]:
    """Documents whose next day has come; where the clock was set back since the last pass, also those judged before
    their time (no index tells those: it happens once)."""
    come: ColumnElement[bool] = Validity.next_day <= today
    if last_day > today:
        come = or_(come, Validity.judged_on > today)
    due = select(Validity.document_id).where(come).order_by(Validity.next_day, Validity.document_id)
    return list(session.scalars(due.limit(limit)))


def _last_day(session: Session) -> date:
    setting = session.get(Setting, _LAST_DAY)
    return date.fromisoformat(setting.value) if setting is not None else date.min


def _is_backlog(session: Session, document: Document) -> bool:
    """Whether the document was only ever told as backlog: then what time does to it is none either."""
    told = select(Event.id).where(Event.document_id == document.id, Event.kind == "added", Event.backlog.is_(False))
    return session.scalar(told.limit(1)) is None


# -- rules that are new to an archive ----------------------------------------------------------------------------------


def _outdated(session: Session) -> bool:
    setting = session.get(Setting, _SETTING)
    if setting is None:  # a new archive has nothing to judge anew
        return session.scalar(select(Document.id).limit(1)) is not None
    return setting.value != RULES


def _judge_next(session: Session, today: date) -> int:
    """Judge the next documents that were judged by other rules, or never; makes no event."""
    setting = session.get(Setting, _SETTING) or Setting(name=_SETTING, value=f"{RULES}:0")
    rules, _, last = setting.value.partition(":")
    after = int(last) if rules == RULES and last else 0
    ids = list(session.scalars(select(Document.id).where(Document.id > after).order_by(Document.id).limit(AT_ONCE)))
    refresh(session, ids, today)
    newest = session.scalar(select(func.max(Document.id))) or 0
    setting.value = RULES if not ids or ids[-1] >= newest else f"{RULES}:{ids[-1]}"
    session.add(setting)
    return 0
