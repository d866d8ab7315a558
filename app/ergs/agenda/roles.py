"""What belonging, roles and sponsors add to home, to a group's tabs, and to the leads' desk."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock, hints
from app.core.locale import current_language, date_text
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints
from app.ergs import queries
from app.ergs.forms import ROLES
from app.ergs.forms.sponsor import KEPT, KINDS
from app.ergs.models import Erg, Membership, RoleGrant, SponsorCommitment
from app.ergs.queries import invitations, relay, sponsor, terms
from app.ergs.queries.memberships import open_requests
from app.ergs.registry import DeskAct, DeskItem, DeskLink, Place, desk, places, successions
from app.ergs.rules import LEADING, ROLE_TRANSITIONS, RoleState, alias, pick_text
from app.ergs.rules.sponsor import CommitmentState
from app.ergs.rules.terms import answer_due, is_near

SOON = timedelta(days=7)


def name_of(erg: Erg) -> str:
    """The group's name in the reader's language."""
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


# home


def my_invitations(db: Session, actor: Actor) -> list[AgendaItem]:
    """What the reader is invited to."""
    if actor.is_external or not queries.standing(db, actor).asked:
        return []
    return [
        AgendaItem(
            section="answer",
            when=found.row.answer_by,
            title=name_of(found.erg),
            text=_("You are invited to this group."),
            url=url_for("ergs.invitation", invitation_id=found.row.id),
            icon="mail",
        )
        for found in invitations.waiting_invitations(db, actor.person_id)
    ]


def my_roles(db: Session, actor: Actor) -> list[AgendaItem]:
    """Roles that wait for the reader's answer, and own terms that end soon."""
    mine = queries.standing(db, actor)
    if actor.is_external or not (mine.asked or mine.roles or mine.chapter_roles):
        return []
    today = clock.now().date()
    open_ones = terms.own_open_roles(db, actor.person_id)
    grants = [asked.grant for asked in open_ones]
    return [
        _role(asked, today)
        for asked in open_ones
        if asked.grant.state is RoleState.PROPOSED or _ends_soon(asked.grant, grants, today)
    ]


def _ends_soon(grant: RoleGrant, others: list[RoleGrant], today: date) -> bool:
    is_active = grant.state is RoleState.ACTIVE
    return is_active and is_near(grant.ends_on, today) and not terms.is_renewed(grant, others)


def _role(asked: terms.RoleAsked, today: date) -> AgendaItem:
    grant = asked.grant
    is_question = grant.state is RoleState.PROPOSED
    day = (grant.answer_by if is_question else grant.ends_on) or today
    role = ROLES[grant.role]
    return AgendaItem(
        section="answer" if is_question else "next",
        when=clock.end_of_day(day),
        day=day,
        title=name_of(asked.erg),
        text=_("You are asked to take a role: %(role)s", role=role)
        if is_question
        else _("Your term ends: %(role)s", role=role),
        url=url_for("ergs.own_role", grant_id=grant.id),
        icon="flag",
    )


def to_confirm(db: Session, actor: Actor) -> list[AgendaItem]:
    """To administrators: groups without a lead, and removals that only they can confirm."""
    if not actor.has("org_admin"):
        return []
    lost = [
        AgendaItem(
            section="answer",
            when=clock.now(),
            title=name_of(erg),
            text=_("This group has no lead. Please propose somebody."),
            url=url_for("ergs.roles", slug=erg.slug),
            icon="triangle-alert",
        )
        for erg in terms.without_lead(db)
    ]
    led = queries.standing(db, actor).led
    return lost + [
        AgendaItem(
            section="answer",
            when=clock.end_of_day(found.row.expires_on),
            day=found.row.expires_on,
            title=name_of(found.erg),
            text=_("A decision needs a second person."),
            url=url_for("ergs.removal", removal_id=found.row.id),
            icon="scale",
        )
        for found in terms.removals_to_confirm(db, actor)
        if found.erg.id not in led
    ]


def my_commitments(db: Session, actor: Actor) -> list[AgendaItem]:
    """What a sponsor promised and is due soon."""
    if not any("sponsor" in roles for roles in queries.standing(db, actor).roles.values()):
        return []
    rows = sponsor.due_commitments(db, actor.person_id, clock.now().date() + SOON)
    groups = _groups(db, {row.erg_id for row in rows})
    return [
        AgendaItem(
            section="answer",
            when=clock.end_of_day(row.due_on),
            day=row.due_on,
            title=name_of(groups[row.erg_id]),
            text=_("You promised something. Did you keep it?"),
            url=url_for("ergs.sponsor", slug=groups[row.erg_id].slug),
            icon="handshake",
        )
        for row in rows
    ]


# the leads' desk


def requests(db: Session, actor: Actor) -> list[DeskItem]:
    """Who asks to join a group that the reader leads; the confidential under an alias."""
    led = queries.standing(db, actor).led
    if not led:
        return []
    rows = [r for r in open_requests(db, led) if r[0].person_id != actor.person_id]
    groups = _groups(db, {row.erg_id for row, _name in rows})
    return [_request(groups[row.erg_id], row, name) for row, name in rows]


def _request(erg: Erg, row: Membership, name: str | None) -> DeskItem:
    where, last = {"slug": erg.slug, "request_id": row.id}, answer_due(row.asked_at)
    return DeskItem(
        id=str(row.id),
        topic="requests",
        erg_id=erg.id,
        group=name_of(erg),
        title=name or _("Person %(alias)s", alias=alias(row.id)),
        text=_("Asks to join"),
        since=row.asked_at,
        due=clock.end_of_day(last),
        day=last,
        url=url_for("ergs.manage", slug=erg.slug),
        icon="user-plus",
        acts=(DeskAct(_("Approve"), url_for("ergs.approve", **where), "primary", "check"),),
    )


def ending(db: Session, actor: Actor) -> list[DeskItem]:
    """Invitations and terms that end soon in the groups that the reader leads."""
    led = queries.standing(db, actor).led
    if not led:
        return []
    asked = invitations.ending_invitations(db, led, clock.now() + timedelta(days=3))
    over = terms.ending_terms(db, led, clock.now().date())
    groups = _groups(db, {row.erg_id for row, _n in asked} | {row.erg_id for row, _n in over})
    items = [
        DeskItem(
            id=f"invitation-{row.id}",
            topic="requests",
            erg_id=row.erg_id,
            group=name_of(groups[row.erg_id]),
            title=name,
            text=_("The invitation ends"),
            since=row.invited_at,
            due=row.answer_by,
            url=url_for("ergs.invited", slug=groups[row.erg_id].slug),
            icon="mail",
        )
        for row, name in asked
    ]
    return items + [_term(groups[row.erg_id], row, name, actor) for row, name in over]


def _term(erg: Erg, row: RoleGrant, name: str, actor: Actor) -> DeskItem:
    """A term that ends: the holder is asked again, or somebody else, or the members choose."""
    renew = DeskAct(
        _("Ask for another year"),
        url_for("ergs.renew_role", slug=erg.slug, grant_id=row.id),
        icon="repeat",
    )
    successor = DeskLink(
        _("Name a successor"), url_for("ergs.new_role", slug=erg.slug, after=row.id)
    )
    ways = [way(erg) for _name, way in successions] if row.role in LEADING else []
    return DeskItem(
        id=f"term-{row.id}",
        topic="terms",
        erg_id=erg.id,
        group=name_of(erg),
        title=name,
        text=_("The term ends: %(role)s", role=ROLES[row.role]),
        since=clock.now(),
        due=clock.end_of_day(row.ends_on) if row.ends_on else None,
        day=row.ends_on,
        url=url_for("ergs.roles", slug=erg.slug),
        icon="flag",
        acts=() if row.person_id == actor.person_id else (renew,),
        links=(successor, *ways),
    )


def removals(db: Session, actor: Actor) -> list[DeskItem]:
    """Removals that wait for the reader as the second person."""
    return [
        DeskItem(
            id=f"removal-{found.row.id}",
            topic="terms",
            erg_id=found.erg.id,
            group=name_of(found.erg),
            title=found.name or _("Person %(alias)s", alias=alias(found.grant.id)),
            text=_("It is proposed that this role ends: %(role)s", role=ROLES[found.grant.role]),
            since=found.row.proposed_at,
            due=clock.end_of_day(found.row.expires_on),
            day=found.row.expires_on,
            url=url_for("ergs.removal", removal_id=found.row.id),
            icon="scale",
        )
        for found in terms.removals_to_confirm(db, actor)
    ]


def commitments(db: Session, actor: Actor) -> list[DeskItem]:
    """What sponsors say they kept or not, for a lead to confirm; a sponsor's own that is due."""
    mine = queries.standing(db, actor)
    said = [r for r in sponsor.to_confirm(db, mine.led) if r[0].person_id != actor.person_id]
    own = sponsor.due_commitments(db, actor.person_id, clock.now().date() + SOON)
    rows = [row for row, _name in said] + own
    groups = _groups(db, {row.erg_id for row in rows})
    return [_commitment(groups[row.erg_id], row, name) for row, name in said] + [
        _commitment(groups[row.erg_id], row, None) for row in own
    ]


def _commitment(erg: Erg, row: SponsorCommitment, name: str | None) -> DeskItem:
    where = {"slug": erg.slug, "commitment_id": row.id}
    confirm = DeskAct(_("Confirm"), url_for("ergs.confirm", **where), "primary", "check")
    return DeskItem(
        id=f"commitment-{row.id}",
        topic="terms",
        erg_id=erg.id,
        group=name_of(erg),
        title=name or row.text or str(KINDS[row.kind]),
        text=_("Says about a promise: %(state)s", state=KEPT[row.state])
        if name
        else _("You promised it until %(day)s", day=date_text(row.due_on)),
        since=row.marked_at or row.made_at,
        due=None if name else clock.end_of_day(row.due_on),
        day=None if name else row.due_on,
        url=url_for("ergs.sponsor", slug=erg.slug),
        icon="handshake",
        acts=(confirm,) if name else (),
    )


def written(db: Session, actor: Actor) -> list[DeskItem]:
    """Messages of members that no lead has answered."""
    led = queries.standing(db, actor).led
    if not led:
        return []
    rows = relay.awaiting_leads(db, led, actor.person_id)
    groups = _groups(db, {thread.erg_id for thread, _name in rows})
    return [
        DeskItem(
            id=f"relay-{thread.id}",
            topic="requests",
            erg_id=thread.erg_id,
            group=name_of(groups[thread.erg_id]),
            title=relay.name_in(thread, None if thread.is_alias else name),
            text=_("Wrote to the leads"),
            since=thread.changed_at,
            url=url_for("ergs.talk", thread_id=thread.id),
            icon="messages-square",
            acts=(DeskAct(_("No answer needed"), url_for("ergs.lay_aside", thread_id=thread.id)),),
        )
        for thread, name in rows
    ]


def _groups(db: Session, erg_ids: set[UUID]) -> dict[UUID, Erg]:
    """Groups with their names, read once for all lines of a page."""
    known: dict[UUID, Erg] = db.info.setdefault("groups_at_work", {})
    if missing := erg_ids - known.keys():
        rows = db.scalars(select(Erg).where(Erg.id.in_(missing)).options(joinedload(Erg.texts)))
        known.update({erg.id: erg for erg in rows.unique()})
    return known


def _has_role() -> ColumnElement[bool]:
    return exists().where(
        RoleGrant.person_id == hints.person(), RoleGrant.state.in_(tuple(ROLE_TRANSITIONS))
    )


def _has_promised() -> ColumnElement[bool]:
    return exists().where(
        SponsorCommitment.person_id == hints.person(),
        SponsorCommitment.state == CommitmentState.OPEN,
    )


agenda_hints.add("erg_roles", _has_role)
agenda_hints.add("erg_commitments", _has_promised)
agenda.add("erg_invitations", my_invitations)
agenda.add("erg_roles", my_roles)
agenda.add("erg_admin", to_confirm)
agenda.add("erg_commitments", my_commitments)
desk.add("erg_requests", requests)
desk.add("erg_ending", ending)
desk.add("erg_removals", removals)
desk.add("erg_commitments", commitments)
desk.add("erg_relay", written)
places.add("sponsor", Place("ergs.sponsor", _l("Sponsor"), "handshake", 85))
places.add("invitations", Place("ergs.invited", _l("Invitations"), "mail", 12, is_for_leads=True))
places.add("relays", Place("ergs.relays", _l("Messages"), "messages-square", 14, is_for_leads=True))
places.add("roles", Place("ergs.roles", _l("Roles"), "flag", 16, is_for_leads=True))
