"""What accounts say: names of people without one, the link that proves an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.models import PasswordReset, Person
from app.accounts.queries.resets import reset_token
from app.core import clock, outbox
from app.core.outbox import Delivery, Message, Recipient


def shown_name(person: Person) -> str:
    """A person's name, or for whoever has none the number they are known by."""
    if person.name:
        return person.name
    return _("Employee %(number)s", number=person.external_id or str(person.id)[:8])


def topic_labels() -> dict[str, str]:
    """What news is about, in the reader's language."""
    return {
        "account": _("My account"),
        "groups": _("Groups"),
        "events": _("Events"),
        "mentoring": _("Mentoring"),
        "programs": _("Programs"),
    }


def channel_labels() -> dict[str, str]:
    """How news arrives, in the reader's language."""
    return {"mail": _("Email"), "in_app": _("In Trellis"), "push": _("Push to devices")}


class PasswordResetLink:
    """The mail with the single-use link."""

    name = "password_reset"
    topic = "account"
    channels = ("mail",)
    is_urgent = True

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped once the link was used or is too old."""
        reset = db.get(PasswordReset, delivery.subject_id)
        if reset is None or reset.used_at is not None:
            return "used"
        return "expired" if reset.expires_at <= clock.now() else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The link is made again from the row's id; the row keeps only its hash."""
        return Message(
            subject=_("Choose a new password"),
            lines=(
                _("Someone, hopefully you, asked for a new Trellis password for this address."),
                _("The link works once, for one hour. If it was not you, there is nothing to do."),
            ),
            link=f"/password/new/{reset_token(delivery.subject_id)}",
            link_text=_("Choose a new password"),
        )


def field_labels() -> dict[str, str]:
    """What a column of a people file may hold, in the order in which it is offered."""
    return {
        "external_id": _("Employee number"),
        "email": _("Email"),
        "name": _("Full name"),
        "given_name": _("Given name"),
        "family_name": _("Family name"),
        "job_title": _("Job title"),
        "level": _("Level"),
        "department": _("Department"),
        "function": _("Function"),
        "site": _("Site"),
        "legal_entity": _("Legal entity"),
        "manager": _("Manager (number or email)"),
        "status": _("Status"),
        "hired_on": _("Hire date"),
        "years_here": _("Years at the company"),
        "left_on": _("Leaving date"),
        "leaving_kind": _("Kind of leaving"),
        "effective_on": _("Date from which the row holds"),
        "locale": _("Language"),
        "zone": _("Time zone"),
    }


def identity_labels() -> dict[str, str]:
    """Columns that say who somebody is; they are kept apart, encrypted."""
    return {
        "gender": _("Gender"),
        "ethnicity": _("Ethnicity"),
        "disability": _("Disability"),
        "veteran": _("Veteran status"),
        "orientation": _("Sexual orientation"),
        "birth_year": _("Year of birth"),
        "age": _("Age"),
        "marital_status": _("Marital status"),
        "religion": _("Religion"),
        "nationality": _("Nationality"),
    }


def status_labels() -> dict[str, str]:
    """Whether somebody is with the organization, in the reader's language."""
    return {"active": _("Active"), "on_leave": _("On leave"), "left": _("Left")}


def import_state_labels() -> dict[str, tuple[str, str]]:
    """Of each state of an import its label and tone."""
    return {
        "uploaded": (_("Uploaded"), "wait"),
        "mapped": (_("Being checked"), "wait"),
        "checked": (_("Checked, not run yet"), "info"),
        "queued": (_("About to run"), "wait"),
        "running": (_("Running"), "wait"),
        "done": (_("Done"), "good"),
        "failed": (_("Not possible"), "bad"),
        "discarded": (_("Discarded"), "off"),
    }


def change_labels() -> dict[str, str]:
    """What rows of an import do, as the tabs of the diff name it."""
    return {
        "added": _("Added"),
        "changed": _("Changed"),
        "leaving": _("Leaving"),
        "error": _("Refused"),
    }


def problem_text(code: str, values: dict[str, Any]) -> str:
    """One sentence about a file or a row that cannot be imported, and what to do about it."""
    texts: dict[str, Callable[[], str]] = {
        "empty": lambda: _(
            "The file is empty. Choose one with a header line and at least one row."
        ),
        "no_rows": lambda: _("The file has a header line but no rows below it."),
        "not_a_table": lambda: _(
            "This is not a CSV file or an Excel workbook (.xlsx). Save it as one."
        ),
        "broken_workbook": lambda: _(
            "The workbook cannot be opened. Save it again as .xlsx or CSV."
        ),
        "too_large": lambda: _("The workbook is too large. Save its sheet as CSV and upload that."),
        "encoding": lambda: _(
            "The file is neither UTF-8, UTF-16 nor Windows text. Save it as UTF-8."
        ),
        "no_header": lambda: _("The first line must name the columns; it is blank."),
        "header_too_long": lambda: _(
            "The first line is far too long to name columns. Is it a table?"
        ),
        "too_many_columns": lambda: _(
            "The file has %(number)s columns; at most %(most)s are possible.", **values
        ),
        "open_quote": lambda: _(
            "A quotation mark opens in line %(line)s and is not closed where its cell ends. Close "
            "it there, or remove it.",
            **values,
        ),
        "cell_too_long": lambda: _(
            "Line %(line)s has a cell far too long for anything about a person. Shorten it.",
            **values,
        ),
        "broken_row": lambda: _(  # of files checked before the last two
            "Row %(row)s cannot be read: a quotation mark is left open.", **values
        ),
        "other_columns": lambda: _("The mapping does not fit the columns of this file."),
        "unknown_field": lambda: _(
            "The mapping names “%(field)s”, which is not a field.", **values
        ),
        "unknown_column": lambda: _("The file has no column named “%(column)s”.", **values),
        "too_many_words": lambda: _(
            "The status column “%(column)s” has more than %(most)s different words; is it the "
            "right column?",
            **values,
        ),
        "broken_map": lambda: _("The mapping file cannot be read: %(reason)s", **values),
        "field_twice": lambda: _("Two columns are mapped to “%(field)s”; keep one.", **values),
        "no_key_column": lambda: _(
            "Say which column holds the employee number or the email; one of them is needed."
        ),
        "twice": lambda: _(
            "“%(value)s” stands twice, in row %(first)s and row %(second)s. Remove one of them.",
            **values,
        ),
        "email_twice": lambda: _(
            "The email “%(value)s” belongs to two people, in row %(first)s and row %(second)s.",
            **values,
        ),
        "circle": lambda: _("Managers go in a circle: see rows %(rows)s.", **values),
        "file_gone": lambda: _("The uploaded file is gone. Upload it again."),
        "clash": lambda: _("Somebody changed the same people meanwhile. Check the file again."),
        **_row_problems(values),
    }
    return texts[code]()


def _row_problems(values: dict[str, Any]) -> dict[str, Callable[[], str]]:
    return {
        "too_many_cells": lambda: _("This row has more cells than the header."),
        "no_key": lambda: _("There is neither a number nor an email in this row."),
        "email": lambda: _("“%(value)s” is not an email address.", **values),
        "email_taken": lambda: _("The email “%(value)s” belongs to somebody else.", **values),
        "manager": lambda: _("There is nobody with the number or email “%(value)s”.", **values),
        "zone": lambda: _("“%(value)s” is not a time zone; write e.g. Europe/Madrid.", **values),
        "locale": lambda: _(
            "“%(value)s” is not a language Trellis knows; write e.g. es.", **values
        ),
        "date": lambda: _("“%(value)s” is not a date; write e.g. 2026-11-21.", **values),
        "years": lambda: _("“%(value)s” is not a number of years.", **values),
        "level": lambda: _("“%(value)s” is not a level; it needs one number.", **values),
        "status": lambda: _("Nobody said what the status “%(value)s” means.", **values),
    }


outbox.kinds.add(PasswordResetLink.name, PasswordResetLink())
outbox.resolvers.add("accounts", queries.recipients)
