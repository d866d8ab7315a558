"""What a new event belongs to beside its group, where an upper domain knows of such things."""

from __future__ import annotations

from uuid import UUID

import flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import SelectField

from app.core.forms import Form
from app.core.policies import Actor
from app.events.registry import belongings


class BelongingForm(Form):
    """The one thing that a new event may belong to; a link proposes it by `?belongs=`."""

    belongs = SelectField(_l("Belongs to"))

    @classmethod
    def of(cls, db: Session, actor: Actor) -> BelongingForm | None:
        """The form with what there is for the actor; None where there is nothing."""
        found = [
            (f"{name}:{thing_id}", label)
            for name, belonging in belongings
            for thing_id, label in belonging.choices(db, actor)
        ]
        if not found:
            return None
        form = cls(data={"belongs": flask.request.args.get("belongs", "")})
        form.belongs.choices = [("", _("Only its group")), *found]
        return form

    def attach(self, db: Session, actor_id: UUID | None, event_id: UUID) -> None:
        """Make a new event belong to what was chosen, in the transaction in which it is made."""
        name, _colon, thing_id = self.belongs.data.partition(":")
        if name:
            belongings[name].attach(db, actor_id, UUID(thing_id), event_id)
