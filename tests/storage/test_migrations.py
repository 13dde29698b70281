"""The schema: upgraded whole or not at all, refused when newer, never adrift from the models (row D7)."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from storage import migrations, models
from storage.engine import open_engine
from storage.errors import OperatorError
from storage.migrations.env_filter import include_name
from storage.models import Base

TABLES = Base.metadata.sorted_tables


@pytest.fixture
def empty(database_url: str) -> Engine:
    return open_engine(database_url)


def test_upgrade_makes_the_models_tables_and_does_so_once(empty: Engine) -> None:
    migrations.upgrade(empty)
    migrations.upgrade(empty)
    migrations.check(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": include_name, "compare_type": True, "target_metadata": Base.metadata}
        )
        assert compare_metadata(context, Base.metadata) == []
        assert models.Watch.__tablename__ in inspect(connection).get_table_names()
    empty.dispose()


def test_the_files_are_named_by_their_revisions() -> None:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    newest_first = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert migrations.revisions() == newest_first[::-1]


def test_a_database_without_the_schema_is_told_what_to_do(empty: Engine) -> None:
    with pytest.raises(
        OperatorError, match=rf"has no schema, expected {migrations.revisions()[-1]}.*policy-crawler db"
    ):
        migrations.check(empty)
    empty.dispose()


def test_D7_a_newer_schema_is_refused_and_left_alone(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (migrations.upgrade, migrations.check):
        with pytest.raises(OperatorError, match="9999, made by a newer release"):
            act(empty)
    with empty.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
    empty.dispose()


def test_D7_a_migration_that_fails_leaves_nothing(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(config: object, revision: str) -> None:
        real(config, revision)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    real = command.upgrade
    monkeypatch.setattr(command, "upgrade", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        migrations.upgrade(empty)
    assert inspect(empty).get_table_names() == []
    monkeypatch.setattr(command, "upgrade", real)
    migrations.upgrade(empty)
    migrations.check(empty)
    empty.dispose()


def test_no_password_is_shown(tmp_path: Path) -> None:
    engine = open_engine("postgresql://analyst:canary-secret@/archive?host=/nowhere")
    assert "canary-secret" not in engine.url.render_as_string()


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_every_table_and_column_says_what_it_holds(table: object) -> None:
    assert table.comment, table  # type: ignore[attr-defined]
    assert [column.name for column in table.columns if not column.comment] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("backend", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_the_words_reach_postgresql(engine: Engine) -> None:
    inspector = inspect(engine)
    for table in TABLES:
        assert inspector.get_table_comment(table.name)["text"] == table.comment
        assert {column["name"]: column["comment"] for column in inspector.get_columns(table.name)} == {
            column.name: column.comment for column in table.columns
        }
