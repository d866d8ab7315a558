"""``trellis match``: matching a sign-up sheet or a score matrix, without any account."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.operations import match_faces as faces
from app.operations import match_stable_faces as stable_faces

if TYPE_CHECKING:
    from app.matching import Message, Outcome
    from app.matching.assignment import Progress
    from app.matching.sheets import Sheet
    from app.matching.signup import People, Signup


@dataclass(frozen=True)
class Wanted:
    """What the command line asked for."""

    rules: Path | None
    out: Path | None
    report: Path | None
    as_json: bool
    objective: str | None
    previous: Path | None


@click.command("match")
@click.argument("sheet", required=False, type=click.Path(path_type=Path))
@click.option("--rules", type=click.Path(path_type=Path), help="What the columns mean (TOML).")
@click.option("--out", type=click.Path(path_type=Path), help="Write the pairs as CSV.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a readable HTML report.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--matrix", type=click.Path(path_type=Path), help="Match a score matrix (.npz).")
@click.option("--repeat", type=click.IntRange(1, 1000), help="Solve a matrix several times.")
@click.option("--objective", type=click.Choice(["total", "fair"]), help="What to optimize.")
@click.option("--previous", type=click.Path(path_type=Path), help="Pairs to keep (CSV of --out).")
def match_command(
    sheet: Path | None,
    rules: Path | None,
    out: Path | None,
    report: Path | None,
    as_json: bool,
    matrix: Path | None,
    repeat: int | None,
    objective: str | None,
    previous: Path | None,
) -> None:
    """Match the mentees and mentors of SHEET (.csv or .xlsx), or of a score matrix."""
    from app.matching.text import MatchingError

    if (sheet is None) == (matrix is None):
        raise click.UsageError("Give either a sheet or --matrix, not both.")
    if matrix and (rules or out or report or previous):
        raise click.UsageError(
            "--rules, --out, --report and --previous go with a sheet, not with --matrix."
        )
    if sheet and repeat:
        raise click.UsageError("--repeat goes with --matrix.")
    try:
        if matrix:
            _matrix(matrix, objective or "total", repeat or 1)
        elif sheet:
            _sheet(sheet, Wanted(rules, out, report, as_json, objective, previous))
    except MatchingError as refusal:
        raise click.ClickException(str(refusal)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}.") from None
    except MemoryError:
        raise click.ClickException(
            "There is not enough memory for a matching this large."
        ) from None


def _progress() -> Progress:
    """Progress on a terminal; silence elsewhere."""
    from app.matching.assignment import silent

    if not sys.stderr.isatty():
        return silent

    def show(phase: str, done: int, of: int) -> None:
        click.echo(f"\r{phase:<8} {done:>7} of {of:<7}", nl=False, err=True)

    return show


def _done() -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{'':<30}\r", nl=False, err=True)


def _matrix(path: Path, objective: str, repeat: int) -> None:
    from app.matching.matrix import match_matrix, read_matrix

    answer = match_matrix(read_matrix(path), objective, repeat, _progress())
    _done()
    click.echo(json.dumps(answer))


def _sheet(path: Path, wanted: Wanted) -> None:
    from dataclasses import replace

    from app.matching import describe
    from app.matching.guessing import guess
    from app.matching.sheets import read_sheet
    from app.matching.signup import build, former_pairs, read_rules

    start = time.perf_counter()
    sheet = read_sheet(path)
    for note in sheet.notes:
        click.echo(f"Note: {describe(note)}", err=True)
    signup = read_rules(wanted.rules) if wanted.rules else guess(sheet)
    if signup.objective == "stable":
        _stable(sheet, signup, wanted)
        return
    signup = replace(signup, objective=wanted.objective or signup.objective)
    people = build(sheet, signup)
    former = former_pairs(read_sheet(wanted.previous)) if wanted.previous else None
    read = time.perf_counter() - start
    if not wanted.rules:
        labels = ", ".join(rule.label for rule in people.instance.rules)
        click.echo(f"Note: no rules given; matched on {labels}.", err=True)
    if former is not None and signup.format not in ("pairs", "reverse"):
        raise click.ClickException("--previous goes with pairs of a mentee and a mentor.")
    if signup.is_among_peers:
        if wanted.objective:
            raise click.ClickException("--objective goes with mentors and mentees.")
        _peers(people, signup, wanted)
        return
    outcome, notes = _solved(people, signup, former)
    _done()
    for said in notes:
        click.echo(f"Note: {describe(said)}", err=True)
    written = [(wanted.out, faces.as_csv)] if wanted.out else []
    written += [(wanted.report, faces.as_html)] if wanted.report else []
    for target, render in written:
        write_whole(target, render(people, outcome, notes, signup))
    text = faces.as_text(people, outcome, signup.format)
    click.echo(faces.as_json(outcome, read) if wanted.as_json else text)


def _solved(
    people: People, signup: Signup, former: dict[str, str] | None
) -> tuple[Outcome, list[Message]]:
    """The outcome by the format of the rules, and what there is to say about it."""
    from dataclasses import replace

    from app.matching import Message, rematch, solve
    from app.matching.groups import advice, mirrored, solve_groups

    instance, notes = people.instance, []
    if signup.format == "reverse":
        instance = replace(instance, rules=mirrored(instance.rules))
    if signup.format == "groups":
        return solve_groups(instance, *signup.size, _progress()), notes
    if told := advice(instance):
        notes.append(told)
    if former is None:
        return solve(instance, progress=_progress()), notes
    again = rematch(instance, former, progress=_progress())
    counts = {"broken": again.broken, "changed": again.changed}
    notes.append(Message("rematched", {**counts, "share": f"{100 * again.kept_share:.2f}"}))
    return again.outcome, notes


def _peers(people: People, signup: Signup, wanted: Wanted) -> None:
    from app.matching.peers import match_circles, match_peers

    instance = people.instance
    decided = {"locked": instance.locked, "banned": instance.banned}
    if signup.format == "peers":
        found = match_peers(instance.mentees, instance.rules, seed=instance.seed, **decided)
    else:
        found = match_circles(
            instance.mentees, instance.rules, *signup.size, seed=instance.seed, **decided
        )
    if wanted.out:
        write_whole(wanted.out, faces.peers_csv(people, found))
    if wanted.report:
        write_whole(wanted.report, faces.peers_html(people, found, signup))
    text = faces.peers_text(people, found, signup.format)
    click.echo(faces.peers_json(found) if wanted.as_json else text)


def _stable(sheet: Sheet, signup: Signup, wanted: Wanted) -> None:
    from app.matching.signup import read_rankings
    from app.matching.stable import blocking_pairs, stable

    if wanted.objective or wanted.previous:
        raise click.ClickException("--objective and --previous go with scores, not with rankings.")
    ranked = read_rankings(sheet, signup)
    mate = stable(ranked.wishes, ranked.hosts)
    found = stable_faces.Found(
        ranked, mate, len(blocking_pairs(ranked.wishes, ranked.hosts, mate)), faces.sides(signup)
    )
    for target, render in (
        (wanted.out, stable_faces.as_csv),
        (wanted.report, stable_faces.as_html),
    ):
        if target:
            write_whole(target, render(found))
    click.echo(stable_faces.as_json(found) if wanted.as_json else stable_faces.as_text(found))


def write_whole(path: Path, text: str) -> None:
    """Write a file entirely or not at all."""
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 - renamed, so it may not delete itself
        "w", encoding="utf-8", newline="", dir=path.resolve().parent, delete=False
    )
    try:
        with handle:
            handle.write(text)
        Path(handle.name).chmod(0o644)
        Path(handle.name).replace(path)
    except BaseException:
        Path(handle.name).unlink(missing_ok=True)
        raise
