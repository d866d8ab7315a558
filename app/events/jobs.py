"""The sweep that hands on seats when nobody acts."""

from __future__ import annotations

from app.core.database import reading, writing
from app.core.jobs import sweep
from app.events import calendar_jobs as _calendars  # noqa: F401 - its sweeps
from app.events import services
from app.events.services import replies, series, subscriptions


@sweep("seats", every=300)
def hand_on_seats() -> None:
    """End offers that ran out and serve who waits, one date at a time.

    What people told who stepped back some minutes ago is deleted.
    """
    for occurrence_id in services.to_sweep(reading()):
        with writing() as db:
            services.sweep_due(db, occurrence_id)
    with writing() as db:
        services.forget_leavers(db)


@sweep("event_answers", every=3600)
def forget_answers() -> None:
    """A month after the end: names of guests and answers to questions are deleted.

    So are, after a year, the marks of mails from calendars.
    """
    for occurrence_id in services.to_forget(reading()):
        with writing() as db:
            services.forget(db, occurrence_id=occurrence_id)
    with writing() as db:
        replies.forget_replies(db)


@sweep("series_dates", every=3600)
def make_dates() -> None:
    """Make the dates of series that are due, then answer them for whoever comes to every one."""
    for series_id in series.to_extend(reading()):
        with writing() as db:
            series.extend(db, series_id)
    for series_id, person_id in subscriptions.to_answer(reading()):
        with writing() as db:
            subscriptions.answer_dates(db, series_id, person_id)


@sweep("events_over", every=900)
def complete_events() -> None:
    """What ended a day ago is over, one event at a time."""
    for event_id in services.over(reading()):
        with writing() as db:
            services.complete(db, event_id)
