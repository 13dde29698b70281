"""A person's word on which documents are one: each is one transaction, with a row that says who, when, why and what.

What is decided holds against every later crawl, reprocessing and import, until it is undone."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from storage import merged, merging, splitting
from storage.engine import writing
from storage.errors import OperatorError
from storage.merging import Regrouped
from storage.models import Document, IdentityDecision, Setting
from storage.tombstones import setting_of

Work = Callable[[Session], list[Regrouped]]


class _Previewed(Exception):
    """The transaction was only to be looked at."""


class Decisions:
    """Merges, splits, keeps apart, and takes that back. With `preview` everything is done, told, and not kept."""

    def __init__(self, engine: Engine, now: datetime, *, by: str, reason: str = "", preview: bool = False) -> None:
        self.engine, self.now, self.by, self.reason, self.preview = engine, now, by, reason, preview

    def merge(self, ids: Sequence[int], into: int | None = None) -> list[Regrouped]:
        """Make documents one: all of `ids` become the one named by `into`, or else the one nearest to the issuer, or
        known longest. Raises OperatorError where they cannot be merged."""

        def work(session: Session) -> list[Regrouped]:
            stays, others = merging.chosen(session, list(ids), into)
            return [
                merging.merge(session, stays, other, by=self.by, reason=self.reason, now=self.now) for other in others
            ]

        return self._do(work)

    def split(self, document_id: int, url: str) -> list[Regrouped]:
        """Make the copy at `url` a document of its own. Raises OperatorError where that is no copy, or all there is."""
        return self._do(
            lambda session: [splitting.split(session, document_id, url, by=self.by, reason=self.reason, now=self.now)]
        )

    def distinct(self, one: int, other: int) -> list[Regrouped]:
        """Say that two documents are two: they are never merged, and nobody is asked again."""

        def work(session: Session) -> list[Regrouped]:
            if one == other:
                raise OperatorError(f"document {one} is named twice")
            first, second = merging.usable(session, one), merging.usable(session, other)
            if (said := merged.are_distinct(session, one, other)) is not None:
                raise OperatorError(f"decision {said.id} says that already")
            decision = IdentityDecision(
                kind="distinct", document_id=one, other_id=other, reason=self.reason, by=self.by, at=self.now, moved={}
            )
            session.add(decision)
            session.flush()
            return [_told(decision, "distinct", first, second)]

        return self._do(work)

    def undo(self, decision_id: int) -> list[Regrouped]:
        """Take a decision back. Raises OperatorError where there is none, it is undone, or a later one rests on it."""

        def work(session: Session) -> list[Regrouped]:
            decision = session.get(IdentityDecision, decision_id)
            if decision is None:
                raise OperatorError(f"no decision {decision_id}; 'policy-crawler documents decisions' lists them")
            _can_undo(session, decision)
            if decision.kind == "merge":
                return [merging.unmerge(session, decision, by=self.by, now=self.now)]
            if decision.kind == "split":
                return [splitting.unsplit(session, decision, by=self.by, now=self.now)]
            decision.undone_at, decision.undone_by = self.now, self.by
            sides = [session.get_one(Document, one) for one in (decision.document_id, decision.other_id)]
            return [_told(decision, "undistinct", *sides)]

        return self._do(work)

    def _do(self, work: Work) -> list[Regrouped]:
        done: list[Regrouped] = []
        with suppress(_Previewed), writing(self.engine) as session:
            done = work(session)
            if self.preview:
                raise _Previewed
        return done


def _told(decision: IdentityDecision, kind: str, one: Document, other: Document) -> Regrouped:
    return Regrouped(decision.id, kind, one.id, one.title, other.id, other.title, (), 0, 0, 0, 0, 0)


def _can_undo(session: Session, decision: IdentityDecision) -> None:
    if decision.undone_at is not None:
        raise OperatorError(f"decision {decision.id} was undone by {decision.undone_by}")
    sides = (decision.document_id, decision.other_id)
    for one in sides:
        if session.get(Setting, setting_of(one)) is not None:
            raise OperatorError(f"document {one} was erased since: decision {decision.id} cannot be undone")
    if decision.kind == "distinct":
        return
    if not decision.moved:
        raise OperatorError(
            f"decision {decision.id} came with an import, which does not carry what went where; "
            f"'policy-crawler documents {'split' if decision.kind == 'merge' else 'merge'}' does the contrary"
        )
    later = select(IdentityDecision.id).where(
        IdentityDecision.id > decision.id, IdentityDecision.undone_at.is_(None),
        IdentityDecision.kind.in_(("merge", "split")),
        or_(IdentityDecision.document_id.in_(sides), IdentityDecision.other_id.in_(sides)),
    )  # fmt: skip
    after = session.scalar(later.order_by(IdentityDecision.id.desc()).limit(1))
    if after is not None:
        raise OperatorError(f"decision {after} came later and moved the same documents: undo that one first")
