"""The groups of the demo company: founded, led, joined."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, insert, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, ids
from app.ergs import queries, services
from app.ergs.models import Chapter, Erg, Membership, MembershipChapter
from app.ergs.rules import (
    ChapterAxis,
    ErgState,
    MembershipState,
    Relation,
    RoleName,
    Visibility,
    choices_under,
)
from app.ergs.seed.terms import seed_belonging
from app.ergs.seed.words import CHAPTERS, SKETCHES, Sketch

# Who of the demo's sign-ins belongs where; everybody else is drawn.
STARS = {
    "women": {"dalia": Visibility.COMPANY},
    "parents": {"bo": Visibility.MEMBERS, "hugo": Visibility.MEMBERS},
    "allies": {"bo": Visibility.COMPANY, "kai": Visibility.COMPANY},
    "pride": {"juno": Visibility.NOBODY},
    "interfaith": {"dalia": Visibility.MEMBERS},
    "early-career": {"amara": Visibility.COMPANY},
}
LEADS = {"women": "dalia"}
# The name in mails of a group's news.
SENDERS = {"women": "Women at Meridian", "early-career": "Early Career Network"}
CO_LEADS = {"interfaith": "dalia"}
SPONSORS = {"women": "kai", "early-career": "kai"}
# Large enough to be asked whether it need be confidential any longer.
LEAST = {"pride": 18}
CHAPTER_LEADS = {("parents", "paris"): "hugo"}


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Found the groups with their chapters, draw members of all of `people["all"]`, give roles."""
    dice = ids.generator("ergs", size)
    named = {person for key, person in people.items() if key != "all"}
    crowd = [person for person in people["all"] if person not in named]
    drawn = _draw(crowd, dice)
    for sketch in SKETCHES:
        erg = _found(db, sketch)
        members = drawn[sketch.slug]
        lead = people[LEADS[sketch.slug]] if sketch.slug in LEADS else members.pop(0)
        _enroll(db, erg, sketch, people, lead, members, dice)
        _give_roles(db, erg, people, lead)
        services.change_state(db, None, erg_id=erg.id, to=ErgState.ACTIVE)
    _choose_chapters(db)
    _let_one_translation_age(db)
    seed_belonging(db, people)


def _choose_chapters(db: Session) -> None:
    """Members chose the chapter of their own part of the world."""
    near = (
        select(Membership.id, Chapter.id)
        .join(Person, Person.id == Membership.person_id)
        .join(Chapter, and_(Chapter.erg_id == Membership.erg_id, Chapter.zone == Person.zone))
        .where(Membership.state == MembershipState.ACTIVE)
    )
    db.execute(insert(MembershipChapter).from_select(["membership_id", "chapter_id"], near))


def _let_one_translation_age(db: Session) -> None:
    """The allies changed a word of the original, and the translations have not followed yet."""
    erg = queries.by_slug(db, "allies")
    source = queries.source_of(erg) if erg else None
    if erg is None or source is None:
        return
    words = services.Words(source.name, f"{source.mission} Everybody can begin.", source.charter)
    services.write_text(db, None, erg_id=erg.id, locale=source.locale, words=words)


def _draw(crowd: list[UUID], dice: random.Random) -> dict[str, list[UUID]]:
    """Two thirds belong somewhere, some to two or three groups."""
    slugs = [sketch.slug for sketch in SKETCHES]
    drawn: dict[str, list[UUID]] = {slug: [] for slug in slugs}
    for person in crowd:
        for slug in dice.sample(slugs, dice.choices((0, 1, 2, 3), (34, 36, 20, 10))[0]):
            drawn[slug].append(person)
    for slug, members in drawn.items():
        if (missing := LEAST.get(slug, 3) - len(members)) > 0:
            others = [person for person in crowd if person not in members]
            drawn[slug] = members + dice.sample(others, missing)
    return drawn


def _found(db: Session, sketch: Sketch) -> Erg:
    erg = services.found(
        db,
        None,
        slug=sketch.slug,
        words=sketch.words,
        zone=sketch.zone,
        color=sketch.color,
        admission=sketch.admission,
        roster=sketch.roster,
        says_sensitive=sketch.says_sensitive,
    )
    for slug in sketch.chapters:
        region, zone, names = CHAPTERS[slug]
        axis = ChapterAxis.REGION if region else ChapterAxis.INTEREST
        db.add(
            Chapter(
                id=ids.new_id("chapter", f"{sketch.slug}|{slug}"),
                erg_id=erg.id,
                axis=axis,
                region=region,
                slug=slug,
                names=names,
                zone=zone,
            )
        )
    if sketch.slug in SENDERS:
        erg.sender_name = SENDERS[sketch.slug]
    db.flush()
    return erg


def _enroll(
    db: Session,
    erg: Erg,
    sketch: Sketch,
    people: Mapping[str, Any],
    lead: UUID,
    members: list[UUID],
    dice: random.Random,
) -> None:
    stars = {people[key]: shown for key, shown in STARS.get(sketch.slug, {}).items()}
    shown_of = {lead: Visibility.COMPANY, **stars}
    usual = choices_under(sketch.roster)
    # Where belonging is sensitive most keep it to themselves, elsewhere most show it.
    weights = list(range(1, len(usual) + 1))[:: -1 if sketch.says_sensitive else 1]
    rows = []
    for person in dict.fromkeys([*shown_of, *members]):
        shown = shown_of.get(person) or dice.choices(usual, weights)[0]
        is_asking = erg.slug == "interfaith" and person in members[:3]
        rows.append(_row(erg, person, shown, dice, is_asking))
    db.execute(insert(Membership), rows)


def _row(
    erg: Erg, person: UUID, shown: Visibility, dice: random.Random, is_asking: bool
) -> dict[str, Any]:
    since = clock.now() - timedelta(days=dice.randint(3, 900), hours=dice.randint(0, 23))
    if is_asking:
        since = clock.now() - timedelta(days=dice.randint(0, 3), hours=dice.randint(1, 9))
    relations = list(Relation)
    weights = (2, 8, 1) if erg.slug == "allies" else (6, 2, 2)
    return {
        "id": ids.new_id("membership", f"{erg.id}|{person}"),
        "erg_id": erg.id,
        "person_id": person,
        "relation": dice.choices(relations, weights)[0],
        "state": MembershipState.REQUESTED if is_asking else MembershipState.ACTIVE,
        "visibility": shown,
        "asked_at": since,
        "began_at": None if is_asking else since,
        "ended_at": None,
        "reason": None,
    }


def _give_roles(db: Session, erg: Erg, people: Mapping[str, Any], lead: UUID) -> None:
    begun = (clock.now() - timedelta(days=180)).date()
    ends = (clock.now() + timedelta(days=185)).date()
    roles: list[tuple[UUID, RoleName, UUID | None]] = [(lead, RoleName.LEAD, None)]
    if erg.slug in CO_LEADS:
        roles.append((people[CO_LEADS[erg.slug]], RoleName.CO_LEAD, None))
    if erg.slug in SPONSORS:
        roles.append((people[SPONSORS[erg.slug]], RoleName.SPONSOR, None))
    chapters = {chapter.slug: chapter.id for chapter in erg.chapters}
    for (slug, chapter), key in CHAPTER_LEADS.items():
        if slug == erg.slug:
            roles.append((people[key], RoleName.LEAD, chapters[chapter]))
    for person, role, chapter_id in roles:
        services.grant(
            db,
            None,
            erg_id=erg.id,
            person_id=person,
            role=role,
            starts_on=begun,
            ends_on=ends,
            chapter_id=chapter_id,
        )
