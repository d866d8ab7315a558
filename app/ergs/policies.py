"""Who may do what in a group."""

from __future__ import annotations

from app.core.database import reading, session_of
from app.core.policies import Actor, inside
from app.ergs.models import Erg
from app.ergs.queries import Branch, GivenImage, Picture, Request, Turn, Writing, standing
from app.ergs.queries.invitations import InvitationTo
from app.ergs.queries.polls import Asked
from app.ergs.queries.relay import Addressee, Exchange
from app.ergs.queries.sponsor import Promise
from app.ergs.queries.standing import leads_of
from app.ergs.queries.terms import Removal, RoleAsked
from app.ergs.rules import ErgState, RoleName


def may_see(actor: Actor, _erg: Erg | None) -> bool:
    """Everyone inside; what is hidden from them was not found in the first place."""
    return inside(actor, None)


def may_join(actor: Actor, erg: Erg) -> bool:
    """Everyone inside, while the group is active; identity never gates joining."""
    return inside(actor, None) and erg.state is ErgState.ACTIVE


def may_belong(actor: Actor, erg: Erg) -> bool:
    """Whoever belongs, asked to, or is invited: to change who sees it, or to end it."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).memberships


def may_lead(actor: Actor, erg: Erg) -> bool:
    """The leads and co-leads of the whole group in their term; no administrator."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).led


def may_decide(actor: Actor, request: Request) -> bool:
    """Leads, but never about their own request."""
    return may_lead(actor, request.erg) and request.row.person_id != actor.person_id


def may_found(actor: Actor, _subject: object) -> bool:
    """Administrators of the organization."""
    return actor.has("org_admin")


def may_shape(actor: Actor, erg: Erg) -> bool:
    """The leads write and set the switches; while it is a draft, administrators too."""
    is_founding = erg.state is ErgState.DRAFT and actor.has("org_admin")
    return inside(actor, None) and (is_founding or may_lead(actor, erg))


def may_move(actor: Actor, erg: Erg) -> bool:
    """Leads and administrators start, rest and archive a group."""
    return inside(actor, None) and (actor.has("org_admin") or may_lead(actor, erg))


def may_write(actor: Actor, writing: Writing) -> bool:
    """Whoever shapes the group writes it in any language."""
    return may_shape(actor, writing.erg)


def may_turn(actor: Actor, turn: Turn) -> bool:
    """Whoever may start, rest and archive the group."""
    return may_move(actor, turn.erg)


def may_open_desk(actor: Actor, _subject: object) -> bool:
    """Whoever holds a role in a group or chapter today, whichever it is."""
    if not inside(actor, None):
        return False
    mine = standing(reading(), actor)
    return bool(mine.roles or mine.chapter_roles)


def may_run_roles(actor: Actor, erg: Erg) -> bool:
    """The leads; where nobody leads, the administrators who have to appoint somebody."""
    if may_lead(actor, erg):
        return True
    return actor.has("org_admin") and not leads_of(session_of(erg), erg.id)


def may_run_role(actor: Actor, asked: RoleAsked) -> bool:
    """Leads about the roles of others."""
    return may_run_roles(actor, asked.erg) and asked.grant.person_id != actor.person_id


def may_answer(actor: Actor, _found: object) -> bool:
    """Everyone inside; only what is theirs was found."""
    return inside(actor, None)


def may_confirm(actor: Actor, removal: Removal) -> bool:
    """The second person, neither the proposer nor the one concerned."""
    is_admin = actor.has("org_admin")
    return removal.may_be_confirmed_by(actor.person_id, is_admin=is_admin)


def may_take_back(actor: Actor, removal: Removal) -> bool:
    """Whoever proposed it."""
    return inside(actor, None) and removal.row.proposed_by == actor.person_id


def may_invite(actor: Actor, found: InvitationTo) -> bool:
    """The leads."""
    return may_lead(actor, found.erg)


def may_write_to(actor: Actor, found: Addressee) -> bool:
    """The leads, to whom they may know of."""
    return may_lead(actor, found.erg)


def may_lay_aside(actor: Actor, found: Exchange) -> bool:
    """The leads' side."""
    return inside(actor, None) and not found.is_own


def may_promise(actor: Actor, erg: Erg) -> bool:
    """The group's executive sponsor."""
    return inside(actor, None) and standing(session_of(erg), actor).holds(erg.id, RoleName.SPONSOR)


def may_mark(actor: Actor, promise: Promise) -> bool:
    """Whoever promised it."""
    return inside(actor, None) and promise.row.person_id == actor.person_id


def may_agree(actor: Actor, promise: Promise) -> bool:
    """A lead who is not the sponsor."""
    return may_lead(actor, promise.erg) and promise.row.person_id != actor.person_id


def may_reopen(actor: Actor, promise: Promise) -> bool:
    """Whoever promised it, and the leads."""
    return may_mark(actor, promise) or may_agree(actor, promise)


def may_read_brief(actor: Actor, erg: Erg) -> bool:
    """The sponsor, and the leads who talk with them about it."""
    return may_promise(actor, erg) or may_lead(actor, erg)


def may_see_branch(actor: Actor, branch: Branch) -> bool:
    """Whoever may see the group; a closed chapter was not found by others in the first place."""
    return may_see(actor, branch.erg)


def may_shape_branch(actor: Actor, branch: Branch) -> bool:
    """Whoever shapes the group."""
    return may_shape(actor, branch.erg)


def may_see_picture(actor: Actor, picture: Picture) -> bool:
    """Whoever may see the group."""
    return may_see(actor, picture.erg)


def may_shape_image(actor: Actor, given: GivenImage) -> bool:
    """Whoever shapes the group."""
    return may_shape(actor, given.erg)


def may_be_polled(actor: Actor, erg: Erg) -> bool:
    """The members of the group, leads among them; no administrator."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).member_of


def may_answer_poll(actor: Actor, asked: Asked) -> bool:
    """The members of the group, each for themselves."""
    return may_be_polled(actor, asked.erg)


def may_end_poll(actor: Actor, asked: Asked) -> bool:
    """The leads who may ask."""
    return may_shape(actor, asked.erg)
