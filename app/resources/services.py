"""Verbs of resources: add, describe, new version, restore, withdraw, review, retire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from app.audit import services as audit
from app.core import clock, files, ids, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.queries.bylines import public_id
from app.resources import queries
from app.resources.models import Resource, ResourceTag, ResourceText, ResourceVersion
from app.resources.rules import (
    MAX_DESCRIPTION,
    MAX_TITLE,
    REVIEW_EVERY,
    Access,
    ResourceKind,
    choices_for,
    is_web_address,
)

REMIND_AT = time(8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class About:
    """What is said about a resource in one language."""

    locale: str
    title: str
    description: str = ""


def add(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    kind: ResourceKind,
    about: About,
    access: Access = Access.GROUP,
    tags: Iterable[str] = (),
    review_on: date | None = None,
    upload: FileStorage | None = None,
    url: str | None = None,
) -> Resource:
    """Keep something new; whoever adds it looks after it."""
    erg = _hold_group(db, erg_id)
    if not queries.keeps(ergs.standing_of(db, actor_id), erg_id):
        raise Refused(_("Leads and communications keep the resources of a group."), 403)
    _require_access(erg, access)
    resource = Resource(
        id=ids.new_id("resource", f"{erg_id}|{about.title}"),
        erg_id=erg_id,
        kind=kind,
        access=access,
        source=about.locale,
        owner_id=actor_id,
        created_at=clock.now(),
    )
    db.add(resource)
    db.flush()
    _say(db, resource, about)
    _tag(db, resource, tags)
    _put_version(db, erg, resource, actor_id, about.locale, upload=upload, url=url)
    _schedule(db, resource, review_on)
    _index(db, resource)
    _record(db, erg, actor_id, "add", resource)
    return resource


def _hold_group(db: Session, erg_id: UUID) -> Erg:
    erg = hold(db, Erg, erg_id)
    if erg is None or erg.state not in queries.WRITABLE:
        raise Refused(_("This group is closed, and its resources with it."))
    return erg


def _require_access(erg: Erg, access: Access) -> None:
    if access not in choices_for(is_discreet=erg.is_discreet):
        raise Refused(_("A confidential group opens nothing to the whole company."), 422)


def _hold(db: Session, actor_id: UUID, resource_id: UUID) -> tuple[Erg, Resource]:
    """A resource that the actor may change, its group locked: uploads count against its room."""
    found = db.get(Resource, resource_id)
    if found is None:
        raise Refused(_("This resource does not exist any more."), 404)
    erg = _hold_group(db, found.erg_id)
    db.refresh(found)
    mine = ergs.standing_of(db, actor_id)
    is_own = found.owner_id == actor_id and erg.id in mine.member_of
    if not (is_own or queries.keeps(mine, erg.id)):
        raise Refused(_("Only its owner, leads and communications change a resource."), 403)
    return erg, found


def describe(
    db: Session,
    actor_id: UUID,
    *,
    resource_id: UUID,
    about: About,
    access: Access,
    tags: Iterable[str],
    review_on: date | None,
    owner_id: UUID | None,
) -> Resource:
    """Change what is said about a resource, who may open it and who looks after it."""
    erg, resource = _hold(db, actor_id, resource_id)
    _require_access(erg, access)
    allowed = {resource.owner_id, actor_id, *(key for key, _name in queries.keepers(db, erg))}
    if owner_id is not None and owner_id not in allowed:
        raise Refused(_("Choose somebody who leads the group or does its communications."), 422)
    before = resource.access
    resource.access, resource.owner_id = access, owner_id
    _say(db, resource, about)
    _tag(db, resource, tags)
    _schedule(db, resource, review_on)
    _index(db, resource)
    _record(db, erg, actor_id, "describe", resource, before=before, after=access)
    return resource


def add_version(
    db: Session,
    actor_id: UUID,
    *,
    resource_id: UUID,
    about: About,
    upload: FileStorage | None = None,
    url: str | None = None,
    note: str = "",
) -> ResourceVersion:
    """Upload what is newer, or the same in another language; what was stays."""
    erg, resource = _hold(db, actor_id, resource_id)
    if about.title.strip():
        _say(db, resource, about)
    row = _put_version(db, erg, resource, actor_id, about.locale, upload=upload, url=url, note=note)
    _index(db, resource)
    _record(db, erg, actor_id, "add_version", row)
    return row


def _put_version(
    db: Session,
    erg: Erg,
    resource: Resource,
    actor_id: UUID,
    locale: str,
    *,
    upload: FileStorage | None,
    url: str | None,
    note: str = "",
) -> ResourceVersion:
    file_id = None
    if resource.kind is ResourceKind.FILE:
        if upload is None:
            raise Refused(_("Choose a file."), 422)
        file_id = files.receive(db, upload, actor_id, erg.id).id
    elif not url or not is_web_address(url):
        raise Refused(_("Enter an address that begins with https:// or http://."), 422)
    return _new_version(
        db,
        resource,
        actor_id,
        locale=locale,
        file_id=file_id,
        url=url.strip() if url and file_id is None else None,
        note=note.strip(),
    )


def _new_version(
    db: Session,
    resource: Resource,
    actor_id: UUID,
    *,
    locale: str,
    file_id: UUID | None,
    url: str | None,
    note: str = "",
    restored_from: int | None = None,
) -> ResourceVersion:
    last = db.scalar(
        select(func.max(ResourceVersion.number)).where(
            ResourceVersion.resource_id == resource.id, ResourceVersion.locale == locale
        )
    )
    row = ResourceVersion(
        id=ids.new_id("version", f"{resource.id}|{locale}|{(last or 0) + 1}"),
        resource_id=resource.id,
        locale=locale,
        number=(last or 0) + 1,
        file_id=file_id,
        url=url,
        note=note,
        restored_from=restored_from,
        added_by=actor_id,
        added_at=clock.now(),
    )
    db.add(row)
    resource.changed_at = clock.now()
    db.flush()
    return row


def restore_version(db: Session, actor_id: UUID, *, version_id: UUID) -> ResourceVersion:
    """Make an older version the newest again; the history only ever grows."""
    erg, resource, old = _held_version(db, actor_id, version_id)
    file = db.get(files.StoredFile, old.file_id) if old.file_id else None
    if file is not None and not file.is_clean:
        raise Refused(_("This version was never taken. Upload the file again."))
    row = _new_version(
        db,
        resource,
        actor_id,
        locale=old.locale,
        file_id=old.file_id,
        url=old.url,
        restored_from=old.number,
    )
    _record(db, erg, actor_id, "restore_version", row)
    return row


def withdraw_version(
    db: Session, actor_id: UUID, *, version_id: UUID, is_withdrawn: bool = True
) -> ResourceVersion:
    """Take a version out of sight, or back; the one before it holds meanwhile."""
    erg, resource, row = _held_version(db, actor_id, version_id)
    row.withdrawn_at = clock.now() if is_withdrawn else None
    resource.changed_at = clock.now()
    db.flush()
    _record(db, erg, actor_id, "withdraw" if is_withdrawn else "return", row)
    return row


def _held_version(
    db: Session, actor_id: UUID, version_id: UUID
) -> tuple[Erg, Resource, ResourceVersion]:
    row = db.get(ResourceVersion, version_id)
    if row is None:
        raise Refused(_("This version does not exist any more."), 404)
    erg, resource = _hold(db, actor_id, row.resource_id)
    db.refresh(row)
    return erg, resource, row


def review(
    db: Session, actor_id: UUID, *, resource_id: UUID, next_on: date | None = None
) -> Resource:
    """Say that it is still right; the next look is due in a year, or on the given day."""
    erg, resource = _hold(db, actor_id, resource_id)
    before = resource.review_on
    _schedule(db, resource, next_on or clock.now().date() + REVIEW_EVERY)
    db.flush()
    _record(
        db,
        erg,
        actor_id,
        "review",
        resource,
        before=before.isoformat() if before else None,
        after=resource.review_on.isoformat() if resource.review_on else None,
    )
    return resource


def retire(db: Session, actor_id: UUID, *, resource_id: UUID, is_retired: bool = True) -> Resource:
    """Take a resource out of sight with all its versions, or back."""
    erg, resource = _hold(db, actor_id, resource_id)
    if bool(resource.retired_at) is not is_retired:
        resource.retired_at = clock.now() if is_retired else None
        _schedule(db, resource, resource.review_on)
        db.flush()
        _record(db, erg, actor_id, "retire" if is_retired else "unretire", resource)
    return resource


def erase(db: Session, person_id: UUID) -> None:
    """Erasure: files and links stay the group's; what somebody noted beside a version goes."""
    theirs = update(ResourceVersion).where(ResourceVersion.added_by == person_id)
    for statement in (
        theirs.values(added_by=None, note=""),
        update(Resource).where(Resource.owner_id == person_id).values(owner_id=None),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))
    db.flush()


def leave_group(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """What somebody looked after waits for a new owner; it stays where it is."""
    db.execute(
        update(Resource)
        .where(Resource.erg_id == erg_id, Resource.owner_id == person_id)
        .values(owner_id=None)
        .execution_options(synchronize_session=False)
    )


def _say(db: Session, resource: Resource, about: About) -> None:
    title, description = about.title.strip(), about.description.strip()
    if not title or len(title) > MAX_TITLE or len(description) > MAX_DESCRIPTION:
        raise Refused(_("Please give it a title that fits."), 422)
    row = db.get(ResourceText, (resource.id, about.locale))
    if row is None:
        row = ResourceText(resource_id=resource.id, locale=about.locale)
        db.add(row)
    row.title, row.description = title, description
    resource.changed_at = clock.now()
    db.flush()


def _tag(db: Session, resource: Resource, tags: Iterable[str]) -> None:
    db.execute(delete(ResourceTag).where(ResourceTag.resource_id == resource.id))
    db.add_all(ResourceTag(resource_id=resource.id, tag=tag) for tag in dict.fromkeys(tags))
    db.flush()
    db.expire(resource, ["tags"])


def _schedule(db: Session, resource: Resource, review_on: date | None) -> None:
    """One reminder, on the day that holds now, to whoever looks after it."""
    outbox.withdraw(db, "resource_review", subject=resource.id, reason="moved")
    resource.review_on = review_on
    db.flush()
    if review_on is None or resource.owner_id is None or resource.retired_at is not None:
        return
    outbox.put(
        db,
        "resource_review",
        subject=resource.id,
        person=resource.owner_id,
        due=max(datetime.combine(review_on, REMIND_AT), clock.now()),
        occasion=f"{review_on.isoformat()}|{clock.now().isoformat()}",
    )


def _index(db: Session, resource: Resource) -> None:
    texts = db.scalars(select(ResourceText).where(ResourceText.resource_id == resource.id))
    tags = db.scalars(select(ResourceTag.tag).where(ResourceTag.resource_id == resource.id))
    words = [part for text in texts for part in (text.title, text.description)]
    search.put(db, "resources", resource.id, *words, *tags)


def _record(
    db: Session,
    erg: Erg,
    actor_id: UUID,
    verb: str,
    subject: Resource | ResourceVersion,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    person = public_id(db, erg, actor_id)
    audit.record(db, person, verb, subject, before=before, after=after)
