"""Mails to people outside: the invitation, the end of an account; and what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core import clock, outbox
from app.core.locale import date_text, datetime_text
from app.core.outbox import Delivery, Message, Recipient
from app.programs.models import OutsideAccount, OutsideInvitation
from app.programs.outside import links
from app.programs.rules.outside import InvitationState
from app.programs.services.outside.accounts import ENDING
from app.programs.services.outside.inviting import ANSWERED, KIND


def invited(db: Session, people: Iterable[UUID]) -> dict[UUID, outbox.Recipient]:
    """Whoever is invited has no account yet: the mail goes to the invitation's own address."""
    rows = db.scalars(select(OutsideInvitation).where(OutsideInvitation.id.in_(list(people))))
    return {
        row.id: Recipient(
            person_id=row.id, name=row.name, email=row.email, locale=row.locale, zone="UTC"
        )
        for row in rows.unique()
    }


class OutsideInvited:
    """The invitation, and once more three days before its last day."""

    name = KIND
    topic = "account"
    channels = ("mail",)
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped once it was answered, taken back or sent anew."""
        row = db.get(OutsideInvitation, delivery.subject_id)
        if row is None or row.state is not InvitationState.INVITED:
            return "answered"
        return None if row.round == delivery.revision else "sent anew"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Who asks, until when, and that nothing happens by opening the link; no program."""
        row = db.scalar(
            select(OutsideInvitation)
            .where(OutsideInvitation.id == delivery.subject_id)
            .options(joinedload(OutsideInvitation.inviter))
        )
        if row is None:
            return None
        who = row.inviter.name if row.inviter and row.inviter.name else _("An organizer")
        is_new = delivery.occasion == ""
        return Message(
            subject=_("Would you like to be a mentor?")
            if is_new
            else _("An invitation waits for your answer"),
            lines=(
                _("%(name)s invites you to be a mentor.", name=who),
                _("The page says what it is about, what you would see, and who sees what of you."),
                _("Please answer by %(when)s.", when=datetime_text(row.expires_at)),
                _("You need no account to look at it, and opening the page decides nothing."),
            ),
            link=f"/outside/invitation/{links.token(row.id)}",
            link_text=_("Look at the invitation"),
        )


class OutsideAnswered:
    """What became of an invitation, for whoever sent it."""

    name = ANSWERED
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the answer was changed meanwhile: another message tells that one."""
        row = db.get(OutsideInvitation, delivery.subject_id)
        return None if row and row.state.value == delivery.occasion else "changed"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neutral: the mail names neither the guest nor the program."""
        row = db.get(OutsideInvitation, delivery.subject_id)
        if row is None:
            return None
        lines = {
            InvitationState.ACCEPTED: _("Somebody whom you invited from outside has said yes."),
            InvitationState.DECLINED: _("Somebody whom you invited from outside has said no."),
            InvitationState.EXPIRED: _(
                "An invitation to somebody outside has run out. You can send it again."
            ),
        }
        return Message(
            subject=_("About an invitation that you sent"),
            lines=(lines.get(row.state, _("An invitation that you sent has changed.")),),
            link=f"/outside/cohorts/{row.cohort_id}/",
            link_text=_("See your invitations"),
        )


class OutsideEnding:
    """A guest's account ends in two weeks, because nothing is left to do with it."""

    name = ENDING
    topic = "account"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the guest has something to do again."""
        row = db.get(OutsideAccount, delivery.subject_id)
        is_ending = row is not None and row.closes_at is not None and row.closed_at is None
        return None if is_ending else "kept"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """When, why, and what to save before."""
        row = db.get(OutsideAccount, delivery.subject_id)
        if row is None or row.closes_at is None or row.closes_at <= clock.now():
            return None
        return Message(
            subject=_("Your guest account ends soon"),
            lines=(
                _("Everything you took part in here is over. Thank you for your time."),
                _(
                    "Your account ends on %(day)s. Until then you can look at your notes.",
                    day=date_text(row.closes_at),
                ),
                _("There is nothing to do; a new invitation opens it again."),
            ),
            link="/settings/",
            link_text=_("See your account"),
        )


for _kind in (OutsideInvited, OutsideAnswered, OutsideEnding):
    outbox.kinds.add(_kind.name, _kind())
outbox.resolvers.add("outside", invited)
