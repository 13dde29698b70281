"""A throwaway PostgreSQL for tests: its own data folder, socket only, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "no PostgreSQL here: install Debian's package postgresql"


def find_binaries() -> Path | None:
    """The newest folder that holds initdb and postgres, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((path for path in folders if (path / "initdb").exists() and (path / "postgres").exists()), None)


@contextmanager
def running(binaries: Path) -> Iterator[str]:
    """Start a server; yields its URL without a database name, e.g. postgresql+psycopg://postgres@/{}?host=…"""
    # In /tmp whatever TMPDIR says: the other user must reach it, and a socket's path has 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="policy-pg-", dir="/tmp"))
    drop: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = _unprivileged()
        os.chown(folder, user.pw_uid, user.pw_gid)
        drop = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    data = folder / "data"
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
    server: subprocess.Popen[bytes] | None = None
    try:
        _run([*drop, *initdb], folder, environment)
        # Nothing of it has to outlive the tests, so it need not wait for the disk.
        quick = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
        options = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "32MB", **quick}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [*drop, str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *settings]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        ready = [str(binaries / "pg_isready"), "-q", "-h", str(folder), "-U", "postgres"]
        _wait_until_ready(server, ready, environment, folder / "log")
        yield f"postgresql+psycopg://postgres@/{{}}?host={folder}"
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # at once; SIGTERM would wait until every client has gone
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("neither a user postgres nor nobody to run PostgreSQL as")


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[-8]} failed: {done.stderr.decode(errors='replace')}")


def _wait_until_ready(
    server: subprocess.Popen[bytes], ready: list[str], environment: dict[str, str], log: Path
) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at once: {log.read_text(errors='replace')[-2000:]}")
        if subprocess.run(ready, env=environment, check=False).returncode == 0:
            return
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError("PostgreSQL did not become ready in 30 s")
