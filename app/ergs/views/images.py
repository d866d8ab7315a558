"""The picture of a group: shown to whoever sees the group, given and taken away by leads."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries, services
from app.ergs.forms.images import PictureForm, problem_text
from app.ergs.models import Erg, ErgImage
from app.ergs.views.base import bp, text_of

YEAR = 31_536_000


@bp.get("/<slug>/picture/<digest>-<int:width>.webp")
@guarded_by(policies.may_see_picture, find=queries.picture_for)
def picture(shown: queries.Picture) -> flask.Response:
    """A picture in one width; its address changes with its content, so it may be kept for long."""
    path = services.picture_path(str(shown.image.digest), shown.width)
    if not path.exists():
        flask.abort(404)
    answer = flask.send_file(path, mimetype="image/webp", etag=False)
    kept = "no-store" if shown.erg.is_discreet else f"max-age={YEAR}, immutable"
    answer.headers["Cache-Control"] = f"private, {kept}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@bp.get("/<slug>/picture/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def edit_picture(erg: Erg) -> flask.Response:
    """The picture as it stands, and a form for another."""
    return page("ergs/picture.html", **_edited(erg))


def _edited(erg: Erg, form: PictureForm | None = None) -> dict[str, Any]:
    image = queries.newest_image(reading(), erg.id)
    return {
        "erg": erg,
        "text": text_of(erg),
        "image": image,
        "problem": problem_text(image.problem) if image and image.problem else None,
        "form": form or PictureForm(data={"alt": image.alt if image else ""}),
    }


@bp.post("/<slug>/picture/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def give_picture(erg: Erg) -> Response:
    """Take another picture in, or other words for the one there is."""
    form = PictureForm()
    if not form.validate_on_submit() or not _has_picture(erg, form):
        return invalid("ergs/picture.html", **_edited(erg, form))
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    words = {"alt": form.alt.data, "alt_locale": current_language().tag}
    with writing() as db:
        if form.file.data:
            services.give_image(db, actor_id, erg_id=erg_id, upload=form.file.data, **words)
        else:
            services.describe_image(db, actor_id, erg_id=erg_id, **words)
    given = _("The picture is being prepared. It appears within a minute.")
    return done(
        given if form.file.data else _("Saved."), to=flask.url_for(".edit_picture", slug=slug)
    )


def _has_picture(erg: Erg, form: PictureForm) -> bool:
    if not form.file.data and queries.newest_image(reading(), erg.id) is None:
        form.file.errors = [_("There is no picture yet. Choose a file first.")]
    return not form.file.errors


@bp.post("/<slug>/picture/remove")
@guarded_by(policies.may_shape, find=queries.erg_for)
def remove_picture(erg: Erg) -> Response:
    """Take the picture away."""
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        image = services.remove_image(db, actor_id, erg_id=erg_id)
        image_id = image.id if image else None
    undo = flask.url_for(".restore_picture", slug=slug, image_id=image_id) if image_id else None
    return done(_("The picture is gone."), to=flask.url_for(".edit_picture", slug=slug), undo=undo)


@bp.post("/<slug>/picture/<uuid:image_id>/restore")
@guarded_by(policies.may_shape_image, find=queries.image_for)
def restore_picture(given: queries.GivenImage) -> Response:
    """Bring the picture back."""
    actor_id, image_id, slug = current_actor().person_id, given.image.id, given.erg.slug
    with writing() as db:
        services.restore_image(db, actor_id, image_id=image_id)
    return done(_("The picture is back."), to=flask.url_for(".edit_picture", slug=slug))


@bp.app_template_global()
def picture_urls(slug: str, image: ErgImage) -> list[tuple[str, int, int]]:
    """(address, width, height) of a picture, the smallest first."""
    return [
        (flask.url_for("ergs.picture", slug=slug, digest=image.digest, width=w), w, h)
        for w, h in image.sizes
    ]
