"""Messages about roles and terms; they name no group, and nobody but the reader."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.ergs.models import RoleGrant, RoleRemoval
from app.ergs.rules import RoleState
from app.ergs.rules.terms import RemovalState


class AboutRole:
    """The base: about one role; the person concerned finds it by its own address."""

    name = ""
    topic = "groups"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False
    states: frozenset[RoleState] = frozenset()

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while the role is as it was when this was written."""
        grant = db.get(RoleGrant, delivery.subject_id)
        return None if grant is not None and grant.state in self.states else "changed since"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The words of the subclass; the group stands behind sign-in."""
        grant = db.get(RoleGrant, delivery.subject_id)
        if grant is None:
            return None
        is_own = grant.person_id == delivery.person_id
        subject, *lines = self.words(grant, is_own=is_own)
        link = f"/ergs/roles/{grant.id}/" if is_own else "/"
        return Message(subject, tuple(lines), link=link, link_text=_("See what it is about"))

    def words(self, grant: RoleGrant, *, is_own: bool) -> tuple[str, ...]:
        """(neutral subject, lines)."""
        raise NotImplementedError


class RoleProposed(AboutRole):
    """To whom a role is offered."""

    name = "role_proposed"
    states = frozenset({RoleState.PROPOSED})

    def words(self, grant: RoleGrant, *, is_own: bool) -> tuple[str, ...]:
        """It is a question; nothing happens without an answer."""
        return (
            _("There is a question for you"),
            _("A group asks you to take a role. You can say yes or no; nothing happens before."),
            _("Without an answer within two weeks the question lapses."),
        )


class RoleChanged(AboutRole):
    """To the person concerned and the leads: somebody answered, a role began or ended."""

    name = "role_changed"
    states = frozenset(RoleState)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while the role is in the state that this tells."""
        grant = db.get(RoleGrant, delivery.subject_id)
        is_same = grant is not None and grant.state == delivery.occasion
        return None if is_same else "changed since"

    def words(self, grant: RoleGrant, *, is_own: bool) -> tuple[str, ...]:
        """Which role, stands behind sign-in."""
        if is_own:
            return (_("One of your roles has changed"), _("Sign in to see what has changed."))
        return (
            _("The roles in a group have changed"),
            _("A role in a group that you lead was answered, began or ended."),
        )


class RoleEnds(AboutRole):
    """To the holder, and to the other leads where a lead's term ends: 30 and 7 days before."""

    name = "role_ends"
    states = frozenset({RoleState.ACTIVE})

    def words(self, grant: RoleGrant, *, is_own: bool) -> tuple[str, ...]:
        """Time to find a successor."""
        if is_own:
            return (
                _("One of your terms ends soon"),
                _("Talk with the leads about who follows, or whether you go on."),
            )
        return (
            _("A term in a group ends soon"),
            _("Propose a successor early: the two can work side by side until then."),
        )


class RoleExtended(AboutRole):
    """To the last lead and the administrators: the term went on because nobody follows."""

    name = "role_extended"
    states = frozenset({RoleState.ACTIVE})
    is_urgent = True

    def words(self, grant: RoleGrant, *, is_own: bool) -> tuple[str, ...]:
        """What happened, and what to do."""
        if is_own:
            return (
                _("Your term was extended"),
                _("You are the only lead, so your term goes on for 30 days."),
                _("Please propose a successor, or ask an administrator for help."),
            )
        return (
            _("A group needs a second lead"),
            _("The term of a group's only lead was over and was extended by 30 days."),
            _("Please help them to find a successor."),
        )


class RemovalToConfirm:
    """To the second person: somebody proposes to take a role away."""

    name = "role_removal"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is open."""
        row = db.get(RoleRemoval, delivery.subject_id)
        return None if row is not None and row.state is RemovalState.OPEN else "decided"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neither who nor where."""
        return Message(
            subject=_("A decision needs a second person"),
            lines=(_("Please read it and decide within two weeks. Until then nothing changes."),),
            link=f"/ergs/removals/{delivery.subject_id}/",
            link_text=_("Read it"),
        )


for kind in (RoleProposed(), RoleChanged(), RoleEnds(), RoleExtended(), RemovalToConfirm()):
    outbox.kinds.add(kind.name, kind)
