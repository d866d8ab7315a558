"""People, sign-in, preferences, dated job facts, imports."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.rules import ImportState, OrgRoleName, PersonKind, PersonStatus, RowChange
from app.core import clock
from app.core.database import Base, Identified


class Person(Identified, Base):
    """Someone the organization knows: employee or external guest, with or without sign-in.

    The job columns repeat the newest `JobFact` of each attribute, so that lists and matching need
    no window over the history; `services.record_facts` is the only writer of both.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index(None, "name", "id"),
        Index(None, "manager_id"),
        Index(None, "department"),
        Index(None, "site"),
    )

    external_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[PersonKind] = mapped_column(default=PersonKind.EMPLOYEE)
    status: Mapped[PersonStatus] = mapped_column(default=PersonStatus.ACTIVE)
    is_listed: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str | None] = mapped_column(String(20))
    zone: Mapped[str] = mapped_column(String(60), default="UTC")
    hour_cycle: Mapped[str | None] = mapped_column(String(3))
    quiet_from: Mapped[time | None] = mapped_column(default=time(20, 0))
    quiet_to: Mapped[time | None] = mapped_column(default=time(8, 0))

    job_title: Mapped[str | None] = mapped_column(String(200))
    level: Mapped[int | None]
    department: Mapped[str | None] = mapped_column(String(200))
    function: Mapped[str | None] = mapped_column(String(200))
    site: Mapped[str | None] = mapped_column(String(200))
    legal_entity: Mapped[str | None] = mapped_column(String(200))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    hired_on: Mapped[date | None]
    left_on: Mapped[date | None]
    leaving_kind: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def can_sign_in(self) -> bool:
        """Whether an address and an active status allow an account."""
        return self.email is not None and self.status is PersonStatus.ACTIVE


class JobFact(Identified, Base):
    """One attribute of a person's job and the day from which it holds."""

    __tablename__ = "job_fact"
    __table_args__ = (UniqueConstraint("person_id", "attribute", "holds_from"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    attribute: Mapped[str] = mapped_column(String(40))
    value: Mapped[str | None] = mapped_column(String(200))
    holds_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class OrgRole(Identified, Base):
    """An organization-wide role, in force between two days."""

    __tablename__ = "org_role"
    __table_args__ = (Index(None, "person_id"), Index(None, "granted_by"))

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[OrgRoleName]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class Credential(Base):
    """A person's password, as argon2id."""

    __tablename__ = "credential"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


class SignIn(Identified, Base):
    """One signed-in device; revocable. The cookie holds a token, the table only its hash."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "person_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    device: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PasswordReset(Identified, Base):
    """A single-use link by which an address proves itself."""

    __tablename__ = "password_reset"
    __table_args__ = (Index(None, "person_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ChannelChoice(Base):
    """A person's deviation from the usual channels of a topic."""

    __tablename__ = "channel_choice"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    is_on: Mapped[bool]


class Erasure(Identified, Base):
    """Somebody is to be forgotten on a day; until then it can be recalled."""

    __tablename__ = "erasure"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]


class PeopleImport(Identified, Base):
    """One import of a people file, from upload over dry run to done."""

    __tablename__ = "people_import"
    __table_args__ = (Index(None, "created_at"), Index(None, "created_by"))

    file_name: Mapped[str] = mapped_column(String(200))
    stored_as: Mapped[str] = mapped_column(String(200))
    state: Mapped[ImportState] = mapped_column(default=ImportState.UPLOADED)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class ImportRow(Base):
    """What one row of a people file does or did: shown as the diff, kept to undo by hand.

    `detail` holds `{field: [before, after]}`, or for a faulty row its reasons. Identity values
    never stand here.
    """

    __tablename__ = "import_row"
    __table_args__ = (Index(None, "import_id", "change", "number"), Index(None, "person_id"))

    import_id: Mapped[UUID] = mapped_column(ForeignKey("people_import.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    change: Mapped[RowChange]
    person_id: Mapped[UUID | None]
    label: Mapped[str] = mapped_column(String(200), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
