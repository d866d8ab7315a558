"""Two companies that differ in one secret: how they are built, heard and read for comparison."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from app.accounts.rules import PersonKind
from app.core import clock, delivery, errors, ids, jobs
from app.core.htmx import htmx
from app.core.policies import current_actor
from app.core.settings import load
from app.factory import create_app
from tests import databases
from tests.client import PASSWORD, Browser
from tests.databases import TEST_ENVIRONMENT
from tests.factories.accounts import make_person, number_anew

AT = "2026-11-21T09:00Z"
SEED = "worlds"
PEOPLE: dict[str, dict[str, Any]] = {
    "outsider": {},
    "member": {},
    "lead": {},
    "chapter_lead": {},
    "treasurer": {},
    "sponsor": {},
    "mentor": {},
    "manager": {"roles": ("program_manager",)},
    "admin": {"roles": ("org_admin",)},
    "analyst": {"roles": ("hr_analyst",)},
    "auditor": {"roles": ("auditor",)},
    "external": {"kind": PersonKind.EXTERNAL},
    "maria": {},
}
OBSERVERS = (*(name for name in PEOPLE if name != "maria"), "nobody")
AS_HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
AS_PARTS = ("member", "lead")  # who has most to search in, and so is sent parts of pages too
Answers = dict[tuple[str, str], str]


@contextmanager
def company(
    folder: Path, source: str, build: Callable[[], Any]
) -> Iterator[tuple[flask.Flask, Any]]:
    """An app on a company of its own; yields it with what `build` says of it."""
    folder.mkdir()
    number_anew()
    environment = {
        **TEST_ENVIRONMENT,
        "DATABASE_URL": databases.copy(source, folder),
        "DATA_DIR": str(folder / "data"),
        "TRELLIS_NOW": AT,
        "TRELLIS_SEED": SEED,
    }
    app = create_app(load(environment))
    _shorten_refusals(app)
    try:
        with app.app_context(), ids.seeded(SEED):
            built = build()
        yield app, built
    finally:
        app.extensions["database"].dispose()
        ids.configure(None)
        clock.configure(None)


def _shorten_refusals(app: flask.Flask) -> None:
    """Readers get the first page of each kind that refuses them whole; the others are alike."""
    shown: set[tuple[str, int, bool]] = set()
    app.extensions["refusals"] = shown

    def refusal(error: HTTPException) -> Any:
        kind = (current_actor().email, error.code or 0, htmx.is_partial)
        if kind in shown:
            return flask.make_response("", kind[1])
        shown.add(kind)
        return errors.answer(kind[1])

    for status in (403, 404):
        app.register_error_handler(status, refusal)


def make_people(db: Session, *more: str) -> dict[str, UUID]:
    """Whoever looks, and Maria, by the first part of their addresses."""
    return {
        name: make_person(
            db,
            f"{name.replace('_', ' ').title()} Test",
            f"{name}@t.example",
            PASSWORD,
            id=ids.new_id("person", name),
            **PEOPLE.get(name, {}),
        ).id
        for name in (*PEOPLE, *more)
    }


def heard(app: flask.Flask, folder: Path) -> dict[str, list[str]]:
    """Every byte that everybody but Maria is sent, once all sweeps have run."""
    with app.app_context():
        for _name, sweep in jobs.sweeps:
            sweep.run()
        for channel in ("in_app", "mail"):
            while not delivery.deliver(channel):
                pass
    mails: dict[str, list[str]] = {}
    for file in sorted((folder / "data" / "outbox").glob("*.eml")):
        raw = file.read_bytes()
        to = str(message_from_bytes(raw, policy=default)["To"])
        mails.setdefault(to, []).append(_whole(raw))
    return {to: sorted(found) for to, found in mails.items() if "maria" not in to}


def _whole(raw: bytes) -> str:
    """All headers but the date, and each part as it is read: words, their HTML, an invitation."""
    mail = message_from_bytes(raw, policy=default)
    del mail["Date"]
    parts = [
        f"{part.items()}\n{part.get_payload(decode=True)!r}"
        for part in mail.walk()
        if not part.is_multipart()
    ]
    return "\n".join([str(mail.items()), *parts])


def read(app: flask.Flask, paths: Iterable[str], observers: Iterable[str]) -> Answers:
    """Every answer to every observer, of what opens with a query also the part for htmx."""
    answers = {}
    app.extensions.get("refusals", set()).clear()
    for observer in observers:
        browser = Browser(app)
        if observer != "nobody":
            browser.sign_in(f"{observer}@t.example")
        for path in paths:
            answer = browser.client.get(path)
            assert answer.status_code < 500, path
            answers[observer, path] = _comparable(answer)
            if "?" in path and observer in AS_PARTS and answer.status_code == 200:
                part = browser.client.get(path, headers=AS_HTMX)
                answers[observer, f"part of {path}"] = _comparable(part)
    return answers


def opens(answer: str) -> bool:
    """Whether this is the thing itself or the way to it, and not a refusal or the sign-in."""
    return answer[:3] in ("200", "303") and "'/login" not in answer


def _comparable(answer: TestResponse) -> str:
    headers = sorted((k, v) for k, v in answer.headers if k not in ("Date", "Set-Cookie"))
    body = answer.get_data()
    if answer.mimetype.endswith("sheet"):
        body = _unzipped(body)
    text = re.sub(rb'(name="csrf_token" value=|X-CSRFToken": )"[^"]+"', rb"\1", body)
    return f"{answer.status_code} {headers} {text!r}"


def _unzipped(body: bytes) -> bytes:
    """A workbook without the time at which it was packed."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return b"".join(
            packed.read(name) for name in sorted(packed.namelist()) if "core" not in name
        )


def apart(first: dict[Any, Any], second: dict[Any, Any]) -> list[Any]:
    """What is said in one company and not, or otherwise, in the other."""
    return [key for key in {**first, **second} if first.get(key) != second.get(key)]
