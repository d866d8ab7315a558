"""What the review of a run shows: pairs or groups, the chosen one, who waits, what is decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from sqlalchemy.orm import Session

from app.accounts.messages import shown_name
from app.core.database import reading
from app.core.policies import Actor, current_actor
from app.programs import queries
from app.programs.figures import sought_after
from app.programs.forms import DecisionForm
from app.programs.labels import STATES
from app.programs.models import Candidate, MatchRun
from app.programs.rules import CandidateState, form_from
from app.programs.rungs import SEGMENT_NAMES, replay_text, rungs_of
from app.programs.services.choosing import is_open
from app.programs.texts import message_text, reasons_shown, why_this, words_of
from app.programs.views.base import page_number
from app.programs.wording import proof_text


def review_of(run: MatchRun) -> dict[str, Any]:
    """Everything that the page of a finished run shows."""
    db, actor = reading(), current_actor()
    kept = queries.enrollment_form(db, run.cohort)
    words = words_of(kept.fields if kept else [])
    decisions = queries.decisions_of(db, run.cohort_id)
    listed = _listed(db, actor, run)
    chosen = _chosen(run, listed["rows"])
    prices = run.prices if listed["form_kind"] == "pairs" else {}
    all_scarce = bool(prices) and all(price is None for price in prices.values())
    sought = [] if all_scarce else sought_after(prices)
    shown = [*listed["rows"], *([chosen] if chosen else [])]
    wanted = _ids(shown, run, decisions) | set(dict(sought))
    people, own = queries.names_in(db, actor, run.id, wanted)
    hidden = own | {one for one in people if people[one].id == actor.person_id}
    return {
        **_figures(run),
        **listed,
        **_pair(chosen, words),
        "people": people,
        "decisions": decisions,
        "sought": [(one, price) for one, price in sought if one not in hidden],
        "all_scarce": all_scarce,
        "problem": _problem(db, run, words) if run.problem else "",
        "waiting": [
            (UUID(one["mentee"]), [message_text(why, words) for why in one["why"]])
            for one in run.unmatched
        ],
    }


def _figures(run: MatchRun) -> dict[str, Any]:
    """How good the result is, and what may be done with it."""
    kind = form_from(run.rules).kind
    return {
        "run": run,
        "rungs": rungs_of(run.metrics),
        "segment_names": SEGMENT_NAMES,
        "may_ask": run.choice_until is None and run.metrics.get("lists"),
        "is_choosing": is_open(run),
        "replayed": replay_text(run.replay),
        "proof": proof_text(kind, run.metrics),
        "advice": message_text(run.metrics["advice"], {}) if "advice" in run.metrics else "",
    }


def _listed(db: Session, actor: Actor, run: MatchRun) -> dict[str, Any]:
    """The page of pairs or groups that was asked for."""
    asked, kind = flask.request.args, form_from(run.rules).kind
    q, shown = asked.get("q", "")[:200], asked.get("show", "")
    state = CandidateState(shown) if shown in list(CandidateState) else None
    wanted = {"q": q, "state": state}
    told = {**wanted, "form_kind": kind, "states": STATES[CandidateState]}
    if kind == "pairs":
        found = queries.candidates_page(db, actor, run.id, page_number(), **wanted)
        return {**told, "found": found, "rows": found.rows, "groups": []}
    found, rows = queries.group_page(db, actor, run.id, page_number(), **wanted)
    groups = [(no, [row for row in rows if row.group_no == no]) for no in found.rows]
    return {**told, "found": found, "rows": rows, "groups": groups}


def _pair(chosen: Candidate | None, words: dict[str, str]) -> dict[str, Any]:
    """The pair beside the list, with its reasons."""
    return {
        "chosen": chosen,
        "form": DecisionForm(),
        "why": why_this(chosen.reasons, words) if chosen else ([], None),
        "reasons": reasons_shown(chosen.reasons, words) if chosen else [],
    }


def _problem(db: Session, run: MatchRun, words: dict[str, str]) -> str:
    """Why a run found nothing, with the names of mentors instead of ids."""
    told = dict(run.problem["params"])
    short = [one for one in str(told.get("ids", "")).strip(".").split(", ") if len(one) == 36]
    people = queries.names_of(db, map(UUID, short))
    for one in people:
        told["ids"] = told["ids"].replace(str(one), shown_name(people[one]))
    return message_text({**run.problem, "params": told}, words)


def _ids(rows: list[Candidate], run: MatchRun, decisions: list[Any]) -> set[UUID]:
    shown = {i for row in [*rows, *decisions] for i in (row.mentee_id, row.mentor_id)}
    return shown | {UUID(one["mentee"]) for one in run.unmatched}


def _chosen(run: MatchRun, rows: list[Candidate]) -> Candidate | None:
    """The pair asked for, be it on another page of the list; else the first."""
    wanted = flask.request.args.get("pair", type=UUID)
    if wanted and (found := next((row for row in rows if row.id == wanted), None)):
        return found
    elsewhere = queries.candidate_for(reading(), current_actor(), run.id, wanted)
    return elsewhere or (rows[0] if rows else None)
