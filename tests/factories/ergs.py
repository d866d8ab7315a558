"""Groups and memberships for tests, through the services that pages use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock, ids
from app.ergs import services
from app.ergs.models import Chapter, Erg, ErgImage, ErgPoll, Membership, RoleGrant
from app.ergs.rules import (
    ChapterAxis,
    ErgState,
    ImageState,
    MembershipState,
    Region,
    Relation,
    RoleName,
    Visibility,
)
from app.ergs.rules.polls import counted_on
from app.ergs.services import Words
from app.ergs.services.polls import give_key
from tests.factories.accounts import outing_person

CHARTER = "We meet, we listen, we speak up."


def make_erg(
    db: Session,
    slug: str = "women",
    *,
    lead: UUID | None = None,
    name: str | None = None,
    words: dict[str, Words] | None = None,
    state: ErgState = ErgState.ACTIVE,
    **traits: Any,
) -> Erg:
    """A group; with a lead it is active, without one a draft unless the state says otherwise."""
    title = name or slug.replace("-", " ").title()
    texts = words or {"en": Words(title, f"The mission of {title}.", CHARTER)}
    erg = services.found(db, None, slug=slug, words=texts, **traits)
    if lead is not None:
        make_member(db, erg, lead, visibility=Visibility.COMPANY)
        make_role(db, erg, lead, RoleName.LEAD)
        services.change_state(db, None, erg_id=erg.id, to=ErgState.ACTIVE)
    erg.state = state
    db.flush()
    return erg


def make_member(
    db: Session,
    erg: Erg,
    person_id: UUID,
    *,
    visibility: Visibility = Visibility.MEMBERS,
    state: MembershipState = MembershipState.ACTIVE,
    relation: Relation = Relation.MEMBER,
) -> Membership:
    """A membership row as it stands after joining, whatever the group's admission."""
    row = Membership(
        id=ids.new_id("membership", f"{erg.id}|{person_id}"),
        erg_id=erg.id,
        person_id=person_id,
        state=state,
        relation=relation,
        visibility=visibility,
        began_at=clock.now() if state is MembershipState.ACTIVE else None,
    )
    db.add(row)
    db.flush()
    return row


def make_role(
    db: Session, erg: Erg, person_id: UUID, role: RoleName, chapter: Chapter | None = None
) -> RoleGrant:
    """A role from today on."""
    chapter_id = chapter.id if chapter else None
    return services.grant(
        db, None, erg_id=erg.id, person_id=person_id, role=role, chapter_id=chapter_id
    )


def make_poll(db: Session, erg: Erg) -> ErgPoll:
    """An open poll as a lead of a confidential group opens it, whatever the group is."""
    today = clock.now().date()
    row = ErgPoll(
        id=ids.new_id("erg_poll", f"{erg.id}|{today}"),
        erg_id=erg.id,
        roster=Visibility.MEMBERS,
        counts_on=counted_on(today),
    )
    give_key(row)
    db.add(row)
    db.flush()
    return row


def make_picture(db: Session, erg: Erg, digest: str = "d" * 64) -> ErgImage:
    """A picture as it stands after a worker has drawn it; its content lies nowhere."""
    image = ErgImage(
        erg_id=erg.id,
        state=ImageState.READY,
        alt="Colleagues at a table",
        alt_locale="en",
        digest=digest,
        sizes=[[480, 270]],
    )
    db.add(image)
    db.flush()
    return image


def make_chapter(db: Session, erg: Erg, slug: str, region: Region | None = None) -> Chapter:
    """A chapter by region, or by interest when no region is given."""
    axis = ChapterAxis.REGION if region else ChapterAxis.INTEREST
    chapter = Chapter(
        erg_id=erg.id, axis=axis, region=region, slug=slug, names={"en": slug.title()}
    )
    db.add(chapter)
    db.flush()
    return chapter


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Chapter, picture, poll, and every address that shows or shapes the group itself."""
    place = make_chapter(db, erg, "garden")
    picture = make_picture(db, erg)
    poll = make_poll(db, erg)
    base = f"/ergs/{erg.slug}"
    wanted = "viewer=lead&discovery=listed&admission=open&roster=company"
    return [
        *(f"/ergs/?{query}" for query in ("mine=1", "soon=1", "q=test", "page=2")),
        f"{base}/chapters/{place.slug}/",
        f"{base}/chapters/{place.slug}/edit",
        f"{base}/manage/chapters/",
        f"{base}/edit/",
        f"{base}/texts/es/",
        f"{base}/picture/",
        f"{base}/picture/{picture.digest}-480.webp",
        f"{base}/switches/",
        f"{base}/switches/?{wanted}",
        f"{base}/poll/",
        f"/ergs/polls/{poll.id}/",
        f"{base}/sender/",
        f"{base}/archive/",
        f"{base}/members/?q=maria",
        "/manage/ergs/",
        f"/manage/ergs/?q={erg.slug}",
        "/manage/ergs/new",
        "/people/",
        "/people/?q=maria",
        f"/people/{member_id}/",
        f"/people/{outing_person(db, 'maria')}/",
    ]
