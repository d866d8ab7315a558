"""What all pages of elections share."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core import clock
from app.core.database import reading
from app.core.locale import current_language, date_text
from app.core.policies import current_actor
from app.elections import forms, queries
from app.elections.models import Election
from app.elections.rules import (
    MIN_SHOWN,
    ElectionState,
    Result,
    Round,
    commitment,
    lot_order,
)
from app.ergs.forms import ROLES, chapter_names
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.rules import Viewer, alias, pick_text

bp = flask.Blueprint("elections", __name__, url_prefix="/ergs")
_ORDER = list(ElectionState)


@bp.app_template_filter("votes")
def votes(value: Fraction) -> float:
    """A number of votes for reading; counting is exact."""
    return float(round(value, 2))


def title_of(election: Election) -> str:
    """What is elected, in the reader's language."""
    role = ROLES[election.role]
    if election.chapter is None:
        return _("Election: %(role)s", role=role)
    names = election.chapter.names
    chapter = names.get(current_language().tag) or names["en"]
    return _("Election: %(role)s, %(chapter)s", role=role, chapter=chapter)


def head(erg: Erg) -> dict[str, Any]:
    """What every page of a group shows above."""
    return {
        "erg": erg,
        "text": pick_text(erg.texts, current_language().tag),
        "title_of": title_of,
        "states": forms.STATES,
        "tones": forms.TONES,
        "roles": ROLES,
        "chapters": chapter_names(erg, current_language().tag),
    }


def viewer_of(erg_id: UUID) -> Viewer:
    return standing(reading(), current_actor()).viewer(erg_id)


def steps_of(election: Election) -> list[tuple[str, str, str]]:
    """(title, when, done | now | next) of the way to a result."""
    at = _ORDER.index(election.state)
    rows = [
        (_("Nominations"), _from_to(election.nominating_on, election.voting_on), 1),
        (_("Secret vote"), _from_to(election.voting_on, election.ends_on), 2),
        (_("Count"), "", 3),
        (_("Certified result"), "", 4),
    ]
    if election.state is ElectionState.VOID:
        return [(title, when, "next") for title, when, _place in rows]
    return [(title, when, _phase(place, at)) for title, when, place in rows]


def _phase(place: int, at: int) -> str:
    is_over = place < at or at == _ORDER.index(ElectionState.CERTIFIED)
    return "done" if is_over else "now" if place == at else "next"


def _from_to(start: Any, end: Any) -> str:
    return _("%(start)s to %(end)s", start=date_text(start), end=date_text(end))


def facts_of(election: Election) -> list[tuple[str, str]]:
    """What members may rely on."""
    return [
        (_("People to elect"), str(election.seats)),
        (_("Term"), _from_to(election.term_starts_on, election.term_ends_on)),
        (_("Time zone of the days"), election.zone),
        (_("If candidates are level"), str(forms.TIE_RULES[election.tie_rule])),
    ]


def shown(election: Election, **more: Any) -> dict[str, Any]:
    """All inputs of an election's page."""
    db, actor = reading(), current_actor()
    outcome = None
    if election.state in (ElectionState.COUNTED, ElectionState.CERTIFIED):
        outcome = queries.outcome(db, election)
    voted = None
    if election.state is ElectionState.VOTING:
        voted = queries.has_voted(db, election.id, actor.person_id)
    return {
        **head(election.erg),
        "election": election,
        "steps": steps_of(election),
        "facts": facts_of(election),
        "tie_words": forms.TIE_RULE_HINTS[election.tie_rule],
        "lot_code": commitment(election.lot_seed),
        "has_voted": voted,
        "is_over": election.closes_at <= clock.now(),
        "own": queries.own_candidacy(election, actor.person_id),
        **(result_of(election, outcome) if outcome else {"outcome": None}),
        **more,
    }


def result_of(election: Election, outcome: queries.Outcome) -> dict[str, Any]:
    """A count for reading; with few ballots the numbers stay closed."""
    names = {
        c.number: c.shown_as or _("Somebody who has left")
        for c in election.candidates
        if c.number is not None
    }
    result = outcome.result
    found = queries.witnesses(reading(), election, viewer_of(election.erg_id))
    me = current_actor().person_id
    return {
        "outcome": outcome,
        "names": names,
        "elected": [names[number] for number in result.elected],
        "rounds": [_read(one, names) for one in result.rounds],
        "columns": [_("Round %(number)s", number=n + 1) for n in range(len(result.rounds))],
        "shows_numbers": outcome.ballots >= MIN_SHOWN,
        "bars": _bars(result, names),
        "lot_seed": election.lot_seed,
        "lot": [names[number] for number in lot_order(election.lot_seed, names)],
        "witnesses": [
            (w.name or _("Person %(alias)s", alias=alias(w.membership_id)), w.signed_at)
            for w in found
            if w.name or w.membership_id
        ],
        "has_signed": any(w.person_id == me for w in found),
    }


def _bars(result: Result, names: dict[int, str]) -> list[tuple[str, float, str]]:
    if not result.rounds:
        return []
    first = result.rounds[0].tallies
    ordered = sorted(first, key=lambda number: (-first[number], number))
    return [(names[n], float(first[n]), str(int(first[n]))) for n in ordered]


def _read(one: Round, names: dict[int, str]) -> dict[str, Any]:
    return {"round": one, "words": [*_outcomes(one, names), *_ties(one, names)]}


def _outcomes(one: Round, names: dict[int, str]) -> list[str]:
    found = [_("%(name)s is elected.", name=names[n]) for n in one.elected]
    if one.surplus_of is not None:
        name = names[one.surplus_of]
        found.append(_("The votes of %(name)s above the quota go on.", name=name))
    if one.excluded is not None:
        found.append(_("%(name)s drops out.", name=names[one.excluded]))
    return found


def _ties(one: Round, names: dict[int, str]) -> list[str]:
    if one.tie is None:
        return []
    level = ngettext("%(num)s candidate", "%(num)s candidates were level", len(one.tie.level))
    by = _("earlier rounds decided") if one.tie.by == "earlier_rounds" else _("the lot decided")
    return [_("%(level)s; %(by)s: %(name)s.", level=level, by=by, name=names[one.tie.chosen])]
