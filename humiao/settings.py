"""Every setting, with unit and default, from a TOML file, the environment (``HUMIAO_…``) and the command line.

Precedence, highest first: command line, environment, file, default. Nested keys are ``[crawl]`` tables in the file and
``HUMIAO_CRAWL__RATE`` in the environment.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from humiao.errors import SettingsError

#: Environment variables with our prefix that are no settings: they steer tests, training data and the choice of file.
OTHER_VARIABLES: Final = frozenset(
    {"HUMIAO_REQUIRE_SERVERS", "HUMIAO_CONFIG", "HUMIAO_TEST_KAFKA", "HUMIAO_TEST_ELASTICSEARCH", "HUMIAO_PUBLIC_DATA"}
)


class Section(BaseModel):
    """A table of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CrawlSettings(Section):
    """How the crawl stage behaves towards sites."""

    sources: Path = Field(default=Path("sources"), description="Folder with one YAML file per source.")
    contact: str = Field(
        default="", description="Mail address or page named in the User-Agent, so that a site owner can reach you."
    )
    interval: float = Field(
        default=60.0, ge=1, description="Seconds between two visits of a source, unless its file says otherwise."
    )
    concurrent_visits: int = Field(
        default=500, ge=1, le=5000, description="Sources visited at the same time by one process; the others wait their turn."
    )
    visit_seconds: float = Field(
        default=120.0, ge=0.1, description="Seconds that a visit may last while another source waits for its place."
    )
    lease: float = Field(
        default=15.0,
        ge=1,
        description="Seconds after which the sites of a crawl process that fell silent are crawled by another one.",
    )
    max_page_bytes: int = Field(default=8 * 1024 * 1024, ge=1024, description="Largest page read, in bytes.")
    keep_days: float = Field(
        default=7.0, gt=0, le=365, description="Days that fetched pages are kept; what an alert rests on is kept for ever."
    )
    keep_bytes: int = Field(
        default=20 * 1024**3,
        ge=1024 * 1024,
        description="Most bytes of all fetched pages together; beyond, the oldest go before their time, counted and logged.",
    )
    browser: str = Field(default="", description="Chromium for screenshots; empty = the one on PATH, else Playwright's own.")
    metrics_port: int = Field(default=9101, ge=0, le=65535, description="Port of /metrics of the crawl stage; 0 = any free one.")


class ClassifySettings(Section):
    """The classify stage."""

    checkpoint: Path | None = Field(default=None, description="Folder of the checkpoint; none = the shipped one.")
    batch: int = Field(default=128, ge=1, le=4096, description="Most posts judged at a time.")
    threads: int = Field(default=0, ge=0, le=256, description="CPU threads of the model; 0 = as many as cores.")
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="Where the model runs.")
    metrics_port: int = Field(default=9102, ge=0, le=65535, description="Port of /metrics of the classify stage; 0 = any free one.")


class AlertSettings(Section):
    """The alert stage."""

    policies: Path | None = Field(default=None, description="YAML file with policies; none = the shipped set.")
    places: Path | None = Field(
        default=None,
        description="Gazetteer (CSV or GeoJSON); none = DATA/places.csv, and until there is one the sample of Bantian.",
    )
    calendar: Path | None = Field(
        default=None, description="YAML file with working days of more years (or corrected ones); none = the shipped years."
    )
    duty: Path | None = Field(default=None, description="YAML file that says who is on duty when; none = nobody is.")
    batch: int = Field(default=256, ge=1, le=4096, description="Most scored posts handled at a time.")
    spike_interval: float = Field(default=60.0, ge=1, description="Seconds between two looks for spikes.")
    keep_benign_days: float = Field(default=7.0, gt=0, description="Days after which cleared posts are deleted from the store.")
    metrics_port: int = Field(default=9103, ge=0, le=65535, description="Port of /metrics of the alert stage; 0 = any free one.")


class TimestampAuthority(Section):
    """Who stamps evidence packages with the time (RFC 3161)."""

    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=2000, description="Where it takes requests.")
    roots: Path = Field(description="PEM file with the root certificate (or several) that its chain ends at.")


class EvidenceSettings(Section):
    """Evidence packages."""

    organisation: str = Field(
        default="",
        max_length=200,
        description="Name of the office as the printed record states it; empty = to be filled in by hand.",
    )
    authorities: tuple[TimestampAuthority, ...] = Field(
        default=(),
        description='Time stamp authorities, each `{url = "https://…", roots = "FILE.pem"}`; none = packages have no time stamp.',
    )
    timestamp_seconds: float = Field(
        default=10.0, gt=0, le=120, description="Seconds that a time stamp authority may take to answer."
    )


class NotifySettings(Section):
    """Messages to people about alerts."""

    routes: Path | None = Field(default=None, description="YAML file with channels and routes; none = nobody is told.")
    console: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address of the console as people reach it, for links in messages; empty = no links.",
    )
    link_days: float = Field(default=7.0, gt=0, le=365, description="Days after which a link in a message no longer leads on.")


class ConsoleSettings(Section):
    """The console (web pages and HTTP API)."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; its /metrics is on the same port.")
    session_hours: float = Field(default=8.0, gt=0, description="Hours after which a sign-in ends.")
    secure_cookies: bool = Field(default=False, description="Set the session cookie for HTTPS only (behind a TLS proxy: true).")
    ingest_lag: int = Field(
        default=50_000, ge=1, description="Posts that may wait for the classifier before partners are told to come later (429)."
    )


class LogSettings(Section):
    """The durable log, whichever adapter."""

    partitions: int = Field(default=4, ge=1, le=1024, description="Partitions of a topic that is created.")
    replication: int = Field(default=1, ge=1, le=9, description="Replicas of a topic that is created (Kafka).")
    lease: float = Field(default=15.0, ge=1, description="Seconds after which a silent consumer loses its partitions.")
    keep_hours: float = Field(default=168.0, gt=0, description="Hours that messages are kept after they were written.")
    compression: Literal["none", "gzip", "lz4", "zstd"] = Field(default="gzip", description="Compression of Kafka batches.")


class Settings(BaseSettings):
    """All settings; `load` is the way to make one."""

    model_config = SettingsConfigDict(env_prefix="HUMIAO_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data: Path = Field(default=Path("data"), description="Folder of the embedded default: log.db, store.db, blobs/, warc/, keys/.")
    log: str = Field(
        default="", description="URL of the log: kafka://HOST:PORT[,HOST:PORT] or sqlite:///FILE; empty = DATA/log.db."
    )
    store: str = Field(default="", description="URL of the store: http(s)://HOST:9200 or sqlite:///FILE; empty = DATA/store.db.")
    prefix: str = Field(default="", pattern=r"^[a-z0-9_-]{0,40}$", description="Put before the names of topics and indices.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least severe log line written.")
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="Log lines as JSON or text; auto = text on a terminal."
    )
    bus: LogSettings = Field(default_factory=LogSettings, description="The durable log.")
    crawl: CrawlSettings = Field(default_factory=CrawlSettings, description="The crawl stage.")
    classify: ClassifySettings = Field(default_factory=ClassifySettings, description="The classify stage.")
    alert: AlertSettings = Field(default_factory=AlertSettings, description="The alert stage.")
    evidence: EvidenceSettings = Field(default_factory=EvidenceSettings, description="Evidence packages.")
    notify: NotifySettings = Field(default_factory=NotifySettings, description="Messages to people about alerts.")
    console: ConsoleSettings = Field(default_factory=ConsoleSettings, description="The console.")

    @property
    def log_url(self) -> str:
        """URL of the log with the default filled in."""
        return self.log or f"sqlite:///{self.data.absolute() / 'log.db'}"

    @property
    def store_url(self) -> str:
        """URL of the store with the default filled in."""
        return self.store or f"sqlite:///{self.data.absolute() / 'store.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before init values: `load` passes the file's content as init values."""
        return (env_settings, init_settings)


def load(config: Path | None = None, **overrides: Any) -> Settings:
    """Settings from `config` (or ``HUMIAO_CONFIG``, or ``humiao.toml`` here if there is one), environment and `overrides`.

    Args:
        config: a TOML file; it must exist when given.
        overrides: values of the command line; None = not given.

    Raises:
        SettingsError: one line that names file or variable, key and reason.
    """
    file = config or (Path(os.environ["HUMIAO_CONFIG"]) if os.environ.get("HUMIAO_CONFIG") else None)
    if file is None and Path("humiao.toml").is_file():
        file = Path("humiao.toml")
    content = _read(file) if file else {}
    _refuse_unknown_variables()
    try:
        settings = Settings(**content)
    except ValidationError as error:
        raise SettingsError(_explain(error, file, content)) from error
    given = {key: value for key, value in overrides.items() if value is not None}
    return settings.model_copy(update=given) if given else settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: can't be read ({error.strerror}); give another file with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from error


def names() -> list[str]:
    """Every settings key, dotted (``crawl.interval``)."""
    flat = []
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            flat += [f"{name}.{inner}" for inner in section.model_fields]
        else:
            flat.append(name)
    return flat


def _refuse_unknown_variables() -> None:
    known = {f"HUMIAO_{name.upper().replace('.', '__')}" for name in names()} | OTHER_VARIABLES
    sections = {f"HUMIAO_{name.split('.', 1)[0].upper()}" for name in names() if "." in name}
    unknown = sorted(v for v in os.environ if v.startswith("HUMIAO_") and v not in known | sections)
    if unknown:
        raise SettingsError(f"environment: {unknown[0]} is no setting; see docs/settings.md for the names")


def _explain(error: ValidationError, file: Path | None, content: dict[str, Any]) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    path = [str(part) for part in problem["loc"]]
    inside: Any = content
    for part in path:
        inside = inside.get(part) if isinstance(inside, dict) else None
    variable = f"HUMIAO_{'__'.join(path).upper()}"
    where = str(file) if inside is not None or variable not in os.environ else f"environment {variable}"
    if variable in os.environ:
        where = f"environment {variable}"
    what = "is no setting; see docs/settings.md" if problem["type"] == "extra_forbidden" else problem["msg"]
    return f"{where}: {'.'.join(path)}: {what}"
