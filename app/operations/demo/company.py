"""People of the demo company: twelve sign-ins, a reporting tree, a dated job history."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.accounts.models import JobFact, OrgRole, Person
from app.accounts.rules import OrgRoleName, PersonKind, PersonStatus
from app.core import clock, ids, search
from app.operations.demo.names import DEPARTMENTS, SITES, TITLES, Site

SIZES = {"small": 120, "medium": 2_000, "large": 20_000}
LEVEL_SHARES = (30, 26, 18, 10, 8, 4, 3, 1)


@dataclass(frozen=True, slots=True)
class Star:
    """Someone who signs in in the demo."""

    key: str
    name: str
    city: str
    department: str
    level: int
    locale: str
    roles: tuple[OrgRoleName, ...] = ()
    external: bool = False

    @property
    def email(self) -> str:
        """The sign-in of CONTRACT: guests come from outside."""
        return f"{self.key}@{'external' if self.external else 'demo'}.example"


STARS = (
    Star("amara", "Amara Okafor", "Lagos", "People", 5, "en", (OrgRoleName.PROGRAM_MANAGER,)),
    Star("bo", "Bo Lindqvist", "Stockholm", "Engineering", 2, "en"),
    Star("chen", "Chen Li-hua", "Osaka", "Product", 5, "ja"),
    Star("dalia", "داليا منصور", "Cairo", "Customer Success", 4, "ar"),
    Star("elena", "Elena Hernández", "Mexico City", "Sales", 3, "es"),
    Star("farid", "Farid Haddadin", "Amman", "Operations", 5, "en", (OrgRoleName.ORG_ADMIN,)),
    Star("grace", "Grace Walker", "Austin", "People", 4, "en", (OrgRoleName.HR_ANALYST,)),
    Star("hugo", "Hugo Lefèvre", "Paris", "Finance", 3, "fr"),
    Star("iris", "Iris Begay", "Austin", "Legal", 4, "en", (OrgRoleName.AUDITOR,)),
    Star("juno", "Juno Rivera", "Austin", "Engineering", 3, "en"),
    Star("kai", "Kai Tan", "Singapore", "Sales", 8, "en"),
    Star("lena", "Lena Novak", "Berlin", "Product", 6, "en", (), external=True),
)


def build(db: Session, size: str, today: date) -> dict[str, UUID | list[UUID]]:
    """Insert the people; returns the ids of the stars by key, and of all employees as "all"."""
    dice = ids.generator("company")
    rows = [_star_row(star, dice, today) for star in STARS]
    rows += [_row(n, dice, today) for n in range(len(STARS), SIZES[size])]
    _give_managers(rows, dice)
    _insert(db, rows, today)
    people: dict[str, UUID | list[UUID]] = {
        star.key: row["id"] for star, row in zip(STARS, rows, strict=False)
    }
    people["all"] = [
        row["id"]
        for row in rows
        if row["kind"] is PersonKind.EMPLOYEE and row["status"] is PersonStatus.ACTIVE
    ]
    return people


def _star_row(star: Star, dice: random.Random, today: date) -> dict:
    site = next(site for site in SITES if site.city == star.city)
    row = _person(star.name, star.email, site, star.department, star.level, dice, today)
    row["locale"] = star.locale
    if star.external:
        row |= {
            "kind": PersonKind.EXTERNAL,
            "is_listed": False,
            "department": None,
            "legal_entity": None,
            "job_title": "Product Director, Novak & Partner",
            "external_id": None,
        }
    return row


def _row(number: int, dice: random.Random, today: date) -> dict:
    site = SITES[number % len(SITES)]
    name = f"{dice.choice(site.given)} {dice.choice(site.family)}"
    department = dice.choices(tuple(DEPARTMENTS), (30, 10, 18, 14, 14, 6, 5, 3))[0]
    level = dice.choices(range(1, 9), LEVEL_SHARES)[0]
    row = _person(name, f"person{number}@demo.example", site, department, level, dice, today)
    if dice.random() < 0.06:
        row["status"] = PersonStatus.LEFT
        row["left_on"] = today - timedelta(days=dice.randint(10, 500))
        row["leaving_kind"] = dice.choice(("voluntary", "voluntary", "end of contract"))
    return row


def _person(
    name: str, email: str, site: Site, department: str, level: int, dice: random.Random, today: date
) -> dict:
    role = dice.choice(DEPARTMENTS[department])
    return {
        "id": ids.new_id("person", email),
        "external_id": f"M{dice.randrange(10**6):06d}-{email.partition('@')[0]}",
        "email": email,
        "name": name,
        "kind": PersonKind.EMPLOYEE,
        "status": PersonStatus.ACTIVE,
        "is_listed": True,
        "locale": site.locale,
        "zone": site.zone,
        "level": level,
        "job_title": TITLES[level].format(role=role, dept=department),
        "department": department,
        "function": department,
        "site": site.city,
        "legal_entity": site.entity,
        "hired_on": today - timedelta(days=dice.randint(40, 4_200)),
        "left_on": None,
        "leaving_kind": None,
        "manager_id": None,
        "created_at": clock.now(),
    }


def _give_managers(rows: list[dict], dice: random.Random) -> None:
    """Everyone reports to someone at least one level up, of the own department where possible."""
    staff = [r for r in rows if r["kind"] is PersonKind.EMPLOYEE]
    by_level: dict[int, list[dict]] = {}
    for row in staff:
        by_level.setdefault(row["level"], []).append(row)
    for row in staff:
        above = [r for level in range(row["level"] + 1, 9) for r in by_level.get(level, [])[:40]]
        near = [r for r in above if r["department"] == row["department"]] or above
        if near:
            row["manager_id"] = dice.choice(near[:25])["id"]


def _insert(db: Session, rows: list[dict], today: date) -> None:
    for row in rows:
        row.setdefault("leaving_kind", None)
    without = [{**row, "manager_id": None} for row in rows]
    db.execute(insert(Person), without)
    db.bulk_update_mappings(
        Person, [{"id": r["id"], "manager_id": r["manager_id"]} for r in rows if r["manager_id"]]
    )
    db.execute(insert(JobFact), [fact for row in rows for fact in _facts(row, today)])
    db.execute(
        insert(OrgRole),
        [
            {
                "id": ids.new_id("role", star.key),
                "person_id": row["id"],
                "role": role,
                "starts_on": today - timedelta(days=200),
                "ends_on": None,
                "granted_by": None,
            }
            for star, row in zip(STARS, rows, strict=False)
            for role in star.roles
        ],
    )
    search.put_new(
        db,
        "people",
        {
            row["id"]: (row["name"], row["job_title"], row["department"], row["site"])
            for row in rows
            if row["is_listed"] and row["status"] is PersonStatus.ACTIVE
        },
    )


def _facts(row: dict, today: date) -> list[dict]:
    """What held from the day of hiring, and for seniors the step before."""
    attributes = ("job_title", "department", "function", "site", "legal_entity", "status")
    hired = row["hired_on"]
    values: list[tuple[str, object, date]] = [(name, row[name], hired) for name in attributes]
    values[-1] = ("status", "active", hired)
    if row["left_on"]:
        values.append(("status", "left", row["left_on"]))
    risen = hired + (today - hired) / 2
    if row["level"] > 1 and risen > hired:
        values += [("level", row["level"] - 1, hired), ("level", row["level"], risen)]
    else:
        values.append(("level", row["level"], hired))
    return [
        {
            "id": ids.new_id("fact", f"{row['id']}{name}{day}"),
            "person_id": row["id"],
            "attribute": name,
            "value": None if value is None else str(value),
            "holds_from": day,
            "source": "seed",
            "recorded_at": clock.now(),
        }
        for name, value, day in values
    ]
