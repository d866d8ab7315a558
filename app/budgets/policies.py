"""Who may do what with a group's money."""

from __future__ import annotations

from app.budgets import queries
from app.budgets.models import BudgetRequest
from app.budgets.queries import HANDLING, OfCycle, OfEntry, OfRequest
from app.budgets.rules import EDITABLE, WAITING, CycleState, EntryKind, RequestState
from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.rules import RoleName


def may_allocate(actor: Actor, _subject: object) -> bool:
    """Administrators of the organization: cycles, allocations, rates."""
    return inside(actor, None) and actor.has("org_admin")


def may_handle(actor: Actor, erg: Erg) -> bool:
    """Treasurers and leads of the whole group: approve, spend, reconcile."""
    return inside(actor, None) and standing(session_of(erg), actor).holds(erg.id, *HANDLING)


def may_ask(actor: Actor, erg: Erg) -> bool:
    """Treasurers and leads, those of a chapter too."""
    held = standing(session_of(erg), actor).chapter_roles
    leads_chapter = bool(held) and queries.leads_any(held, [c.id for c in erg.chapters])
    return inside(actor, None) and (leads_chapter or may_handle(actor, erg))


def may_see_money(actor: Actor, erg: Erg) -> bool:
    """Whoever asks or decides, the executive sponsor, and administrators."""
    is_sponsor = standing(session_of(erg), actor).holds(erg.id, RoleName.SPONSOR)
    is_near = is_sponsor or actor.has("org_admin")
    return inside(actor, None) and (is_near or may_ask(actor, erg))


def may_see_request(actor: Actor, found: OfRequest) -> bool:
    """The same; drafts were found by their author alone."""
    return may_see_money(actor, found.erg)


def may_change_cycle(actor: Actor, found: OfCycle) -> bool:
    """Administrators."""
    return may_allocate(actor, found)


def may_reverse(actor: Actor, found: OfEntry) -> bool:
    """Administrators, allocations only."""
    return may_allocate(actor, found) and found.entry.kind is EntryKind.ALLOCATION


def _own(actor: Actor, request: BudgetRequest) -> bool:
    return inside(actor, None) and request.requested_by == actor.person_id


def may_revise(actor: Actor, found: OfRequest) -> bool:
    """Its author, while it is a draft or was sent back."""
    return _own(actor, found.request) and found.request.state in EDITABLE


def may_recall(actor: Actor, found: OfRequest) -> bool:
    """Its author, while nobody has decided."""
    return _own(actor, found.request) and found.request.state is RequestState.SUBMITTED


def may_decide(actor: Actor, found: OfRequest) -> bool:
    """Treasurers and leads, never about their own request."""
    return _decides(actor, found) and found.request.state in WAITING


def _decides(actor: Actor, found: OfRequest) -> bool:
    return may_handle(actor, found.erg) and not _own(actor, found.request)


def may_approve(actor: Actor, found: OfRequest) -> bool:
    """The same, while the cycle is open."""
    return may_decide(actor, found) and found.request.line.cycle.state is CycleState.OPEN


def may_take_back(actor: Actor, found: OfRequest) -> bool:
    """Whoever decides, while nothing is spent; the service asks whose approval it was."""
    states = (RequestState.APPROVED, RequestState.COMMITTED)
    return _decides(actor, found) and found.request.state in states


def may_reopen(actor: Actor, found: OfRequest) -> bool:
    """The undo of an answer."""
    states = (RequestState.REJECTED, RequestState.CHANGES)
    return _decides(actor, found) and found.request.state in states


def may_spend(actor: Actor, found: OfRequest) -> bool:
    """Treasurers and leads, once the money is set aside; also for their own request."""
    is_set_aside = found.request.state is RequestState.COMMITTED
    return may_handle(actor, found.erg) and is_set_aside


def may_reconcile(actor: Actor, found: OfRequest) -> bool:
    """Treasurers and leads, once it is spent; the undo of spending too."""
    return may_handle(actor, found.erg) and found.request.state is RequestState.SPENT


def may_unreconcile(actor: Actor, found: OfRequest) -> bool:
    """The undo of reconciling."""
    return may_handle(actor, found.erg) and found.request.state is RequestState.RECONCILED


def may_recommit(actor: Actor, found: OfRequest) -> bool:
    """The undo of giving back."""
    return may_handle(actor, found.erg) and found.request.state is RequestState.RELEASED
