"""The home of an installation and its `config.toml`, checked.

Every setting can also come from the environment, which wins: `POLICY_CRAWLER_ARCHIVE`,
`POLICY_CRAWLER_CRAWL__DELAY` (two underscores step into a table).
"""

import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from policy_crawler.errors import OperatorError

HOME_VARIABLE = "POLICY_CRAWLER_HOME"
PREFIX = "POLICY_CRAWLER_"
# Set by us for children and tests; they are no settings of a user.
RESERVED = {"HOME", "CLOCK_OFFSET", "CONNECTION_MAP", "RUN", "EVENTS_FD", "FAULT", "FAULT_TRACE"}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Crawl(_Table):
    """How sites are asked."""

    contact: str = Field("", description="An e-mail address or URL that sites can complain to; sent in the User-Agent.")
    delay: float = Field(2.0, ge=0, le=60, description="Seconds between two requests to one site.")
    timeout: int = Field(30, ge=1, le=180, description="Seconds a server may take for one answer.")
    max_pages: int = Field(500, ge=1, description="Requests one run may make.")
    max_minutes: int = Field(15, ge=1, description="Minutes one run may take.")
    max_response_mib: int = Field(32, ge=1, le=256, description="The largest answer read, in MiB, decompressed.")
    proxy: str = Field("", description="http://host:port of a proxy that all requests go through.")
    allow_networks: list[str] = Field(
        default_factory=list, description="CIDR ranges of private addresses that may be crawled (an intranet)."
    )

    @field_validator("proxy")
    @classmethod
    def _is_a_proxy(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme != "http" or not parts.hostname or not parts.port):
            raise ValueError("expected http://host:port")
        return value

    @field_validator("allow_networks")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ipaddress.ip_network(network)
        return value


class Browser(_Table):
    """The Chromium that draws pages of sources with `render = true` (extra [browser])."""

    executable: str = Field("", description="Its path or name; empty: chromium, chromium-browser or google-chrome.")
    seconds: int = Field(60, ge=5, le=600, description="The longest a page may take, with all it fetches.")
    memory_mib: int = Field(1024, ge=256, description="What all its processes may hold together, in MiB.")


class Mail(_Table):
    """The SMTP server that alerts leave by."""

    host: str = Field("", description="Empty: no mail is sent.")
    port: int = Field(587, ge=1, le=65535)
    sender: str = Field("policy-crawler@localhost", description="The From address.")
    username: str = ""
    password_file: str = Field("", description="A file that holds the password.")
    security: Literal["starttls", "tls", "none"] = "starttls"


class Schedule(_Table):
    """How often sources are crawled, where they say nothing themselves."""

    every_minutes: int = Field(
        0, ge=0, description="Minutes between two runs of a source; 0: learned from when it publishes."
    )
    floor_minutes: int = Field(10, ge=1, description="The least minutes between two runs, where they are learned.")
    ceiling_minutes: int = Field(240, ge=1, description="The most minutes between two runs, where they are learned.")
    concurrency: int = Field(4, ge=1, le=64, description="Runs at once; never two on one site.")


class Service(_Table):
    """The process of `policy-crawler serve`."""

    host: str = Field("127.0.0.1", description="Where it answers HTTP: an address of this machine itself.")
    port: int = Field(0, ge=0, le=65535, description="The port for /healthz and /metrics; 0: no HTTP.")
    log_format: Literal["text", "json"] = Field("text", description="How it logs, on standard error.")
    disk_low_mib: int = Field(1024, ge=1, description="With less room on the home's disk, operators are told.")
    heartbeat_url: str = Field("", description="Asked by POST while the service is well, so that silence is noticed.")
    heartbeat_minutes: float = Field(1, gt=0, le=1440, description="Minutes between two of these.")


class Attachments(_Table):
    """How files of documents are read."""

    ocr: Literal["auto", "off"] = Field(
        "auto", description="auto: crawls read scans and pictures where the extra ocr is installed; off: they do not."
    )
    ocr_minutes: float = Field(
        3, gt=0, le=60, description="Minutes that one run may spend on OCR, once all is fetched; the rest waits."
    )


class Privacy(_Table):
    """What of persons the archive's texts carry."""

    mask: bool = Field(
        True, description="Mask identity-card, mobile and bank-card numbers of persons in texts; snapshots keep all."
    )


class Keeping(_Table):
    """What the service does for the archive in its quiet time."""

    compact: bool = Field(False, description="Make the closed WARC segments of a month one file for each site.")
    hours: str = Field("02:00-05:00", description="The quiet time, in China: when to compact and to let go by rule.")
    head_file: str = Field(
        "", description="A file, best on another machine's disk, to which the hash chain's head is noted; empty: none."
    )

    @field_validator("hours")
    @classmethod
    def _are_hours(cls, value: str) -> str:
        clock = r"(?:[01]\d|2[0-3]):[0-5]\d"
        if not re.fullmatch(f"{clock}-{clock}", value) or value[:5] == value[6:]:
            raise ValueError("expected when they begin and end, as 02:00-05:00")
        return value


class Retention(_Table):
    """After how many days what is let go; 0 keeps it for ever. Rows, texts and digests stay."""

    fetch_log_days: int = Field(0, ge=0, description="Requests of runs that ended: URL, moment, answer.")
    refused_days: int = Field(0, ge=0, description="Bytes of challenges, error pages and what was not found.")
    unchanged_days: int = Field(
        0, ge=0, description="Bytes of a page between its first and its newest that no version rests on."
    )
    news_days: int = Field(0, ge=0, description="Bytes of news reports; title and text stay.")
    originals_days: int = Field(
        0, ge=0, description="Bytes of policies' versions and files; only `retention apply --originals` does it."
    )


class Console(_Table):
    """The console that `policy-crawler serve` serves."""

    url: str = Field(
        "", description="The address at which people open it, for links in messages; empty: messages link the source."
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("expected http://host or https://host, with or without a path")
        return value


class Deliveries(_Table):
    """How alerts are brought to channels."""

    window_seconds: int = Field(
        30, ge=0, le=3600, description="Seconds that a message waits for more to come to the same channel."
    )
    allow_networks: list[str] = Field(
        default_factory=list,
        description="CIDR ranges of private addresses that webhooks may go to (an intranet), by plain HTTP too.",
    )
    ca_file: str = Field("", description="A file of certificates that webhooks trust beside the system's.")

    @field_validator("allow_networks")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ipaddress.ip_network(network)
        return value


class Config(_Table):
    """An installation's settings."""

    archive: str = Field("", description="Database URL; empty: archive.db in the home.")
    language: Literal["zh", "en"] = "zh"
    crawl: Crawl = Crawl()
    browser: Browser = Browser()
    mail: Mail = Mail()
    deliveries: Deliveries = Deliveries()
    schedule: Schedule = Schedule()
    service: Service = Service()
    attachments: Attachments = Attachments()
    privacy: Privacy = Privacy()
    keeping: Keeping = Keeping()
    retention: Retention = Retention()
    console: Console = Console()


class Home:
    """The folder that holds all state of an installation: config.toml, archive.db, snapshots/, sources/."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def find(cls) -> "Home":
        """The home named by `POLICY_CRAWLER_HOME`, else the user's data folder by platform convention."""
        named = os.environ.get(HOME_VARIABLE)
        return cls(Path(named).expanduser() if named else Path(platformdirs.user_data_dir("policy-crawler", False)))

    @property
    def config_file(self) -> Path:
        return self.path / "config.toml"

    @property
    def snapshots(self) -> Path:
        return self.path / "snapshots"

    @property
    def feeds(self) -> Path:
        """Where channels of kind feed write, unless they name another folder."""
        return self.path / "feeds"

    @property
    def secrets(self) -> Path:
        """Where secrets of channels are kept that were made or typed here."""
        return self.path / "secrets"

    @property
    def sources(self) -> Path:
        return self.path / "sources"

    @property
    def synonyms(self) -> Path:
        """The user's own synonyms for searches and watches; need not be there."""
        return self.path / "synonyms.txt"

    def database_url(self, config: Config) -> str:
        """The archive's URL: as configured, else archive.db here."""
        return config.archive or f"sqlite:///{self.path / 'archive.db'}"

    def create(self) -> None:
        """Make the folders, readable by their owner alone. Raises OperatorError where that cannot be."""
        for folder in (self.path, self.snapshots, self.sources):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise OperatorError(
                    f"cannot make the folder {folder}: {error.strerror}. {HOME_VARIABLE} names another home."
                ) from error


def load(home: Home, environment: dict[str, str] | None = None) -> Config:
    """Read and check the settings of `home`.

    Raises OperatorError that names the file or variable and the key."""
    data: dict[str, Any] = {}
    if home.config_file.exists():
        try:
            data = tomllib.loads(home.config_file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise OperatorError(f"{home.config_file}: not valid TOML: {error}") from error
    origins = _overlay(data, dict(os.environ) if environment is None else environment)
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        problems = []
        for detail in error.errors():
            key = ".".join(map(str, detail["loc"]))
            problems.append(
                f"{_origin(key, origins, str(home.config_file))}: {key}: {_plain(detail)} (found {detail['input']!r})"
            )
        raise OperatorError("\n".join(problems) + "\nSee docs/configuration.md for every key.") from error


def _origin(key: str, origins: dict[str, str], file: str) -> str:
    """Where the value of `key`, or of an entry in its list, came from."""
    return next((place for name, place in origins.items() if f"{key}.".startswith(f"{name}.")), file)


def _plain(detail: Any) -> str:
    """What is wrong with a value, in words for whoever wrote it."""
    if detail["type"] == "extra_forbidden":
        return "there is no such setting"
    if detail["type"] == "model_type":
        return "is a table, so its keys must be set one by one"
    return str(detail["msg"]).removeprefix("Value error, ")


def _overlay(data: dict[str, Any], environment: dict[str, str]) -> dict[str, str]:
    """Lay the environment's settings over `data`; answer where each dotted key came from."""
    origins = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name.removeprefix(PREFIX) in RESERVED:
            continue
        keys = name.removeprefix(PREFIX).lower().split("__")
        table = data
        for key in keys[:-1]:
            inner = table.setdefault(key, {})
            if not isinstance(inner, dict):
                raise OperatorError(f"environment variable {name}: {key!r} is a value, not a table")
            table = inner
        value: Any = (
            [part.strip() for part in text.split(",") if part.strip()] if keys[-1] == "allow_networks" else text
        )
        table[keys[-1]] = value
        origins[".".join(keys)] = f"environment variable {name}"
    return origins


def describe() -> list[tuple[str, str, str]]:
    """Every key with its default and meaning, for the reference page: (key, default, meaning)."""
    rows: list[tuple[str, str, str]] = []

    def walk(model: type[BaseModel], prefix: str) -> None:
        for name, info in model.model_fields.items():
            kind = info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                walk(kind, f"{prefix}{name}.")
            else:
                rows.append(
                    (f"{prefix}{name}", repr(info.get_default(call_default_factory=True)), info.description or "")
                )

    walk(Config, "")
    return rows
