"""What all tables have in common."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime


class Base(DeclarativeBase):
    """Common to all tables: typed columns, and constraint names that migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: PlainText, datetime: UtcDateTime, date: Date, dict[str, Any]: PlainJson}  # noqa: RUF012


def row_id() -> Mapped[int]:
    """The column that numbers a table's rows."""
    return mapped_column(Identifier, primary_key=True, autoincrement=True, comment="Number of the row.")


def to(target: str, comment: str, *, index: bool = False) -> Any:
    """A column that points to a row of another table."""
    return mapped_column(Identifier, ForeignKey(target), index=index, comment=comment)
