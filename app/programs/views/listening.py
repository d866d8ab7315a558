"""Ten minutes about listening, before a leader meets a junior mentor."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.listening import LESSONS, ListeningForm
from app.programs.models import Enrollment
from app.programs.policies import may_listen
from app.programs.services import enrollment as services
from app.programs.views.base import bp


@bp.route("/enrollments/<uuid:enrollment_id>/listening", methods=["GET", "POST"])
@guarded_by(may_listen, find=queries.enrollment_for)
def listening(enrollment: Enrollment) -> Response:
    """What listening asks of whoever leads; three promises at the end."""
    form, program = ListeningForm(), enrollment.cohort.program
    context = {"form": form, "program": program, "lessons": LESSONS, "enrollment": enrollment}
    if not form.is_submitted():
        return page("programs/listening.html", **context)
    if not form.validate():
        return invalid("programs/listening.html", **context)
    enrollment_id, slug = enrollment.id, program.slug
    with writing() as db:
        person_id = current_actor().person_id
        services.finish_listening(db, person_id, enrollment_id=enrollment_id)
    return done(
        _("Thank you. You are in the pool; the matching finds your junior mentor."),
        to=url_for(".show", slug=slug),
    )
