"""Where the figures go: tables on the terminal, the same tables as sections of docs/performance.md."""

import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
_SECTION = "<!-- {name} -->\n{text}\n<!-- end of {name} -->"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def versions(*packages: str) -> str:
    """The installed versions of `packages`, for the line under a table."""
    return ", ".join(f"{package} {version(package)}" for package in packages)


def circumstances() -> str:
    """When and on what these figures were taken, in one line."""
    today = datetime.now(UTC).date()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return f"{today}, commit {commit or 'unknown'}, {_processor()}, Python {platform.python_version()}"


def write(name: str, text: str, *, keep: bool) -> None:
    """Print a section and, with `keep`, put it in place of the section of that name in docs/performance.md."""
    print(text, flush=True)
    if not keep:
        return
    page = PAGE.read_text(encoding="utf-8")
    old = re.compile(_SECTION.format(name=re.escape(name), text=".*?"), re.DOTALL)
    new = _SECTION.format(name=name, text=text)
    if not old.search(page):
        sys.exit(f"{PAGE} has no section {name!r}: expected the lines <!-- {name} --> and <!-- end of {name} -->")
    PAGE.write_text(old.sub(lambda _match: new, page), encoding="utf-8")


def _processor() -> str:
    names = re.findall(r"^model name\s*:\s*(.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+) kB", _text("/proc/meminfo"), re.MULTILINE)
    size = f", {int(memory[1]) / 2**20:.0f} GiB" if memory else ""
    return f"{len(names) or '?'} cores ({names[0] if names else platform.machine()}){size}, {platform.system()}"


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
