"""``trellis match``: matching a sign-up sheet or a score matrix, without any account."""

from __future__ import annotations

import csv
import io
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.matching import Outcome
    from app.matching.assignment import Progress
    from app.matching.signup import People


@click.command("match")
@click.argument("sheet", required=False, type=click.Path(path_type=Path))
@click.option("--rules", type=click.Path(path_type=Path), help="What the columns mean (TOML).")
@click.option("--out", type=click.Path(path_type=Path), help="Write the pairs as CSV.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a readable HTML report.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--matrix", type=click.Path(path_type=Path), help="Match a score matrix (.npz).")
@click.option("--repeat", type=click.IntRange(1, 1000), help="Solve a matrix several times.")
@click.option("--objective", type=click.Choice(["total", "fair"]), help="What to optimize.")
def match_command(
    sheet: Path | None,
    rules: Path | None,
    out: Path | None,
    report: Path | None,
    as_json: bool,
    matrix: Path | None,
    repeat: int | None,
    objective: str | None,
) -> None:
    """Match the mentees and mentors of SHEET (.csv or .xlsx), or of a score matrix."""
    from app.matching.text import MatchingError

    if (sheet is None) == (matrix is None):
        raise click.UsageError("Give either a sheet or --matrix, not both.")
    if matrix and (rules or out or report):
        raise click.UsageError("--rules, --out and --report go with a sheet, not with --matrix.")
    if sheet and repeat:
        raise click.UsageError("--repeat goes with --matrix.")
    try:
        if matrix:
            _matrix(matrix, objective or "total", repeat or 1)
        elif sheet:
            _sheet(sheet, rules, out, report, as_json, objective)
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


def _sheet(
    path: Path,
    rules: Path | None,
    out: Path | None,
    report: Path | None,
    as_json: bool,
    objective: str | None,
) -> None:
    from dataclasses import replace

    from app.matching import describe, solve
    from app.matching.guessing import guess
    from app.matching.sheets import read_sheet
    from app.matching.signup import build, read_rules

    start = time.perf_counter()
    sheet = read_sheet(path)
    for note in sheet.notes:
        click.echo(f"Note: {describe(note)}", err=True)
    signup = read_rules(rules) if rules else guess(sheet)
    people = build(sheet, replace(signup, objective=objective or signup.objective))
    read = time.perf_counter() - start
    outcome = solve(people.instance, progress=_progress())
    _done()
    if not rules:
        labels = ", ".join(rule.label for rule in people.instance.rules)
        click.echo(f"Note: no rules given; matched on {labels}.", err=True)
    written = [(out, _csv)] if out else []
    written += [(report, _html)] if report else []
    for target, render in written:
        write_whole(target, render(people, outcome))
    click.echo(_json(outcome, read) if as_json else _text(people, outcome))


# -- faces of an outcome ------------------------------------------------------------------------


def _json(outcome: Outcome, read: float) -> str:
    from app.matching import describe

    pairs = [
        {
            "mentee": pair.mentee,
            "mentor": pair.mentor,
            "score": pair.score,
            "reasons": [
                {"factor": c.label, "points": c.points, "text": describe(c.reason)}
                for c in pair.contributions
                if c.points > 0 or c is pair.stretch
            ],
        }
        for pair in outcome.pairs
    ]
    waiting = [
        {"mentee": someone.mentee, "why": [describe(reason) for reason in someone.why]}
        for someone in outcome.unmatched
    ]
    seconds = {"read": read, **outcome.seconds}
    answer = {
        "pairs": pairs,
        "unmatched": waiting,
        "total": outcome.total,
        "floor": outcome.floor,
        "matched_share": outcome.matched_share,
        "certified": True,
        "seconds": {phase: round(spent, 6) for phase, spent in seconds.items()},
    }
    return json.dumps(answer, ensure_ascii=False)


def _text(people: People, outcome: Outcome) -> str:
    """The outcome for a reader at a terminal."""
    from app.matching import describe

    names = people.names
    lines = [
        f"Matched {len(outcome.pairs)} of {int(outcome.metrics['mentees'])} mentees with "
        f"{int(outcome.metrics['mentors_used'])} of {int(outcome.metrics['mentors'])} mentors. "
        f"Total score {outcome.total:.4f}; proved the best possible.",
        "",
    ]
    width = max((len(names[pair.mentee]) for pair in outcome.pairs), default=0)
    for pair in outcome.pairs:
        lines.append(f"{names[pair.mentee]:<{width}}  {pair.score:.2f}  {names[pair.mentor]}")
        lines += [f"{'':<{width}}        {describe(c.reason)}" for c in pair.highlights]
    for someone in outcome.unmatched:
        lines.append(f"{names[someone.mentee]}: not matched")
        lines += [f"  {describe(reason)}" for reason in someone.why]
    return "\n".join(lines)


def _csv(people: People, outcome: Outcome) -> str:
    from app.matching import describe
    from app.matching.sheets import guarded

    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["mentee", "mentee name", "mentor", "mentor name", "score", "reasons"])
    for pair in outcome.pairs:
        reasons = "; ".join(describe(c.reason) for c in pair.highlights)
        who = [pair.mentee, people.names[pair.mentee], pair.mentor, people.names[pair.mentor]]
        cells = [*who, f"{pair.score:.4f}", reasons]
        writer.writerow([guarded(cell) for cell in cells])
    return "\ufeff" + lines.getvalue()


def _html(people: People, outcome: Outcome) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from app.matching import describe

    folder = Path(__file__).resolve().parents[2] / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template("matching/report.html")
    return template.render(outcome=outcome, names=people.names, describe=describe)


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
