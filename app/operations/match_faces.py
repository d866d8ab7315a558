"""Faces of a matching: for a terminal, a spreadsheet, a program, and a steering committee."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.matching import Message, Outcome, Pair
    from app.matching.peers import PeerOutcome
    from app.matching.signup import People, Signup

PROVED = {
    "total": "proved the best possible",
    "fair": "proved step by step: most people, best worst pair, least regret",
}
BINS = 10
CONTESTED = 10  # mentors named where to recruit


def as_json(outcome: Outcome, read: float) -> str:
    """One JSON document."""
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


def as_text(people: People, outcome: Outcome, form: str) -> str:
    """The outcome for a reader at a terminal."""
    from app.matching import describe

    names = people.names
    proved = PROVED[outcome.objective] + (", for the groups opened" if form == "groups" else "")
    lines = [
        f"Matched {len(outcome.pairs)} of {int(outcome.metrics['mentees'])} mentees with "
        f"{int(outcome.metrics['mentors_used'])} of {int(outcome.metrics['mentors'])} mentors. "
        f"Total score {outcome.total:.4f}; {proved}.",
        "",
    ]
    width = max((len(names[pair.mentee]) for pair in outcome.pairs), default=0)
    for pair in outcome.pairs:
        fixed = " (fixed)" if pair.locked else ""
        lines.append(
            f"{names[pair.mentee]:<{width}}  {pair.score:.2f}  {names[pair.mentor]}{fixed}"
        )
        lines += [f"{'':<{width}}        {describe(c.reason)}" for c in pair.highlights]
    for someone in outcome.unmatched:
        lines.append(f"{names[someone.mentee]}: not matched")
        lines += [f"  {describe(reason)}" for reason in someone.why]
    return "\n".join(lines)


def as_csv(
    people: People, outcome: Outcome, notes: Sequence[Message] = (), signup: Signup | None = None
) -> str:
    """The pairs for a spreadsheet."""
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


def as_html(people: People, outcome: Outcome, notes: Sequence[Message], signup: Signup) -> str:
    """A report that stands alone, to read, print or send."""
    from app.matching import describe
    from app.matching.published import OTHERS, note, shielded

    said = [describe(message) for message in notes]
    private = note(outcome)
    return rendered(
        "matching/report.html",
        outcome=outcome,
        form=signup.format,
        sides=sides(signup),
        groups=_grouped(outcome) if signup.format == "groups" else [],
        programs=_by_program(people, outcome),
        names=people.names,
        describe=describe,
        notes=[*said, *([private] if private else [])],
        bins=histogram([pair.score for pair in outcome.pairs]),
        segments=shielded(outcome.segments),
        others=OTHERS,
        contested=contested(outcome),
    )


def peers_html(people: People, found: PeerOutcome, signup: Signup) -> str:
    """The same where there are no sides: pairs of equals, or circles."""
    from app.matching import describe
    from app.matching.scoring import Scorer
    from app.matching.seats import why_alone
    from app.matching.solver import ordered

    scorer = Scorer(ordered(people.instance))
    return rendered(
        "matching/report_peers.html",
        found=found,
        form=signup.format,
        names=people.names,
        describe=describe,
        within=within(found, signup.format) if found.bound else "",
        waiting=[(one, why_alone(scorer, one)) for one in found.alone],
        bins=histogram([circle.score for circle in found.circles]),
        people=len(people.names),
        seated=sum(len(circle.people) for circle in found.circles),
    )


def rendered(template: str, **shown: object) -> str:
    """A report from its template."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).resolve().parents[2] / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**shown)


def sides(signup: Signup) -> tuple[str, str]:
    """What the sheet calls the two sides, such as new colleague and buddy."""
    one, other = signup.mentee_words[0], signup.mentor_words[0]
    return one[:1].upper() + one[1:], other[:1].upper() + other[1:]


def _grouped(outcome: Outcome) -> list[tuple[str, list[Pair]]]:
    """The groups, each around its mentor, by the sheet's order of the first of its people."""
    groups: dict[str, list[Pair]] = {}
    for pair in outcome.pairs:
        groups.setdefault(pair.mentor, []).append(pair)
    return list(groups.items())


def _by_program(people: People, outcome: Outcome) -> list[tuple[str, int, int, float | None]]:
    """Of each program of a sheet with several: name, matched, people, and the lowest score."""
    found: dict[str, list[float | None]] = {}
    scores = {pair.mentee: pair.score for pair in outcome.pairs}
    for mentee in people.instance.mentees if people.programs else ():
        found.setdefault(people.programs[mentee.id], []).append(scores.get(mentee.id))
    return [
        (name, len(known), len(each), min(known, default=None))
        for name, each in sorted(found.items())
        for known in [[score for score in each if score is not None]]
    ]


def histogram(scores: Sequence[float]) -> list[tuple[str, int]]:
    """How many pairs score how much, in tenths."""
    counts = [0] * BINS
    for score in scores:
        counts[min(int(score * BINS + 1e-9), BINS - 1)] += 1
    return [(f"{at / BINS:.1f} to {(at + 1) / BINS:.1f}", n) for at, n in enumerate(counts)]


def contested(outcome: Outcome) -> list[tuple[str, float | None]]:
    """The mentors whose places are worth most to others; None: somebody would go without."""
    ranked = sorted(
        ((name, price) for name, price in outcome.prices.items() if price is None or price > 0.005),
        key=lambda one: (-(2.0 if one[1] is None else one[1]), one[0]),
    )
    return ranked[:CONTESTED]


# -- peers --------------------------------------------------------------------------------------


def peers_text(people: People, found: PeerOutcome, form: str) -> str:
    """Pairs and circles for a reader at a terminal."""
    from app.matching import describe

    seated = sum(len(circle.people) for circle in found.circles)
    lines = [f"Placed {seated} of {len(people.names)} people in {len(found.circles)} groups."]
    lines += [*([within(found, form)] if found.bound else []), ""]
    for circle in found.circles:
        names = ", ".join(people.names[person] for person in circle.people)
        lines.append(f"{circle.score:.2f}  {names}")
        good = [part for part in circle.contributions[:3] if part.points > 0]
        lines += [f"      {describe(part.reason)}" for part in good]
    lines += [f"{people.names[person]}: not placed" for person in found.alone]
    return "\n".join(lines)


def within(found: PeerOutcome, form: str) -> str:
    """How far the result is from the best possible at most, in a sentence."""
    from app.matching.circles import gap

    share = 100 * gap(found.reached, found.bound or 0.0)
    of = "pairs and groups of three" if form == "peers" else "circles of this size or larger"
    return f"At most {ceil(10 * share - 1e-3) / 10:.1f} % below the best possible for {of}."


def peers_json(found: PeerOutcome) -> str:
    """Pairs and circles as one JSON document; how far from the best at most, where not proved."""
    from app.matching.circles import gap

    circles = [{"people": list(c.people), "score": c.score} for c in found.circles]
    answer: dict[str, object] = {
        "circles": circles,
        "unmatched": list(found.alone),
        "total": found.total,
    }
    if found.bound is not None:
        share = gap(found.reached, found.bound)
        answer |= {"reached": found.reached, "bound": found.bound, "gap": round(share, 6)}
    return json.dumps(answer, ensure_ascii=False)


def peers_csv(people: People, found: PeerOutcome) -> str:
    """One row per person, with the number of the group."""
    from app.matching.sheets import guarded

    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["group", "person", "name", "score"])
    for number, circle in enumerate(found.circles, 1):
        for person in circle.people:
            cells = [str(number), person, people.names[person], f"{circle.score:.4f}"]
            writer.writerow([guarded(cell) for cell in cells])
    return "\ufeff" + lines.getvalue()
