"""The command line. Each command imports what it needs itself, so that --help is quick."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from uuid import UUID

    import flask

# Commands with modules of their own: where they are, and their line in --help.
LAZY = {
    "people": ("app.operations.people:people_group", "Import people from a file, or erase one."),
    "push": ("app.operations.push:push_group", "Web push."),
    "match": ("app.operations.match:match_command", "Match mentors and mentees of a sheet."),
    "translate": ("app.operations.translate:translate_group", "Catalogs of the interface."),
}


class Trellis(click.Group):
    """Loads big commands when they are called and says every known trouble in one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands by name."""
        return sorted({*super().list_commands(ctx), *LAZY})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command of this file, or the one its module holds."""
        if cmd_name not in LAZY:
            return super().get_command(ctx, cmd_name)
        module, _, name = LAZY[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading the big ones."""
        rows = []
        for name in self.list_commands(ctx):
            own = self.commands.get(name)
            rows.append((name, own.get_short_help_str(70) if own else LAZY[name][1]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; trouble outside of the program is no traceback."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            sentence = _plain(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from None


def _plain(error: Exception) -> str | None:
    """One sentence for a trouble that the operator can cure; None for a fault of the program."""
    from app.core.settings import SettingsError

    if isinstance(error, SettingsError | OSError):
        return str(error)
    from redis.exceptions import RedisError
    from sqlalchemy.exc import DBAPIError

    from app.core.errors import Refused
    from app.operations.supervisor import CannotStart

    if isinstance(error, DBAPIError):
        reason = str(error.orig).strip().splitlines()[0]
        return f"The database refuses: {reason}. `trellis doctor` says more."
    if isinstance(error, RedisError):
        return f"The broker refuses: {error}"
    return str(error) if isinstance(error, CannotStart | Refused) else None


@click.group(cls=Trellis, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Trellis: ERGs, events and mentoring."""


def application() -> flask.Flask:
    """The application of this environment."""
    from app.factory import create_app

    return create_app()


@contextmanager
def in_app() -> Iterator[flask.Flask]:
    """The application with its context, for one command."""
    app = application()
    with app.app_context():
        yield app
    app.extensions["database"].dispose()


@main.command()
@click.option("--web", is_flag=True, help="Only the web server (and others named).")
@click.option("--worker", is_flag=True, help="Only the workers.")
@click.option("--clock", is_flag=True, help="Only the clock that wakes sweeps.")
def serve(web: bool, worker: bool, clock: bool) -> None:
    """Run web, workers and clock (and a broker unless REDIS_URL is set) under one parent."""
    from app.core.settings import load
    from app.operations import starting

    parts = tuple(
        name for name, wanted in (("web", web), ("worker", worker), ("clock", clock)) if wanted
    )
    starting.serve(load(os.environ), parts)


@main.command()
def demo() -> None:
    """Run everything with a demo company; the first start fills the database."""
    os.environ.setdefault("TRELLIS_ENV", "demo")
    from app.core.settings import load
    from app.operations import starting

    starting.demo(load(os.environ))


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from app.core import migrations

    with in_app() as app:
        migrations.upgrade(app.extensions["database"])
    click.echo("The database is at the newest schema.")


@main.command()
@click.option(
    "--size",
    type=click.Choice(["small", "medium", "large"]),
    default="small",
    show_default=True,
    help="About 120, 2,000 or 20,000 people.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same data.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The company's today.")
def seed(size: str, seed: int, as_of: datetime | None) -> None:
    """Fill an empty database with a demo company."""
    from app.core import migrations
    from app.operations import seed as seeding

    with in_app() as app:
        migrations.upgrade(app.extensions["database"])
        seeding.run(
            size,
            seed,
            as_of.date() if as_of else None,
            progress=lambda step: click.echo(f"  {step}", err=True),
        )
    click.echo(f"The {size} demo company is in the database.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def doctor(as_json: bool) -> None:
    """Name each fault and its cure; exit 1 when there is one."""
    from app.operations.doctor import examine

    findings = examine(os.environ)
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(finding.line())
    sys.exit(1 if any(finding.is_fault for finding in findings) else 0)


@main.command()
def check() -> None:
    """Check routes, catalogs and migrations; exit 1 when something is wrong."""
    from app.operations.checks import faults

    found = faults()
    for fault in found:
        click.echo(fault, err=True)
    if found:
        sys.exit(1)
    click.echo("Routes are guarded, settings documented, links whole, migrations equal models.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def routes(as_json: bool) -> None:
    """List every route with the policy that guards it."""
    from dataclasses import asdict

    from app.core.policies import routes as table

    found = table(application())
    if as_json:
        click.echo(json.dumps([asdict(route) for route in found], indent=2))
        return
    for route in found:
        methods = ",".join(route.methods)
        click.echo(f"{route.endpoint:36} {methods:10} {route.path:52} {route.policy}")


@main.command()
def sweep() -> None:
    """Run every sweep once and send what is due, here and now, without a broker."""
    from app.operations.starting import sweep_once

    with in_app():
        failed = sweep_once()
    for name in failed:
        click.echo(f"The sweep {name} failed; the log says where.", err=True)
    sys.exit(1 if failed else 0)


@main.command()
@click.argument("run_id", type=click.UUID)
def replay(run_id: UUID) -> None:
    """Solve a match run again from its record and say whether the result is the same."""
    from app.core.database import reading
    from app.programs.services import replays

    with in_app():
        found = replays.replay(replays.record_of(reading(), run_id))
    click.echo(json.dumps(found))
    sys.exit(0 if found["state"] == "equal" else 1)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the database to FILE, uploads to FILE.files, keys of encrypted columns to FILE.keys."""
    from app.core.settings import load
    from app.operations import backups

    backups.backup(load(os.environ), file)
    click.echo(f"Wrote {file}; the keys are in {file}.keys and follow their own retention.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace data that is there; the old is kept aside.")
def restore(file: Path, force: bool) -> None:
    """Read FILE, FILE.files and FILE.keys back."""
    from app.core.settings import load
    from app.operations import backups

    aside = backups.restore(load(os.environ), file, force=force)
    click.echo(f"Restored {file}." + (f" What was there is in {aside}." if aside else ""))
