"""The blueprint of accounts and what templates call a person."""

from __future__ import annotations

import flask
from flask_babel import gettext as _

from app.accounts.messages import shown_name
from app.accounts.models import SignIn
from app.core.locale import LANGUAGES

PROGRAMS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)

bp = flask.Blueprint("accounts", __name__)
bp.add_app_template_filter(shown_name)


@bp.app_template_filter()
def language_name(tag: str) -> str:
    """A language by its own name."""
    language = LANGUAGES.get(tag)
    return language.name if language else tag


@bp.app_template_filter()
def device_name(device: SignIn) -> str:
    """The program and system of a device, as far as it says so."""
    agent = device.device
    program = next((name for mark, name in PROGRAMS if mark in agent), _("Browser"))
    system = next((name for mark, name in SYSTEMS if mark in agent), None)
    return f"{program} · {system}" if system else program


@bp.app_template_global()
def zip_pairs(values: list[str]) -> list[tuple[str, str]]:
    """Options of a filter whose value is its text."""
    return [(value, value) for value in values]
