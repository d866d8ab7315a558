"""Settings from the environment, validated once at start (docs/settings.md lists them all)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

DEFAULT_SECRETS = frozenset({"", "dev", "change-me", "changeme", "secret", "trellis"})
# The server refuses larger requests as a whole.
MAX_UPLOAD_MB = 60
ENVIRONMENTS = ("development", "demo", "testing", "production")

Environment = Literal["development", "demo", "testing", "production"]


class SettingsError(ValueError):
    """A setting is missing or makes no sense; the text names the variable and its cure."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator can set; field names are the variables in lower case."""

    env: Environment
    database_url: str
    redis_url: str | None
    secret_key: str
    base_url: str
    data_dir: Path
    mail_url: str | None
    mail_from: str
    key_file: Path
    now: str | None
    seed: str | None
    test_data: Path
    host: str
    port: int
    argon2_cost: int
    metrics_token: str | None
    trusted_proxies: int
    file_max_mb: int
    file_group_quota_mb: int
    push_hosts: tuple[str, ...]
    reply_mailbox: str | None

    @property
    def is_production(self) -> bool:
        """Whether the strict rules for real people's data apply."""
        return self.env == "production"

    @property
    def is_https(self) -> bool:
        """Whether people reach the app by https, which decides cookie names and flags."""
        return self.base_url.startswith("https://")


def load(environ: Mapping[str, str]) -> Settings:
    """Read and validate all settings; raises SettingsError with one plain sentence."""
    env = _environment(environ)
    data_dir = Path(environ.get("DATA_DIR", "var")).absolute()
    host, port = environ.get("HOST", "127.0.0.1"), _number(environ, "PORT", 8000)
    settings = Settings(
        env=env,
        database_url=_database_url(environ, data_dir),
        redis_url=environ.get("REDIS_URL") or None,
        secret_key=environ.get("SECRET_KEY") or _kept_secret(data_dir, env),
        base_url=environ.get("BASE_URL", f"http://{host}:{port}").rstrip("/"),
        data_dir=data_dir,
        mail_url=environ.get("MAIL_URL") or None,
        mail_from=environ.get("MAIL_FROM", "Trellis <trellis@localhost>"),
        key_file=Path(environ.get("KEY_FILE", data_dir / "keys.json")).absolute(),
        now=environ.get("TRELLIS_NOW") or None,
        seed=environ.get("TRELLIS_SEED") or None,
        test_data=Path(environ.get("TRELLIS_TEST_DATA", "../shared/data")).absolute(),
        host=host,
        port=port,
        argon2_cost=_number(environ, "TRELLIS_ARGON2_COST", 3),
        metrics_token=environ.get("METRICS_TOKEN") or None,
        trusted_proxies=_number(environ, "TRUSTED_PROXIES", 0),
        file_max_mb=_number(environ, "FILE_MAX_MB", 20),
        file_group_quota_mb=_number(environ, "FILE_GROUP_QUOTA_MB", 1000),
        push_hosts=tuple(environ.get("PUSH_HOSTS", "").lower().split()),
        reply_mailbox=environ.get("REPLY_MAILBOX") or None,
    )
    _refuse_nonsense(settings)
    if settings.is_production:
        _refuse_unsafe(settings, environ)
    return settings


def _environment(environ: Mapping[str, str]) -> Environment:
    env = environ.get("TRELLIS_ENV", "development")
    if env not in ENVIRONMENTS:
        raise SettingsError(f"TRELLIS_ENV is {env!r}; use one of {', '.join(ENVIRONMENTS)}.")
    return env  # type: ignore[return-value]


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name) or str(default)
    if not value.isdigit():
        raise SettingsError(f"{name} is {value!r}; it must be a whole number.")
    return int(value)


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    url = environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'trellis.sqlite3'}"
    if url.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    return url


def _kept_secret(data_dir: Path, env: Environment) -> str:
    """Outside production a random secret is kept beside the data, so sessions outlive a restart."""
    if env == "production":
        return ""
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(32), encoding="ascii")
        path.chmod(0o600)
    return path.read_text(encoding="ascii").strip()


def _refuse_nonsense(settings: Settings) -> None:
    if not settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL must start with sqlite:/// or postgresql://.")
    if urlsplit(settings.base_url).scheme not in ("http", "https"):
        raise SettingsError("BASE_URL must start with https:// (or http:// outside production).")
    if settings.mail_url and urlsplit(settings.mail_url).scheme not in ("smtp", "smtps"):
        raise SettingsError("MAIL_URL must start with smtp:// or smtps://.")
    if not 1 <= settings.file_max_mb <= MAX_UPLOAD_MB:
        raise SettingsError(f"FILE_MAX_MB must be between 1 and {MAX_UPLOAD_MB}.")
    if settings.seed and settings.env not in ("testing", "demo"):
        raise SettingsError("TRELLIS_SEED makes every token guessable; it is for tests only.")


def _refuse_unsafe(settings: Settings, environ: Mapping[str, str]) -> None:
    if settings.secret_key.lower() in DEFAULT_SECRETS or len(settings.secret_key) < 32:
        raise SettingsError("SECRET_KEY must be at least 32 random characters in production.")
    if not settings.is_https:
        raise SettingsError("BASE_URL must start with https:// in production.")
    if settings.now:
        raise SettingsError("TRELLIS_NOW moves the clock; it is for tests and the demo only.")
    if "KEY_FILE" not in environ:
        raise SettingsError("KEY_FILE must name the file with the column keys in production.")
    if not settings.key_file.exists():
        raise SettingsError(f"KEY_FILE {settings.key_file} does not exist; make it with `doctor`.")
