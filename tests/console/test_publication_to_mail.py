"""From a document on a site's list to the mail in a box: `serve`, its children and SMTP, all real. The short form of
`python -m benchmarks.publication_to_mail`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHORT = ("--sources", "12", "--minutes", "1", "--cron", "* * * * *", "--pause", "5", "--delay", "0.1")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_documents_of_twelve_sites_are_in_the_box_within_minutes():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.publication_to_mail", "--json", *SHORT],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(found)
    assert found["published"] == found["mailed"] == 12
    assert found["twice"] == 0
    assert found["not_ok"] == 0
    assert found["from_due"][1] < 120  # p95, seconds; a busy machine takes half a minute
