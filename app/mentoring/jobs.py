"""Sweeps of mentoring; each may run at any time and twice."""

from __future__ import annotations

import time

from app.core.database import database, reading, writing
from app.core.jobs import sweep
from app.mentoring.queries import facts
from app.mentoring.services import (
    guides,
    messages,
    notes,
    nudging,
    pausing,
    proposing,
    sessions,
    silence,
    sponsoring,
    terms,
    trial,
    watching,
)
from app.mentoring.services.caring import CARE_FOR_GROUPS

AT_ONCE = 10  # relationships or people of one transaction of the watch
# One at a time writes to SQLite, and whoever waits for it looks ten times a second: after a
# transaction that took long the others get so much time to come first (seconds).
LONG, TURN = 0.05, 0.1


@sweep("pass_sessions", every=60)
def pass_sessions() -> None:
    """Sessions whose time has passed wait for an answer; questions and proposals end in time."""
    with writing() as db:
        sessions.mark_due(db)
        sessions.give_up_asking(db)
        proposing.expire_proposals(db)


@sweep("watch_risks", every=3600)
def watch_risks() -> None:
    """Flags open and end, members are nudged before, and who was silent for long is told the end.

    Everything is read before the transactions begin, and each is about few: no step waits for a
    relationship while it holds what hangs on another, and whoever else writes gets a turn between.
    """
    seen = facts.watched(reading())
    for concerned, step in (
        (watching.concerned, watching.follow),
        (nudging.concerned, nudging.nudge),
        (silence.concerned, silence.give_notice),
    ):
        whom = concerned(reading(), seen)
        for start in range(0, len(whom), AT_ONCE):
            began = time.monotonic()
            with writing() as db:
                step(db, seen, whom[start : start + AT_ONCE])
            if database().is_sqlite and time.monotonic() - began > LONG:
                time.sleep(TURN)


@sweep("settle_trials", every=60)
def settle_trials() -> None:
    """People who met are asked whether they go on; trials whose instant has come are settled."""
    with writing() as db:
        trial.ask_where_met(db)
        trial.settle(db)


@sweep("look_after_groups", every=300)
def look_after_groups() -> None:
    """Votes close, too few are told in time, free seats are offered, old words go.

    One that fails neither takes back nor holds up the others.
    """
    failed: list[Exception] = []
    for care in CARE_FOR_GROUPS:
        try:
            with writing() as db:
                care(db)
        except Exception as error:
            failed.append(error)
    if failed:
        raise failed[0]  # as it is: the log tells its place


@sweep("pass_terms", every=3600)
def pass_terms() -> None:
    """Pauses end, people are asked for another term, terms and look backs end on their day."""
    with writing() as db:
        pausing.resume_due(db)
        terms.set_ends(db)
        terms.ask_renewals(db)
        terms.ask_in_closing(db)
        terms.end_terms(db)
        terms.finish_looking_back(db)
        terms.conclude_counted(db)
        terms.close_idle(db)
        terms.close_with_cohorts(db)


@sweep("install_newer_guides", every=3600)
def install_newer_guides() -> None:
    """A release may bring newer guides; running pairs keep theirs until they take one."""
    with writing() as db:
        guides.install_newer(db)


@sweep("wipe_deleted_messages", every=600)
def wipe_deleted_messages() -> None:
    """Words that were taken back leave the database when they cannot come back any more."""
    with writing() as db:
        messages.wipe_deleted(db)


@sweep("purge_notes", every=3600)
def purge_notes() -> None:
    """Notes that were deleted thirty days ago are gone, with all their versions."""
    with writing() as db:
        notes.purge(db)


@sweep("ask_for_sponsorship", every=3600)
def ask_for_sponsorship() -> None:
    """Pairs are asked in the middle of a term and at its renewal; what was said is not kept."""
    with writing() as db:
        sponsoring.ask(db)
        sponsoring.forget_unanswered(db)
        sponsoring.wipe_removed(db)
