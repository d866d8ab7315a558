"""`trellis people import`: the same import as in the browser, for scripts and large files."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import click

DAY = click.DateTime(["%Y-%m-%d"])
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOWN_PROBLEMS = 10
ERASES = """{name} (number {number}) will be forgotten for good:
sign-in, name, job, own notes, private goals, messages, answers, self-identification.
Partners keep shared notes and goals. Pairs end, and partners are told, as at any departure.
Nothing happens for a week."""


@click.group("people")
def people_group() -> None:
    """People: import them from a file, or erase one."""


@people_group.command("import")
@click.argument("file", type=READABLE)
@click.option("--map", "map_file", type=READABLE, help="TOML: what each column holds.")
@click.option("--as-of", type=DAY, help="The day the file speaks of (default today).")
@click.option("--encoding", metavar="NAME", help="How the text is written, e.g. shift_jis.")
@click.option("--complete", is_flag=True, help="The file is complete: whoever is missing has left.")
@click.option("--dry-run", is_flag=True, help="Say what would change, change nothing.")
@click.option("--confirm-leavers", is_flag=True, help="Many people may be deactivated.")
@click.option(
    "--refused",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write refused rows with their reasons to this CSV file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_people(
    file: Path,
    map_file: Path | None,
    as_of: datetime | None,
    encoding: str | None,
    complete: bool,
    dry_run: bool,
    confirm_leavers: bool,
    refused: Path | None,
    as_json: bool,
) -> None:
    """Import people from FILE (CSV or xlsx); columns are guessed unless --map says them."""
    from app.accounts.rules.tables import BadFile
    from app.operations.cli import in_app

    with in_app(), _in_utf8(file, encoding) as file:
        try:
            _refuse_guess(file)
            mapping, layout = _mapping(file, map_file, as_of, complete)
        except BadFile as bad:
            raise _refusal(bad.code, bad.values) from None
        import_id = _check(file, mapping)
        report = _report(import_id, layout, mapping)
        if refused:
            _write_refused(import_id, refused)
        if dry_run:
            _discard(import_id)
        else:
            _go_on(import_id, report, confirm_leavers)
        report["imported"] = not dry_run
        report["encoding"] = encoding or report["encoding"]
    _say(report, as_json)


@contextmanager
def _in_utf8(file: Path, encoding: str | None) -> Iterator[Path]:
    """The file, or a copy in UTF-8 for as long as it is worked on when its encoding was said."""
    if encoding is None:
        yield file
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder, file.name)
        try:
            with (
                file.open(encoding=encoding, newline="") as source,
                copy.open("w", encoding="utf-8-sig", newline="") as target,
            ):
                shutil.copyfileobj(source, target)
        except (LookupError, ValueError):
            raise click.ClickException(
                f"This file cannot be read in the encoding {encoding!r}. Nothing was imported."
            ) from None
        yield copy


def _refuse_guess(file: Path) -> None:
    """Nobody looks at a preview here, so a guess could fill the records with wrong letters."""
    from app.accounts.rules.tables import layout_of

    if layout_of(file).is_guess:
        raise click.ClickException(
            "It is not certain how the letters of this file are written, so nothing was imported. "
            "Save it as UTF-8, or say it with --encoding, e.g. --encoding cp1252."
        )


def _refusal(code: str, values: dict[str, Any]) -> click.ClickException:
    from app.accounts.messages import problem_text
    from app.core.locale import speaking

    with speaking("en", "UTC"):
        return click.ClickException(problem_text(code, values))


def _mapping(
    file: Path, map_file: Path | None, as_of: datetime | None, complete: bool
) -> tuple[Any, Any]:
    """(mapping, layout) from the guesses or the mapping file; raises BadFile."""
    from app.accounts.rules.mapping import checked
    from app.accounts.rules.tables import BadFile
    from app.accounts.services import imports
    from app.core import clock

    proposal = imports.propose(file, as_of.date() if as_of else clock.now().date())
    if map_file:
        mapping = imports.mapped_by_file(proposal, map_file)
        proposal = imports.explained(file, replace(proposal, mapping=mapping))
    mapping = checked(proposal.mapping, proposal.layout.header)
    if proposal.unexplained:
        raise BadFile("status", value=proposal.unexplained[0][:100])
    if as_of:
        mapping = replace(mapping, as_of=as_of.date())
    return replace(mapping, is_complete=complete or mapping.is_complete), proposal.layout


def _check(file: Path, mapping: Any) -> UUID:
    from app.accounts.rules import ImportState
    from app.accounts.services import imports
    from app.core.database import writing

    with file.open("rb") as stream:
        stored = imports.keep_file(stream)
    with writing() as db:
        import_id: UUID = imports.upload(db, None, file_name=file.name, stored_as=stored)
    with writing() as db:
        imports.choose_mapping(db, None, import_id=import_id, mapping=mapping)
    row = _until(import_id, ImportState.MAPPED)
    if row.state is ImportState.FAILED:
        _discard(import_id)
        raise _refusal(*row.report["problem"])
    return import_id


def _until(import_id: UUID, *busy: Any) -> Any:
    """Work the import off here, or wait for the worker that was quicker."""
    from app.accounts.jobs import run
    from app.accounts.models import PeopleImport
    from app.core.database import end_reading, reading

    while True:
        run(import_id, _progress)
        end_reading()
        row = reading().get(PeopleImport, import_id)
        if row is None or row.state not in busy:
            return row
        time.sleep(0.3)


def _progress(phase: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{phase:>8}: {done:,} of {total:,} rows", err=True, nl=done >= total)


def _discard(import_id: UUID) -> None:
    from app.accounts.services import imports
    from app.core.database import writing

    with writing() as db:
        imports.discard(db, None, import_id=import_id)


def _go_on(import_id: UUID, report: dict[str, Any], is_confirmed: bool) -> None:
    from app.accounts.rules import ImportState
    from app.accounts.services import imports
    from app.core.database import writing

    if report["needs_confirmation"] and not is_confirmed:
        _discard(import_id)
        raise click.ClickException(
            f"This file would deactivate {report['leaving']:,} of {report['active']:,} people, so "
            "nothing was imported. Add --confirm-leavers if that is right."
        )
    with writing() as db:
        imports.start(db, None, import_id=import_id, is_confirmed=is_confirmed)
    row = _until(import_id, ImportState.QUEUED, ImportState.RUNNING)
    if row.state is ImportState.FAILED:
        raise _refusal(*row.report["problem"])


def _report(import_id: UUID, layout: Any, mapping: Any) -> dict[str, Any]:
    from app.accounts.models import PeopleImport
    from app.core.database import reading
    from app.core.locale import speaking

    row = reading().get(PeopleImport, import_id)
    assert row is not None
    with speaking("en", "UTC"):
        problems = _problems(import_id)
    columns = dict(zip(layout.header, mapping.columns, strict=True))
    return {
        **{k: v for k, v in row.report["counts"].items() if k != "last"},
        "active": row.report["active"],
        "needs_confirmation": row.report["needs_confirmation"],
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "as_of": mapping.as_of.isoformat(),
        "columns": {name: field for name, field in columns.items() if field != "ignore"},
        "problems": problems,
    }


def _problems(import_id: UUID) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from app.accounts.messages import problem_text
    from app.accounts.models import ImportRow
    from app.accounts.rules import RowChange
    from app.core.database import reading

    rows = reading().execute(
        select(ImportRow.number, ImportRow.detail)
        .where(ImportRow.import_id == import_id, ImportRow.change == RowChange.ERROR)
        .order_by(ImportRow.number)
        .limit(1000)
    )
    return [
        {"row": number, "why": [problem_text(code, values) for code, values in detail["problems"]]}
        for number, detail in rows
    ]


def _write_refused(import_id: UUID, target: Path) -> None:
    from app.accounts.models import PeopleImport
    from app.accounts.services import imports
    from app.core.database import reading

    row = reading().get(PeopleImport, import_id)
    if row is not None and imports.faulty_path(row).exists():
        shutil.copyfile(imports.faulty_path(row), target)


def _say(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    click.echo("Imported." if report["imported"] else "Dry run, nothing was changed.")
    for name in ("added", "changed", "leaving", "unchanged", "error"):
        more = (
            f" ({report['added_left']:,} of them left already)"
            if name == "added" and report.get("added_left")
            else ""
        )
        click.echo(f"{report[name]:>9,} {'refused' if name == 'error' else name}{more}")
    for problem in report["problems"][:SHOWN_PROBLEMS]:
        click.echo(f"Row {problem['row']}: {' '.join(problem['why'])}", err=True)
    if report["error"] > SHOWN_PROBLEMS:
        click.echo(f"... and {report['error'] - SHOWN_PROBLEMS:,} more; see --refused.", err=True)


@people_group.command("erase")
@click.argument("who")
@click.option("--recall", is_flag=True, help="Take an order back that was not carried out yet.")
def erase_person(who: str, recall: bool) -> None:
    """Forget the person with the number or address WHO for good, a week from now."""
    from app.accounts.services import erasing
    from app.core.database import end_reading, writing
    from app.core.errors import Refused
    from app.operations.cli import in_app

    with in_app():
        person_id, number, name = _who(who)
        end_reading()
        try:
            if recall:
                with writing() as db:
                    erasing.recall(db, None, person_id=person_id)
                click.echo("Recalled. Nothing was changed.")
                return
            click.echo(ERASES.format(name=name, number=number))
            if click.prompt("Type the number once more", type=str).strip() != number:
                raise click.ClickException("That is another number. Nothing was changed.")
            with writing() as db:
                due = erasing.ask(db, None, person_id=person_id)
        except Refused as refused:
            raise click.ClickException(refused.message) from None
        click.echo(f"It happens after {due:%Y-%m-%d %H:%M} UTC. Until then: --recall.")


def _who(who: str) -> tuple[UUID, str, str]:
    """Whom a number or an address means: the id, the number to be typed, the name."""
    from sqlalchemy import or_, select

    from app.accounts.messages import shown_name
    from app.accounts.models import Person
    from app.core.database import reading

    known = or_(Person.external_id == who.strip(), Person.email == who.strip().lower())
    person = reading().scalars(select(Person).where(known)).one_or_none()
    if person is None:
        raise click.ClickException("There is nobody with this number or address.")
    return person.id, person.external_id or str(person.id), shown_name(person)
