"""What people enter about resources."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.core import files
from app.core.forms import Form
from app.core.locale import COMPLETE, LANGUAGES
from app.ergs.models import Erg
from app.resources.models import Resource
from app.resources.rules import (
    MAX_DESCRIPTION,
    MAX_NOTE,
    MAX_TITLE,
    Access,
    ResourceKind,
    choices_for,
    clean_tags,
    is_web_address,
)
from app.resources.services import About

ACCESSES = {
    Access.LEADS: _l("Leads and communications of this group"),
    Access.GROUP: _l("Members of this group"),
    Access.COMPANY: _l("Everyone in the company"),
}
KINDS = {ResourceKind.FILE: _l("A file"), ResourceKind.LINK: _l("A link to a page")}
# Every language a resource may be in, also those the product itself does not speak yet.
LOCALES = {tag: language.name for tag, language in LANGUAGES.items() if tag != "en-XA"}
CHOOSE = _l("Choose one of the answers.")
TOO_LONG = _l("Please keep it shorter.")


def _owner(value: str | UUID | None) -> UUID | None:
    if not value or value == "None":
        return None
    return value if isinstance(value, UUID) else UUID(value)


class _Said(Form):
    """A language and the words in it."""

    locale = SelectField(_l("Language"), choices=list(LOCALES.items()), default=COMPLETE[0])
    title = StringField(_l("Title"), validators=[Length(max=MAX_TITLE, message=TOO_LONG)])
    description = TextAreaField(
        _l("What is it good for?"), validators=[Length(max=MAX_DESCRIPTION, message=TOO_LONG)]
    )

    @property
    def about(self) -> About:
        """The words as the services take them."""
        return About(self.locale.data, self.title.data or "", self.description.data or "")

    def require_title(self) -> bool:
        """Whether there is a title; says so beside the field if not."""
        if (self.title.data or "").strip():
            return True
        self.title.errors = [*self.title.errors, _("Please give it a title.")]
        return False


class _Content(_Said):
    """A file or an address."""

    file = FileField(_l("File"), validators=[files.accepted])
    url = StringField(_l("Address of the page"))

    def require_content(self, kind: ResourceKind) -> bool:
        """Whether there is what the kind needs; says so beside the field if not."""
        if kind is ResourceKind.FILE and not self.file.data:
            self.file.errors = [_("Choose a file.")]
            return False
        if kind is ResourceKind.LINK and not is_web_address(self.url.data or ""):
            self.url.errors = [_("Enter an address that begins with https:// or http://.")]
            return False
        return True


class _Kept(Form):
    """Who may open it, how it is found, when somebody looks again."""

    access = RadioField(_l("Who may open it?"), coerce=Access, validators=[DataRequired(CHOOSE)])
    tags = StringField(_l("Tags"))
    review_on = DateField(
        _l("Look again on"), validators=[Optional()], description=_l("The owner is reminded.")
    )

    @property
    def tag_list(self) -> list[str]:
        """The tags, one by one."""
        return clean_tags(self.tags.data or "")

    def choose(self, erg: Erg) -> None:
        """Offer what this group can give."""
        offered = choices_for(is_discreet=erg.is_discreet)
        self.access.choices = [(access, ACCESSES[access]) for access in offered]


class AddForm(_Content, _Kept):
    """A new resource."""

    kind = RadioField(
        _l("What is it?"),
        coerce=ResourceKind,
        choices=list(KINDS.items()),
        default=ResourceKind.FILE,
        validators=[DataRequired(CHOOSE)],
    )

    @classmethod
    def of(cls, erg: Erg, locale: str) -> AddForm:
        """The form of a group, in the reader's language."""
        form = cls(data={"access": Access.GROUP, "locale": locale, "kind": ResourceKind.FILE})
        form.choose(erg)
        return form

    def is_whole(self) -> bool:
        """Whether it can be saved."""
        is_valid = self.validate_on_submit()
        is_titled = self.require_title()
        return bool(is_valid) and is_titled and self.require_content(self.kind.data)


class DescribeForm(_Said, _Kept):
    """What is said about a resource."""

    owner = SelectField(_l("Who looks after it?"), coerce=_owner, validators=[Optional()])

    @classmethod
    def of(
        cls, erg: Erg, resource: Resource, locale: str, keepers: list[tuple[UUID, str]]
    ) -> DescribeForm:
        """The form of a resource, its words in one language."""
        text = next((t for t in resource.texts if t.locale == locale), None)
        form = cls(
            data={
                "locale": locale,
                "title": text.title if text else "",
                "description": text.description if text else "",
                "access": resource.access,
                "tags": ", ".join(row.tag for row in resource.tags),
                "review_on": resource.review_on,
                "owner": resource.owner_id,
            }
        )
        form.choose(erg)
        form.owner.choices = [("", _("Nobody yet")), *keepers]
        return form

    def is_whole(self) -> bool:
        """Whether it can be saved."""
        is_valid = self.validate_on_submit()
        return self.require_title() and bool(is_valid)


class VersionForm(_Content):
    """A newer version, or the same in another language."""

    note = StringField(_l("What is new?"), validators=[Length(max=MAX_NOTE, message=TOO_LONG)])

    def is_whole(self, resource: Resource) -> bool:
        """Whether it can be saved; a language that is new here needs a title."""
        is_valid = self.validate_on_submit()
        is_known = self.locale.data in {text.locale for text in resource.texts}
        is_titled = is_known or self.require_title()
        return bool(is_valid) and is_titled and self.require_content(resource.kind)
