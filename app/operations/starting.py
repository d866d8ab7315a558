"""What `serve`, `demo` and `sweep` do before and beside the supervisor."""

from __future__ import annotations

import sys

import click
import flask
import structlog

from app.core.database import end_reading, reading
from app.core.settings import Settings
from app.operations import supervisor

log = structlog.get_logger()


def serve(settings: Settings, parts: tuple[str, ...]) -> None:
    """Run the parts (all when none is named) on a database that must be ready."""
    supervisor.serve(
        settings,
        parts or supervisor.PARTS,
        _refuse_old_schema,
        lambda: click.echo(f"Trellis serves {settings.base_url}"),
    )


def demo(settings: Settings) -> None:
    """Run everything on a database that is made and filled first when it is new."""
    if settings.is_production:
        raise supervisor.CannotStart(
            "The demo is not for production: its passwords are public. Use `trellis serve`."
        )
    supervisor.serve(settings, supervisor.PARTS, _fill, lambda: _welcome(settings))


def _refuse_old_schema(app: flask.Flask) -> None:
    from app.core import migrations

    if migrations.current(app.extensions["database"]) != migrations.newest():
        click.echo("The database lacks migrations; run `trellis migrate` first.", err=True)
        sys.exit(1)


def _fill(app: flask.Flask) -> None:
    """Migrate, and seed on the first run."""
    from app.core import migrations

    migrations.upgrade(app.extensions["database"])
    with app.app_context():
        if _has_people():
            return
        click.echo("First start: loading the demo company.", err=True)
        try:
            from app.operations import seed
        except ModuleNotFoundError:
            click.echo("This version brings no demo company; it starts empty.", err=True)
            return
        seed.run(size="small")


def _has_people() -> bool:
    from sqlalchemy import select

    from app.accounts.models import Person

    try:
        return reading().scalar(select(Person.id).limit(1)) is not None
    finally:
        end_reading()


SIGN_INS = (
    ("amara@demo.example", "program manager"),
    ("bo@demo.example", "mentee, member of two groups"),
    ("chen@demo.example", "mentor (Japanese)"),
    ("dalia@demo.example", "group lead (Arabic, right-to-left)"),
    ("elena@demo.example", "in nothing yet (Spanish)"),
    ("farid@demo.example", "organization admin"),
    ("grace@demo.example", "HR analyst"),
    ("hugo@demo.example", "chapter lead (French)"),
    ("iris@demo.example", "auditor"),
    ("juno@demo.example", "confidential member of a sensitive group"),
    ("kai@demo.example", "executive sponsor"),
    ("lena@external.example", "external mentor"),
)


def _welcome(settings: Settings) -> None:
    click.echo(f"\nTrellis is ready at {settings.base_url}\n")
    click.echo("Sign in with the password trellis-demo as")
    for email, who in SIGN_INS:
        click.echo(f"  {email:24} {who}")
    click.echo("\nCtrl-C stops everything.")


def sweep_once() -> list[str]:
    """Run every sweep and drain all channels in this process; returns the names that failed."""
    from app.core import delivery, jobs
    from app.core.channels import channels

    failed = []
    for name, sweep in jobs.sweeps:
        try:
            sweep.run()
        except Exception as error:
            log.error("sweep_failed", sweep=name, error=type(error).__name__)
            failed.append(name)
        finally:
            end_reading()
    for name, _ in channels:
        while not delivery.deliver(name):
            pass
    return failed
