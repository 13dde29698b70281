"""A crawl starts often, so it loads no more than it needs."""

import subprocess
import sys

START = """
import sys
import policy_crawler.crawl
from policy_crawler.process import settings
from policy_crawler.pipelines import ledger
from storage.engine import open_engine
from storage.migrations import check, upgrade

settings({}).get_component_priority_dict_with_base("EXTENSIONS")
engine = open_engine(sys.argv[1])
upgrade(engine)
check(engine)
unneeded = {"aiohttp", "alembic", "psycopg", "rich", "sqlalchemy.dialects.postgresql", "typer"}
sys.exit(", ".join(sorted(unneeded & sys.modules.keys())) or None)
"""


def test_a_crawl_into_a_current_sqlite_archive_loads_no_more_than_it_needs(tmp_path):
    database = f"sqlite:///{tmp_path}/archive.db"
    making = "import sys; from storage import engine, migrations; migrations.upgrade(engine.open_engine(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", making, database], check=True)
    started = subprocess.run([sys.executable, "-c", START, database], capture_output=True, text=True, check=False)
    assert (started.returncode, started.stderr) == (0, ""), started.stderr
