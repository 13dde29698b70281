"""An archive of an earlier release keeps every row when its schema is brought up, and gains what old rows can tell."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Connection, Engine, MetaData, Table, select, text
from sqlalchemy.sql import sqltypes

from storage import migrations
from storage.engine import open_engine
from storage.models import Base
from storage.queries import Queries
from storage.verifying import verify

ROWS = 3
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ISSUERS = (["工信部", "国家发展改革委"], ["财政部"], [])
NUMBERS = ("工信部信发〔2026〕12号", None, "国务院令第743号")


@pytest.fixture
def first_release(database_url: str) -> Iterator[Engine]:
    """A database of schema 0001, with rows in every table."""
    engine = open_engine(database_url)
    _make(engine, "0001")
    yield engine
    engine.dispose()


def _make(engine: Engine, revision: str) -> None:
    """Bring an empty database to an earlier schema, with rows in every table."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        _fill(connection)


def _tables(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith(("document_fts", "alembic")))
    return list(metadata.sorted_tables)


def _fill(connection: Connection) -> None:
    for table in _tables(connection):
        connection.execute(
            table.insert(), [{column.name: _value(column, row) for column in table.columns} for row in range(ROWS)]
        )


def _value(column: Column[Any], row: int) -> Any:
    """A value that no other row has; the rows of all tables belong together by their numbers."""
    table = column.table.name
    special: dict[tuple[str, str], Any] = {
        ("reading", "issuers"): ISSUERS[row],
        ("reading", "number"): NUMBERS[row],
        ("document", "number"): NUMBERS[row],
        ("document", "number_key"): NUMBERS[row],
        ("document", "versions"): 1,
        ("version", "seq"): 1,
        ("reading", "blocks"): [["paragraph", f"第{row + 1}段正文。"]],
        ("event", "payload"): {"url": f"https://www.example.gov.cn/{row}"},
    }
    if (table, column.name) in special:
        return special[table, column.name]
    if column.foreign_keys or column.primary_key:
        return f"key-{row}" if isinstance(column.type, sqltypes.String) else row + 1
    aware = getattr(column.type, "timezone", False)
    by_type = {
        sqltypes.Boolean: row == 0,
        sqltypes.DateTime: NOW if aware else NOW.replace(tzinfo=None),
        sqltypes.Date: date(2026, 3, row + 1),
        sqltypes.JSON: [[f"{column.name} {row}"]],
        sqltypes.Integer: row + 1,
    }
    return next((value for kind, value in by_type.items() if isinstance(column.type, kind)), f"{column.name} {row}")


def _contents(connection: Connection, names: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of these tables, in these columns."""
    tables = {table.name: table for table in _tables(connection)}
    return {
        name: sorted(
            (tuple(row) for row in connection.execute(select(*(tables[name].c[column] for column in columns)))),
            key=repr,
        )
        for name, columns in names.items()
    }


def test_an_upgrade_of_a_filled_archive_keeps_everything(first_release: Engine) -> None:
    with first_release.connect() as connection:
        names = {table.name: [column.name for column in table.columns] for table in _tables(connection)}
        before = _contents(connection, names)
    assert len(before) > 20
    assert all(len(rows) == ROWS for rows in before.values())
    migrations.upgrade(first_release)
    migrations.check(first_release)
    with first_release.connect() as connection:
        assert _contents(connection, names) == before


@pytest.mark.parametrize("revision", migrations.revisions()[1:-1])
def test_D7_an_upgrade_from_any_schema_keeps_every_row(database_url: str, revision: str) -> None:
    engine = open_engine(database_url)
    _make(engine, revision)
    with engine.connect() as connection:
        tables = {table.name: {column.name for column in table.columns} for table in _tables(connection)}
    assert migrations.current(engine) == revision
    columns = _stable(tables)
    with engine.connect() as connection:
        before = _contents(connection, columns)
    assert all(len(rows) == ROWS for rows in before.values())
    migrations.upgrade(engine)
    migrations.check(engine)
    with engine.connect() as connection:
        assert _contents(connection, columns) == before
    engine.dispose()


def _stable(tables: dict[str, set[str]]) -> dict[str, list[str]]:
    """The columns that the present schema has too; each table of an earlier one is still there."""
    now = Base.metadata.tables
    assert {name for name in tables if name not in now} <= {"search_text", "search_large"}
    return {name: sorted(columns & set(now[name].columns.keys())) for name, columns in tables.items() if name in now}


def test_what_old_rows_can_tell_is_filled_in(first_release: Engine) -> None:
    migrations.upgrade(first_release)
    with first_release.connect() as connection:
        organs = connection.execute(text("SELECT reading_id, position, name, code FROM organ ORDER BY 1, 2")).all()
        numbers = connection.execute(text("SELECT number_normal FROM document ORDER BY id")).scalars().all()
        unknown = connection.execute(text("SELECT images_carry_text, deadline FROM reading")).all()
    assert organs == [(1, 0, "工业和信息化部", None), (1, 1, "国家发展和改革委员会", None), (2, 0, "财政部", None)]
    assert tuple(numbers) == NUMBERS
    assert set(unknown) == {(None, None)}


@pytest.mark.parametrize("backend", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_postgresql_says_what_a_relation_may_be(first_release: Engine) -> None:
    migrations.upgrade(first_release)
    with first_release.connect() as connection:
        said = connection.execute(
            text(
                "SELECT col_description('reference'::regclass, attnum) FROM pg_attribute "
                "WHERE attrelid = 'reference'::regclass AND attname = 'relation'"
            )
        ).scalar_one()
    assert "supersedes" in said


def test_a_document_of_the_first_release_is_still_found(first_release: Engine) -> None:
    migrations.upgrade(first_release)
    assert [row.id for row in Queries(first_release).find_documents("工信部信发[2026]012号")] == [1]


def test_the_rows_of_an_earlier_schema_are_linked_into_the_chain(first_release: Engine, tmp_path: Path) -> None:
    migrations.upgrade(first_release)
    found = verify(first_release, tmp_path / "no snapshots")
    assert found.links == found.rows == 2 * ROWS
    assert {(damage.table, damage.what) for damage in found.damages} <= {
        ("snapshot", "missing"), ("attachment_version", "edited"), ("document", "dangling"),
    }  # fmt: skip
    with first_release.begin() as connection:
        connection.execute(text("UPDATE reading SET author = 'x' WHERE id = 2"))
    assert [d.row_id for d in verify(first_release, tmp_path).damages if d.table == "reading"] == [2]
