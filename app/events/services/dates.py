"""One date among many: an event of its own when it is changed or canceled alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.core import clock, ids, search
from app.events.models import Event, Occurrence, Series, SeriesDate
from app.events.registry import copyings
from app.events.rules import CONCERNED, UNSEEN_EVENTS, EventState, HostState, RsvpState
from app.events.services import admission
from app.events.services.entries import put_entry, tell
from app.events.services.holding import answers


def is_repeated(db: Session, occurrence: Occurrence) -> bool:
    """Whether this date stands in a series, edited or not."""
    found = select(SeriesDate.id).where(SeriesDate.occurrence_id == occurrence.id)
    return db.scalar(found) is not None


def own_event(db: Session, occurrence: Occurrence) -> Event:
    """Give a date that is edited alone a copy of its series' event: all words, hosts and switches.

    What is hidden stays hidden, since the copy has the same hosts and audience.
    """
    template = occurrence.event
    is_template = select(Series.id).where(Series.event_id == template.id)
    others = select(Occurrence.id).where(
        Occurrence.event_id == template.id, Occurrence.id != occurrence.id
    )
    if db.scalar(is_template) is None and db.scalar(others.limit(1)) is None:
        return template
    occurrence.event = copied(db, template, f"{template.id}|{occurrence.id}")
    db.flush()
    return occurrence.event


def meant_event(db: Session, occurrence: Occurrence, *, is_for_all: bool) -> Event:
    """What an act changes: this date alone, or the template that all dates like it follow."""
    return occurrence.event if is_for_all else own_event(db, occurrence)


def keep_past(db: Session, event: Event, *, but: Occurrence | None = None) -> None:
    """What took place keeps all that it was, in one copy of the template.

    Groups that were asked to host have nothing to answer there; `but` goes on with the template.
    """
    is_template = select(Series.id).where(Series.event_id == event.id)
    past = [
        occurrence
        for occurrence in db.scalars(
            select(Occurrence).where(
                Occurrence.event_id == event.id, Occurrence.starts_at <= clock.now()
            )
        )
        if occurrence is not but
    ]
    if not past or db.scalar(is_template) is None:
        return
    made = copied(db, event, f"{event.id}|{clock.now().isoformat()}")
    for host in made.hosts:
        if host.state is HostState.ASKED:
            host.state = HostState.LEFT
    for occurrence in past:
        occurrence.event = made
    db.flush()


def copied(db: Session, event: Event, key: str) -> Event:
    """The same event once more, with everything that hangs on it.

    What nobody has approved or published for this copy itself begins as a draft.
    """
    made = Event(id=ids.new_id("event", key), **_columns(event, "id"))
    if made.state in UNSEEN_EVENTS:
        made.state = EventState.DRAFT
    for relation in inspect(Event).relationships:
        if not relation.uselist or relation.viewonly:
            continue
        owner = next(iter(relation.remote_side)).name
        rows = [_twin(row, owner) for row in getattr(event, relation.key)]
        setattr(made, relation.key, rows)
    db.add(made)
    db.flush()
    words = [part for text in made.texts for part in (text.title, text.description)]
    search.put(db, "events", made.id, *words, made.venue)
    for _name, follow in copyings:
        follow(db, event.id, made.id)
    return made


def _twin(row: Any, owner: str) -> Any:
    """A row of a child table for another event; its own id, if it has one, is drawn anew."""
    return type(row)(**_columns(row, owner, "id"))


def _columns(row: Any, *without: str) -> dict[str, Any]:
    mapper = inspect(type(row))
    return {
        attribute.key: getattr(row, attribute.key)
        for attribute in mapper.column_attrs
        if attribute.columns[0].name not in without
    }


def announce(db: Session, occurrence: Occurrence, *, is_moved: bool = True) -> None:
    """A date changed: whoever goes gets the entry as it is now, offers their new deadline.

    Free seats are handed on before anybody is told, so that all hear of the change: who goes, who
    waits and who said maybe, each in the state in which they are then.
    """
    occurrence.revision += 1
    admission.expire_offers(db, occurrence)
    for rsvp in answers(db, occurrence, RsvpState.GOING):
        put_entry(db, occurrence, rsvp)
    for rsvp in answers(db, occurrence, RsvpState.OFFERED) if is_moved else ():
        admission.offer_again(db, occurrence, rsvp)
    admission.settle(db, occurrence)
    for rsvp in answers(db, occurrence, *CONCERNED):
        tell(db, "event_moved", occurrence, rsvp)
