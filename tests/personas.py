"""The thirteen principals of TRUST, as people of the seeded demo company."""

from __future__ import annotations

import flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import reading
from tests.client import Browser

PERSONAS = {
    "anonymous": None,
    "participant": "elena@demo.example",
    "member": "bo@demo.example",
    "mentor": "chen@demo.example",
    "lead": "dalia@demo.example",
    "chapter_lead": "hugo@demo.example",
    "program_manager": "amara@demo.example",
    "hr_analyst": "grace@demo.example",
    "org_admin": "farid@demo.example",
    "auditor": "iris@demo.example",
    "sponsor": "kai@demo.example",
    "confidential_member": "juno@demo.example",
    "external": "lena@external.example",
}


def as_persona(app: flask.Flask, persona: str, **options: object) -> Browser:
    """A browser signed in as one of the personas."""
    browser = Browser(app, **options)  # type: ignore[arg-type]
    email = PERSONAS[persona]
    return browser.sign_in(email) if email else browser


def person_id(email: str):  # type: ignore[no-untyped-def]
    """The id of a person by address (inside an app context)."""
    return reading().scalar(select(Person.id).where(Person.email == email))
