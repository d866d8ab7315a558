"""What a group approves about events."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.approvals.registry import Fact, Item, kinds
from app.core.locale import current_language, datetime_text, format_duration, format_list
from app.ergs.rules import pick_text
from app.events.forms import AUDIENCES, KINDS, MODES
from app.events.models import Event, Occurrence
from app.events.rules import Cost, Crowd, EventState, Speaker, crowd_of
from app.events.services.approving import APPROVAL_KIND, decided

CROWDS = {
    Crowd.SMALL: _l("Up to 25 seats"),
    Crowd.MEDIUM: _l("26 to 100 seats"),
    Crowd.LARGE: _l("More than 100 seats"),
    Crowd.UNLIMITED: _l("Room for everyone"),
}
SPEAKERS = {
    Speaker.OWN: _l("Only people of the company speak"),
    Speaker.EXTERNAL: _l("Somebody from outside speaks"),
}
COSTS = {Cost.NONE: _l("No money was asked for"), Cost.ASKED: _l("Money was asked for")}


class EventItem:
    """An event on its way through approval."""

    label = _l("Events")
    facts = (
        Fact("kind", _l("Kind"), {kind.value: label for kind, label in KINDS.items()}),
        Fact("audience", _l("Audience"), {key.value: label for key, label in AUDIENCES.items()}),
        Fact("seats", _l("Seats"), {key.value: label for key, label in CROWDS.items()}),
        Fact("speaker", _l("Speakers"), {key.value: label for key, label in SPEAKERS.items()}),
        Fact("cost", _l("Money"), {key.value: label for key, label in COSTS.items()}),
    )

    def describe(self, db: Session, subject_ids: Collection[UUID]) -> dict[UUID, Item]:
        """Events with their first date in the reader's language, in one statement."""
        rows = db.scalars(
            select(Occurrence)
            .where(Occurrence.event_id.in_(subject_ids))
            .order_by(Occurrence.starts_at.desc(), Occurrence.id)
            .options(joinedload(Occurrence.event).joinedload(Event.texts))
        ).unique()
        return {row.event_id: _item(row) for row in rows}

    def on_approved(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """It may be published now."""
        decided(db, actor_id, subject_id, EventState.APPROVED)

    def on_changes(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """Its organizers change it and ask again."""
        decided(db, actor_id, subject_id, EventState.CHANGES_REQUESTED)

    def on_rejected(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """It goes back as well: canceled is final, and a no to a plan need not be."""
        decided(db, actor_id, subject_id, EventState.CHANGES_REQUESTED)

    def on_undone(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """It waits again; refused once it was published."""
        decided(db, actor_id, subject_id, EventState.SUBMITTED)


def _item(occurrence: Occurrence) -> Item:
    event = occurrence.event
    text = pick_text(event.texts, current_language().tag)
    crowd = crowd_of(occurrence.seats_in_person, occurrence.seats_online)
    speaker = Speaker.EXTERNAL if event.has_external_speaker else Speaker.OWN
    return Item(
        title=text.title if text else "",
        body=text.description if text else "",
        locale=text.locale if text else None,
        url=url_for("events.show", occurrence_id=occurrence.id),
        when=datetime_text(occurrence.starts_at, occurrence.zone),
        facts={
            "length": format_duration(occurrence.minutes),
            "place": event.venue or format_list(str(MODES[m]) for m in occurrence.modes),
            "kind": str(KINDS[event.kind]),
            "audience": str(AUDIENCES[event.audience]),
            "seats": str(CROWDS[crowd]),
            "speaker": str(SPEAKERS[speaker]),
        },
    )


kinds.add(APPROVAL_KIND, EventItem())
