"""What approvals add to home, to the leads' desk, to groups, and to somebody's leaving."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import Session

from app.approvals import queries, services
from app.approvals.models import Approval
from app.approvals.registry import kinds
from app.approvals.rules import ApprovalState, Decider
from app.core.database import spelled
from app.core.locale import current_language
from app.core.policies import Actor
from app.core.registries import AgendaItem, Bundle, agenda, agenda_hints, departures
from app.ergs.agenda.bundles import on_desk
from app.ergs.models import Erg
from app.ergs.queries import roles_held
from app.ergs.registry import DeskAct, DeskItem, Place, desk, leavings, places
from app.ergs.rules import pick_text


def to_decide(db: Session, actor: Actor) -> list[AgendaItem]:
    """What waits for the reader's decision."""
    rows = [] if actor.is_external else queries.waiting_for(db, actor)
    found = queries.described(db, rows)
    queues = {kind: _queue(db, actor, kind) for kind in {row.kind for row in rows}}
    return [
        AgendaItem(
            section="answer",
            when=row.due_at or row.asked_at,
            title=found[row.subject_id].title,
            icon="badge-check",
            text=_("%(group)s asks for your approval", group=_name(row.erg)),
            url=_url(row),
            bundle=queues[row.kind],
        )
        for row in rows
        if row.subject_id in found
    ]


def _queue(db: Session, actor: Actor, kind: str) -> Bundle | None:
    label = str(kinds[kind].label)

    def title(n: int) -> str:
        return ngettext(
            "%(num)s approval waits for you: %(kind)s",
            "%(num)s approvals wait for you: %(kind)s",
            n,
            kind=label,
        )

    return on_desk(db, actor, f"approvals-{kind}", label, title)


def on_the_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """The same for whoever runs groups, with the button that approves."""
    rows = [] if actor.is_external else queries.waiting_for(db, actor)
    found = queries.described(db, rows)
    return [
        DeskItem(
            id=f"approval-{row.id}",
            topic=str(kinds[row.kind].label),
            erg_id=row.erg_id,
            group=_name(row.erg),
            title=found[row.subject_id].title,
            text=_("Waits for your approval"),
            since=row.asked_at,
            due=row.due_at,
            url=_url(row),
            icon="badge-check",
            acts=(_approve(row),),
        )
        for row in rows
        if row.subject_id in found
    ]


def _approve(row: Approval) -> DeskAct:
    action = url_for("approvals.decide", slug=row.erg.slug, approval_id=row.id)
    return DeskAct(_("Approve"), action, "primary", "check", {"verdict": "approve"})


def _name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


def _url(row: Approval) -> str:
    return url_for("approvals.show", slug=row.erg.slug, approval_id=row.id)


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        spelled(Approval.state, ApprovalState.WAITING),
        or_(
            Approval.erg_id.in_(roles_held()),
            Approval.decider == Decider.ORG_ADMIN,
        ),
    )


agenda_hints.add("approvals", _may_speak)
agenda.add("approvals", to_decide)
desk.add("approvals", on_the_desk)
departures.add("approvals", services.depart)
leavings.add("approvals", services.forget_member)
places.add("approvals", Place("approvals.index", _l("Approvals"), "badge-check", 80))
places.add(
    "approval_settings",
    Place("approvals.arrange", _l("Approval chain"), "list-checks", 60, is_for_leads=True),
)
