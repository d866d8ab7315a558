"""Pictures of groups: the one that is shown, and those that wait for the worker."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.policies import Actor
from app.ergs.models import Erg, ErgImage
from app.ergs.queries.groups import erg_for
from app.ergs.rules import ImageState


@dataclass(frozen=True, slots=True)
class Picture:
    """A group's picture in one width."""

    erg: Erg
    image: ErgImage
    width: int


def picture_for(db: Session, actor: Actor, slug: str, digest: str, width: int) -> Picture | None:
    """A picture that stands for a group which the actor may see."""
    erg = erg_for(db, actor, slug)
    shown = erg.picture if erg else None
    if erg is None or shown is None or shown.digest != digest:
        return None
    return Picture(erg, shown, width) if width in (w for w, _height in shown.sizes) else None


def newest_image(db: Session, erg_id: UUID) -> ErgImage | None:
    """The picture given last and not removed, ready or not, for the leads."""
    return db.scalar(
        select(ErgImage)
        .where(ErgImage.erg_id == erg_id, ErgImage.removed_at.is_(None))
        .order_by(ErgImage.created_at.desc(), ErgImage.id)
        .limit(1)
    )


def waiting_images(db: Session, limit: int) -> list[UUID]:
    """Pictures that no worker has drawn yet."""
    return list(
        db.scalars(
            select(ErgImage.id)
            .where(ErgImage.state == ImageState.WAITING)
            .order_by(ErgImage.created_at, ErgImage.id)
            .limit(limit)
        )
    )


@dataclass(frozen=True, slots=True)
class GivenImage:
    """A picture, removed or not, with its group."""

    erg: Erg
    image: ErgImage


def image_for(db: Session, actor: Actor, slug: str, image_id: UUID) -> GivenImage | None:
    """A picture by its id, in a group that the actor may see."""
    erg = erg_for(db, actor, slug)
    image = db.get(ErgImage, image_id)
    if erg is None or image is None or image.erg_id != erg.id:
        return None
    return GivenImage(erg, image)
