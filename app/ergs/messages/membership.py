"""What groups write to people; subjects are neutral and name no group."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.ergs import queries
from app.ergs.models import Erg, Membership
from app.ergs.queries.membership_late import SECOND_NOTICE, late_requests
from app.ergs.rules import MembershipState


class RequestToDecide:
    """To the leads: somebody asks to join. Says neither who nor where."""

    name = "erg_request"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while the request is open and the reader still leads."""
        row = db.get(Membership, delivery.subject_id)
        if row is None or row.state is not MembershipState.REQUESTED:
            return "decided"
        return None if queries.leads(db, delivery.person_id, row.erg_id) else "not a lead"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A neutral line; the group and the person stand behind sign-in."""
        return Message(
            subject=_("A request is waiting for you"),
            lines=(
                _("Somebody would like to join a group that you lead."),
                _("Please answer within a few days, so that nobody is left wondering."),
            ),
            link="/",
            link_text=_("See the request"),
        )


class RequestDecided:
    """To the person who asked: there is an answer."""

    name = "erg_decision"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only when the row still says what was decided."""
        row = db.get(Membership, delivery.subject_id)
        decided = (MembershipState.ACTIVE, MembershipState.DECLINED)
        return None if row is not None and row.state in decided else "changed since"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The answer itself stands on the group's page."""
        return Message(
            subject=_("There is an answer to your request"),
            lines=(_("Your request was answered. Sign in to read it."),),
            link="/ergs/?mine=1",
            link_text=_("See your groups"),
        )


class RequestLate:
    """To all leads: a request has waited longer than five working days."""

    name = "erg_request_late"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while the request is open and the reader still leads."""
        return RequestToDecide().wanted(db, delivery)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A neutral line; the group and the person stand behind sign-in."""
        return Message(
            subject=_("Somebody is still waiting for an answer"),
            lines=(
                _("A request in a group that you lead has waited for more than five working days."),
                _("Please answer it today. After a while, the administrators hear how many wait."),
            ),
            link="/",
            link_text=_("See the request"),
        )


class RequestsWaiting:
    """To the administrators: how many requests wait far too long; neither who nor where."""

    name = "erg_requests_waiting"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while any wait."""
        return None if late_requests(db, SECOND_NOTICE) else "answered"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A number, nothing else."""
        number = len(late_requests(db, SECOND_NOTICE))
        return Message(
            subject=_("Requests to join are waiting"),
            lines=(
                ngettext(
                    "%(num)s request to join a group has waited for more than ten working days.",
                    "%(num)s requests to join groups have waited for more than ten working days.",
                    number,
                ),
                _("Please remind the leads of your groups to answer."),
            ),
            link="/ergs/",
            link_text=_("See all groups"),
        )


class GroupWithoutLead:
    """To the organization's administrators: a group lost its last lead."""

    name = "erg_without_lead"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = True

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while nobody leads."""
        return "has a lead" if queries.leads_of(db, delivery.subject_id) else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The group's name stands behind sign-in."""
        erg = db.get(Erg, delivery.subject_id)
        if erg is None:
            return None
        return Message(
            subject=_("A group needs a new lead"),
            lines=(_("The last lead of a group has left the company. Please find a new one."),),
            link=f"/ergs/{erg.slug}/manage/roles/" if not erg.is_discreet else "/",
            link_text=_("See the group"),
        )


for kind in (
    RequestToDecide(),
    RequestDecided(),
    RequestLate(),
    RequestsWaiting(),
    GroupWithoutLead(),
):
    outbox.kinds.add(kind.name, kind)
