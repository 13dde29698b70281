"""`doctor`: what is right and wrong with this installation, in plain words."""

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version

import typer
from rich.markup import escape

from console.cli.output import FAILED, AsJson, json_line, out
from console.installation import Installation
from policy_crawler.attachments import libarchive, ocr
from policy_crawler.errors import OperatorError
from storage import errors as storage_errors
from storage.pictures import Pictures

CONNECTION_MAP = "POLICY_CRAWLER_CONNECTION_MAP"  # policy_crawler.connections, which loads Twisted, reads it
LOW_DISK_MIB = 500
WAL_RESET_FIXED = (3, 51, 3)  # SQLite before it may, very rarely, corrupt a WAL that two connections reset at once


class Grade(StrEnum):
    """How serious a finding is; only `wrong` makes the command fail."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what, how it is, and what to do where it is not fine."""

    grade: Grade
    subject: str
    text: str


def add_to(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Look over this installation and say what is wrong and what its limits are.

    Example: policy-crawler doctor
    """
    findings = list(examine(Installation()))
    colours = {Grade.FINE: "green", Grade.NOTE: "yellow", Grade.WRONG: "red"}
    for finding in findings:
        if as_json:
            json_line(finding)
        else:
            colour = colours[finding.grade]
            text = f"[{colour}]{finding.grade:5}[/{colour}]  {finding.subject:10} {escape(finding.text)}"
            out().print(text, soft_wrap=True)
    raise typer.Exit(FAILED if any(finding.grade is Grade.WRONG for finding in findings) else 0)


def examine(here: Installation) -> Iterator[Finding]:
    """Every finding, the home first: what comes later stands on it."""
    yield Finding(Grade.FINE, "home", str(here.home.path))
    if os.name == "posix" and os.geteuid() == 0:
        yield Finding(Grade.NOTE, "user", "running as root; give the service a user of its own")
    try:
        config = here.config
    except OperatorError as error:
        yield Finding(Grade.WRONG, "settings", str(error))
        return
    yield Finding(
        Grade.FINE, "settings", str(here.home.config_file) if here.home.config_file.exists() else "all defaults"
    )
    yield from _archive(here)
    try:
        enabled = here.catalog.enabled()
        yield Finding(Grade.FINE, "catalog", f"{len(here.catalog.sources)} sources, {len(enabled)} crawled by schedule")
        for source in enabled:
            if source.tls_exception:
                text = f"{source.id}: the certificate of {source.site} is not checked: {source.tls_exception}"
                yield Finding(Grade.NOTE, "tls", text)
    except OperatorError as error:
        yield Finding(Grade.WRONG, "catalog", str(error))
    if not config.mail.host:
        yield Finding(Grade.NOTE, "mail", "mail.host is not set: alerts reach the terminal only")
    if not config.crawl.contact:
        yield Finding(Grade.NOTE, "contact", "crawl.contact is not set: sites cannot reach you about your crawls")
    yield from _network(here)
    yield from _files(here)
    yield Finding(Grade.FINE, "versions", f"Python {platform.python_version()}, Scrapy {version('scrapy')}")


def _archive(here: Installation) -> Iterator[Finding]:
    try:
        engine = here.engine
    except (OperatorError, storage_errors.OperatorError, storage_errors.ArchiveError) as error:
        yield Finding(Grade.WRONG, "archive", str(error))
        return
    yield Finding(Grade.FINE, "archive", engine.url.render_as_string(hide_password=True))
    if engine.dialect.name == "sqlite" and sqlite3.sqlite_version_info < WAL_RESET_FIXED:
        text = f"SQLite {sqlite3.sqlite_version}: 3.51.3 mends a very rare damage by two writers; keep backups"
        yield Finding(Grade.NOTE, "sqlite", text)
    free = shutil.disk_usage(here.home.path).free // 2**20
    grade = Grade.FINE if free > LOW_DISK_MIB else Grade.WRONG
    yield Finding(grade, "disk", f"{free:,} MiB free for the archive and snapshots")


def _network(here: Installation) -> Iterator[Finding]:
    crawl = here.config.crawl
    if crawl.proxy:
        text = (
            "crawl.proxy is set: each target is vetted before it is asked for, but the proxy resolves names itself, "
            "so an address that changes between the two is not caught"
        )
        yield Finding(Grade.NOTE, "proxy", text)
    if crawl.allow_networks:
        text = f"private addresses may be crawled in {', '.join(crawl.allow_networks)}"
        yield Finding(Grade.NOTE, "network", text)
    if os.environ.get(CONNECTION_MAP):
        text = f"{CONNECTION_MAP} is set: every connection goes to test servers on this machine"
        yield Finding(Grade.NOTE, "network", text)


def _files(here: Installation) -> Iterator[Finding]:
    """What files of documents cannot be read here."""
    if not libarchive.available():
        text = f"RAR and 7z files are not unpacked: libarchive is missing (Debian: apt install {libarchive.PACKAGE})"
        yield Finding(Grade.NOTE, "files", text)
    try:
        waiting = Pictures(here.engine, here.archive.snapshots).count()
    except (OperatorError, storage_errors.OperatorError, storage_errors.ArchiveError):
        return  # told above
    if not ocr.available():
        text = f"scans and pictures are kept unread, {waiting} files so far: {ocr.MISSING}"
        yield Finding(Grade.NOTE, "ocr", text)
    elif waiting:
        text = f"{waiting} files have pictures to read; later runs read on, and 'policy-crawler ocr' reads them now"
        yield Finding(Grade.NOTE, "ocr", text)
