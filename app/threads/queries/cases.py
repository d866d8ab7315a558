"""Reports, and who may decide about them: nobody above or below those concerned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, false, null, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import OrgRole, Person
from app.accounts.queries import lines_above
from app.accounts.rules import OrgRoleName, PersonStatus
from app.core import clock
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs.models import Erg, Membership, RoleGrant
from app.ergs.rules import LEADING, RoleName, RoleState
from app.threads.models import Post, Report, Thread, ThreadCode
from app.threads.queries.threads import belonging, code_of
from app.threads.rules import RECONSIDER_WITHIN, Face, ReportState, face, judges

JUDGING = (RoleName.MODERATOR, *LEADING)
QUEUE = 50
# By group and whether they moderate (True) or lead it (False).
Holders = dict[tuple[UUID, bool], set[UUID]]


@dataclass(frozen=True, slots=True)
class Case:
    """A reported post with all that is said against it; who said it stays unsaid."""

    erg: Erg
    thread: Thread
    post: Post
    face: Face
    author: str
    reasons: tuple[str, ...]
    since: datetime
    state: ReportState
    is_mine: bool


def may_judge_somewhere(db: Session, actor: Actor, erg_id: UUID) -> bool:
    """Whether the actor may be asked about posts of a group at all."""
    return actor.has("org_admin") or ergs.standing(db, actor).holds(erg_id, *JUDGING)


def cases(db: Session, actor: Actor, erg: Erg | None = None) -> list[Case]:
    """Open reports that the actor may decide, and what they decided lately."""
    where = [_wanted(actor)]
    if erg is not None:
        where.append(Thread.erg_id == erg.id)
    elif not actor.has("org_admin"):
        held = ergs.standing(db, actor).roles
        where.append(Thread.erg_id.in_([k for k, roles in held.items() if roles & {*JUDGING}]))
    rows = _rows(db, where)
    return _judged(db, actor, rows) if rows else []


def case_for(db: Session, actor: Actor, slug: str, post_id: UUID) -> Case | None:
    """A reported post that the actor may decide about, or has decided about."""
    erg = ergs.erg_for(db, actor, slug)
    if erg is None or not may_judge_somewhere(db, actor, erg.id):
        return None
    rows = _rows(db, [_wanted(actor), Thread.erg_id == erg.id, Post.id == post_id])
    found = _judged(db, actor, rows) if rows else []
    return found[0] if found else None


def _wanted(actor: Actor) -> Any:
    lately = and_(
        Report.decided_by == actor.person_id,
        Report.decided_at > clock.now() - RECONSIDER_WITHIN,
    )
    return or_(Report.state == ReportState.OPEN, lately)


def _rows(db: Session, where: list[Any]) -> list[Any]:
    return list(
        db.execute(
            select(Report, Post, Thread, Erg, Person.name, Membership.visibility, ThreadCode.code)
            .join(Post, Post.id == Report.post_id)
            .join(Thread, Thread.id == Post.thread_id)
            .join(Erg, Erg.id == Thread.erg_id)
            .join(Person, Person.id == Post.author_id)
            .outerjoin(Membership, belonging(Thread.erg_id, Post.author_id))
            .outerjoin(ThreadCode, code_of(Post))
            .where(*where)
            .order_by(Report.created_at, Report.id)
            .limit(QUEUE)
            .options(joinedload(Erg.texts))
        ).unique()
    )


def _judged(db: Session, actor: Actor, rows: list[Any]) -> list[Case]:
    by_post: dict[UUID, list[Any]] = {}
    for row in rows:
        by_post.setdefault(row[1].id, []).append(row)
    concerned = {key: _concerned(found) for key, found in by_post.items()}
    chosen = who_judges(db, {found[0][3].id for found in by_post.values()}, concerned, by_post)
    return [
        _case(db, actor, found)
        for key, found in by_post.items()
        if actor.person_id in chosen[key] or all(_is_decided(row[0]) for row in found)
    ]


def _is_decided(report: Report) -> bool:
    return report.state is not ReportState.OPEN


def _concerned(rows: list[Any]) -> set[UUID]:
    return {row[1].author_id for row in rows} | {row[0].reporter_id for row in rows}


def _case(db: Session, actor: Actor, rows: list[Any]) -> Case:
    report, post, thread, erg, name, shown, code = rows[0]
    look, author = name_of(db, actor, post, erg, name, shown, code)
    still = [row[0] for row in rows if not _is_decided(row[0])] or [row[0] for row in rows]
    return Case(
        erg,
        thread,
        post,
        look,
        author,
        tuple(row.reason for row in still),
        report.created_at,
        still[0].state,
        post.author_id == actor.person_id,
    )


def name_of(
    db: Session, actor: Actor, post: Post, erg: Erg, name: str | None, shown: Any, code: str | None
) -> tuple[Face, str]:
    """Under what a post stands for who judges it."""
    viewer = ergs.standing(db, actor).viewer(erg.id)
    look = face(veiled=post.is_veiled, roster=erg.roster, membership=shown, viewer=viewer)
    return look, {Face.NAME: name, Face.CODE: code, Face.FORMER: ""}[look] or ""


def who_judges(
    db: Session, erg_ids: set[UUID], concerned: dict[UUID, set[UUID]], by_post: Any
) -> dict[UUID, frozenset[UUID]]:
    """By key of `by_post`: who may decide, outside every line of those concerned."""
    roles, admins = _deciders(db, erg_ids)
    everybody = set().union(*concerned.values(), *roles.values(), admins)
    above = lines_above(db, everybody)
    return {
        key: judges(people, _tiers(roles, admins, by_post[key][0][3].id), above)
        for key, people in concerned.items()
    }


def _tiers(roles: Holders, admins: set[UUID], erg_id: UUID) -> list[set[UUID]]:
    """Moderators, then leads, then the organization's administrators."""
    return [roles.get((erg_id, True), set()), roles.get((erg_id, False), set()), admins]


def judges_of(db: Session, post_id: UUID) -> frozenset[UUID]:
    """Who may decide about the open reports of a post, asked fresh."""
    rows = _rows(db, [Report.state == ReportState.OPEN, Post.id == post_id])
    if not rows:
        return frozenset()
    concerned = {post_id: _concerned(rows)}
    return who_judges(db, {rows[0][3].id}, concerned, {post_id: rows})[post_id]


def _deciders(db: Session, erg_ids: Iterable[UUID]) -> tuple[Holders, set[UUID]]:
    """(moderators and leads of groups, administrators), today, in one statement."""
    today = clock.now().date()
    of_groups = (
        select(RoleGrant.erg_id, RoleGrant.role == RoleName.MODERATOR, RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.erg_id.in_(list(erg_ids)),
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(JUDGING),
            RoleGrant.state == RoleState.ACTIVE,
            Person.status == PersonStatus.ACTIVE,
            *_in_force(RoleGrant, today),
        )
    )
    of_all = (
        select(null(), false(), OrgRole.person_id)
        .join(Person, Person.id == OrgRole.person_id)
        .where(
            OrgRole.role == OrgRoleName.ORG_ADMIN,
            Person.status == PersonStatus.ACTIVE,
            *_in_force(OrgRole, today),
        )
    )
    holders: Holders = {}
    admins: set[UUID] = set()
    for erg_id, is_moderator, person_id in db.execute(union_all(of_groups, of_all)):
        found = (
            admins if erg_id is None else holders.setdefault((erg_id, bool(is_moderator)), set())
        )
        found.add(person_id)
    return holders, admins


def _in_force(role: Any, today: date) -> tuple[Any, Any]:
    return role.starts_on <= today, or_(role.ends_on.is_(None), role.ends_on >= today)


def case_of_report(db: Session, actor: Actor, report_id: UUID) -> Case | None:
    """The same by a report's id, for links in messages that name no group."""
    found = db.execute(
        select(Erg.slug, Report.post_id)
        .join(Thread, Thread.erg_id == Erg.id)
        .join(Post, Post.thread_id == Thread.id)
        .join(Report, Report.post_id == Post.id)
        .where(Report.id == report_id)
    ).one_or_none()
    return case_for(db, actor, found[0], found[1]) if found else None
