"""Resources for tests, through the services that pages use."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from app.core import files, ids
from app.core.files import FileState
from app.core.policies import Actor
from app.ergs.models import Erg
from app.resources import services
from app.resources.models import Resource, ResourceVersion
from app.resources.rules import ResourceKind
from app.resources.services import About

PDF = b"%PDF-1.7\nA guide.\n"


def upload(content: bytes = PDF, name: str = "guide.pdf") -> FileStorage:
    """A file as a form sends it."""
    return FileStorage(io.BytesIO(content), filename=name)


def make_clean(db: Session, resource_id: UUID) -> None:
    """Every file of a resource as if the worker had looked at it."""
    for file_id in db.scalars(
        select(ResourceVersion.file_id).where(ResourceVersion.resource_id == resource_id)
    ):
        row = db.get(files.StoredFile, file_id) if file_id else None
        if row is not None and row.state is FileState.RAW:
            files.clean_here(db, row)


def make_resource(
    db: Session,
    erg_id: UUID,
    keeper_id: UUID,
    title: str = "Guide for new members",
    *,
    locale: str = "en",
    description: str = "",
    clean: bool = True,
    **traits: Any,
) -> Resource:
    """A file in a group, by somebody who keeps its resources; a link where `url` is given."""
    kind = ResourceKind.LINK if traits.get("url") else ResourceKind.FILE
    if kind is ResourceKind.FILE:
        traits.setdefault("upload", upload())
    about = About(locale, title, description)
    row = services.add(db, keeper_id, erg_id=erg_id, kind=kind, about=about, **traits)
    if clean:
        make_clean(db, row.id)
    return row


def versions_of(db: Session, resource_id: UUID) -> list[ResourceVersion]:
    """All versions, oldest first."""
    return list(
        db.scalars(
            select(ResourceVersion)
            .where(ResourceVersion.resource_id == resource_id)
            .order_by(ResourceVersion.locale, ResourceVersion.number)
        )
    )


def scenes(db: Session, star: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene: each access right in an open group, and a hidden group."""
    from app.resources.rules import Access

    found = {
        access.value: _scene(db, star, "women", f"For {access.value}", access=access)
        for access in Access
    }
    absent = {key: ids.new_id() for key in ("resource_id", "version_id")}
    return {
        **found,
        "hidden": _scene(db, star, "quiet-circle", "Of a hidden group"),
        "absent": {"slug": "no-such-thing", **absent},
    }


def _scene(
    db: Session, star: dict[str, Any], slug: str, title: str, **traits: Any
) -> dict[str, Any]:
    erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
    row = make_resource(
        db, erg.id, star["dalia"].id, title, url="https://example.org/guide", **traits
    )
    return {"slug": slug, "resource_id": row.id, "version_id": versions_of(db, row.id)[0].id}


def file_scenes(db: Session, star: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Links to a file: one of Dalia's, which nobody else can use, and one that is none."""
    erg = db.scalars(select(Erg).where(Erg.slug == "women")).one()
    row = make_resource(db, erg.id, star["dalia"].id, "A file")
    file = db.get(files.StoredFile, versions_of(db, row.id)[0].file_id)
    with flask.current_app.test_request_context("/"):
        address = files.link(file, Actor(person_id=star["dalia"].id))
    return {"own": {"token": address.rsplit("/", 1)[-1]}, "absent": {"token": "no-such-token"}}


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """A file for members and a link for leads; every address of resources in the group."""
    from app.resources.rules import Access

    base = f"/ergs/{erg.slug}/resources"
    found = [f"{base}/", f"{base}/?q=guide", f"{base}/?show=retired", f"{base}/new"]
    for access in (Access.GROUP, Access.LEADS):
        row = make_resource(
            db,
            erg.id,
            lead_id,
            f"Guide for {access.value}",
            url="https://example.org/guide",
            access=access,
            tags=["guide"],
        )
        version = versions_of(db, row.id)[0]
        found += [
            f"{base}/{row.id}/",
            f"{base}/{row.id}/edit",
            f"{base}/{row.id}/versions/new",
            f"{base}/{row.id}/versions/{version.id}/open",
            f"/ergs/resources/{row.id}",
        ]
    return [*found, "/search?q=guide"]
