"""What leads enter about a chapter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.core.forms import Form, known_zone
from app.core.locale import LANGUAGES
from app.ergs.forms.words import REFUSED_CHOICE, REGIONS
from app.ergs.models import Chapter, Erg
from app.ergs.rules import MAX_SLUG, ChapterAxis, Region, TextStatus
from app.ergs.services import Branching

AXES = {
    ChapterAxis.REGION: _l("A place or region"),
    ChapterAxis.INTEREST: _l("A shared interest or profession"),
}


def _region(value: str | Region | None) -> Region | None:
    return Region(value) if value else None


class ChapterForm(Form):
    """A chapter: its axis, its place, its name in each language of the group."""

    axis = RadioField(
        _l("What does this chapter gather people by?"),
        coerce=ChapterAxis,
        choices=list(AXES.items()),
        default=ChapterAxis.REGION,
        validators=[DataRequired(REFUSED_CHOICE)],
    )
    region = SelectField(
        _l("Part of the world"),
        coerce=_region,
        choices=[("", _l("None"))],
    )
    zone = StringField(_l("Time zone"), validators=[Optional(), known_zone])

    @classmethod
    def of(cls, erg: Erg, chapter: Chapter | None = None) -> ChapterForm:
        """The form of one group: a name in its original language, and in its others."""
        tags = languages_of(erg)
        fields = {_field(tag): _name_field(tag, is_first=tag == tags[0]) for tag in tags}
        data: dict[str, Any] = {}
        if chapter is not None:
            data = {"axis": chapter.axis, "region": chapter.region, "zone": chapter.zone}
            data |= {_field(tag): chapter.names.get(tag, "") for tag in tags}
        form = type("ChapterFormOfGroup", (cls,), {**fields, "tags": tags})(data=data)
        form.region.choices = [("", _l("None")), *REGIONS.items()]
        return form  # type: ignore[no-any-return]

    @property
    def name_fields(self) -> list[Any]:
        """(language, field) of each name."""
        return [(LANGUAGES[tag], self[_field(tag)]) for tag in self.tags]  # type: ignore[attr-defined]

    def validate_region(self, field: Any) -> None:
        """A place lies somewhere."""
        if self.axis.data is ChapterAxis.REGION and field.data is None:
            raise ValidationError(_l("Choose the part of the world in which this chapter lies."))

    @property
    def branching(self) -> Branching:
        """What was entered; the original's name stands in wherever English is asked for."""
        names = {lang.tag: field.data for lang, field in self.name_fields if field.data}
        names.setdefault("en", next(iter(names.values())))
        return Branching(names, self.axis.data, self.region.data, self.zone.data or None)


def languages_of(erg: Erg) -> list[str]:
    """The languages in which a group is written, the original first."""
    ordered = sorted(erg.texts, key=lambda t: (t.status is not TextStatus.SOURCE, t.locale))
    return [text.locale for text in ordered if text.locale in LANGUAGES] or ["en"]


def _field(tag: str) -> str:
    return f"name_{tag.replace('-', '_')}"


def _name_field(tag: str, *, is_first: bool) -> Any:
    label = _l("Name in %(language)s", language=LANGUAGES[tag].name)
    most = Length(max=MAX_SLUG, message=_l("This is too long. Please shorten it."))
    needed = DataRequired(_l("This is needed.")) if is_first else Optional()
    return StringField(label, validators=[needed, most])


def chapter_name(chapter: Chapter, tag: str) -> str:
    """A chapter's name in a language."""
    names: dict[str, str] = chapter.names
    return names.get(tag) or names["en"]


def names_of(chapters: list[Chapter], tag: str) -> dict[UUID, str]:
    """Names by id."""
    return {chapter.id: chapter_name(chapter, tag) for chapter in chapters}
