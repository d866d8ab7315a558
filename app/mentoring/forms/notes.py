"""Forms of notes: the text, from which revision it started, and which act this is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.mentoring.forms.base import OneOfMany
from app.mentoring.labels import SCOPES
from app.mentoring.rules import NoteScope
from app.mentoring.rules.notes import LONGEST_NOTE

TOO_LONG = _l("Use %(number)s characters at most.", number=LONGEST_NOTE)
# The model counts in 32 bits.
MOST = 2**31 - 1


class NoteTextForm(OneOfMany):
    """A change of a note.

    `key` names one opening of the page and `turn` counts the changes on it, so that a save which is
    sent twice is carried out once; `queued` says that it waited on a device without connection.
    """

    word = "note"
    key = HiddenField(validators=[Length(max=64)])
    turn = HiddenField(default="1")
    seen = HiddenField()
    queued = HiddenField()
    save = HiddenField()
    text = TextAreaField(_l("Note"), [Length(max=LONGEST_NOTE, message=TOO_LONG)])

    @property
    def act(self) -> dict[str, Any]:
        """What the services take."""
        return {"text": self.text.data or "", "key": self.key.data or "", "turn": self._turn}

    @property
    def _turn(self) -> int:
        return max(1, number_of(self.turn.data))

    @property
    def seen_revision(self) -> int:
        """From which revision the text started; 0 when nobody can tell."""
        return number_of(self.seen.data)


class NoteForm(NoteTextForm):
    """A new note."""

    text = TextAreaField(
        _l("Note"),
        [
            DataRequired(_l("Write something first.")),
            Length(max=LONGEST_NOTE, message=TOO_LONG),
        ],
    )
    scope = RadioField(
        _l("Who can read it?"),
        choices=[(s.value, text) for s, text in SCOPES.items()],
        default=NoteScope.OWN.value,
    )


def number_of(text: str | None) -> int:
    """A number that a page carried; what is none counts as 0."""
    return min(int(text), MOST) if text and text.isascii() and text.isdigit() else 0
