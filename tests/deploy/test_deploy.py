"""The files that people install from: the unit as systemd reads it, the container's build as far as its words go."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (Debian: systemd)")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    """The program and its user are this machine's, which has neither; everything else is as shipped."""
    unit = (DEPLOY / "policy-crawler.service").read_text()
    fitted = unit.replace("/opt/policy-crawler/.venv/bin/policy-crawler", "/bin/true")
    assert fitted != unit
    (tmp_path / "policy-crawler.service").write_text(fitted)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "policy-crawler.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = [line for line in checked.stderr.splitlines() if "policy-crawler.service" in line]
    assert said == [], checked.stderr
    assert checked.returncode == 0, checked.stderr


def test_the_unit_gives_the_service_no_more_than_its_home():
    keys = dict(
        line.split("=", 1) for line in (DEPLOY / "policy-crawler.service").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )  # fmt: skip
    assert keys["Type"] == "notify"
    assert keys["User"] == "policy-crawler"
    assert keys["ProtectSystem"] == "strict"
    assert keys["StateDirectory"] == "policy-crawler"
    assert "ReadWritePaths" not in keys
    assert keys["CapabilityBoundingSet"] == ""


def test_the_container_is_locked_runs_as_nobody_special_and_asks_how_it_is():
    text = (DEPLOY / "Containerfile").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert "--require-hashes" in text
    assert any(line.startswith("USER ") and line != "USER root" for line in lines)
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
