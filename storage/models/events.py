"""What happened, once."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, row_id, to


class Event(Base):
    """Something that happened, once."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_state_matched_at", "state", "matched_at"),
        Index("ix_event_document_id_kind_day", "document_id", "kind", "day", unique=True),
        {"comment": "Something that happened, once: the source of all alerts."},
    )

    id: Mapped[int] = row_id()
    kind: Mapped[str] = mapped_column(
        comment="added, changed, withdrawn, restored, repealed, in_force, expires_soon, expired, deadline_near, "
        "source_failing, source_recovered."
    )
    state: Mapped[str] = mapped_column(
        comment="staged, published, quarantined, or dropped (taken back by its run's end)."
    )
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), comment="The source.")
    run_id: Mapped[int] = to("run.id", "The run that it is judged with.", index=True)
    document_id: Mapped[int | None] = to("document.id", "The document; null for events of a source.", index=True)
    version_id: Mapped[int | None] = to("version.id", "The document's version.")
    backlog: Mapped[bool] = mapped_column(comment="Whether it is backlog: alerts only where a watch asks.")
    late: Mapped[bool] = mapped_column(comment="Whether the document was dated over 30 days back when it was found.")
    at: Mapped[datetime] = mapped_column(comment="When it was seen.")
    published_at: Mapped[datetime | None] = mapped_column(comment="When its run's end published it.")
    matched_at: Mapped[datetime | None] = mapped_column(comment="When watches were matched against it.")
    payload: Mapped[dict[str, Any]] = mapped_column(comment="What a message needs: changes, reason, url, by.")
    day: Mapped[date | None] = mapped_column(
        comment="The day that it is of, where time or another document makes it: such an event is made once."
    )
