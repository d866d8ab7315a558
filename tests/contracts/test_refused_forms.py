"""What forms answer to bad input, under the pseudo-locale: no word that no catalog has touched.

Every endpoint that takes a form is sent nothing, and then nonsense in each field it looks at, as
somebody who may send it; what would be written is taken back, so that nothing changes.
"""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask
import pytest
from babel import Locale
from werkzeug.exceptions import HTTPException
from wtforms.fields import BooleanField, FileField, StringField
from wtforms.i18n import messages_path

from app.core import clock
from app.core.database import Database
from app.core.forms import Form
from tests.contracts.access_world import Scenes, open_world
from tests.contracts.addresses import addresses, endpoints
from tests.contracts.test_every_page import _is_content, content_of
from tests.judge import unmarked
from tests.personas import PERSONAS, as_persona

TABLE = json.loads(Path(__file__).with_name("access.json").read_text(encoding="utf-8"))["answers"]
REFUSED = (409, 422)
LONG = "x" * 20_001


class Accepted(HTTPException):
    """A form was in order: nothing to be read, and nothing is kept."""

    code = 418


@pytest.fixture
def world(
    seeded_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[flask.Flask, Scenes]]:
    app, scenes = open_world(seeded_sqlite, tmp_path)
    app.register_error_handler(Accepted, lambda _error: ("", 418))
    yield app, scenes
    app.extensions["database"].dispose()
    clock.configure(None)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[Form]:
    """The forms that have judged their input, the last one last."""
    seen: list[Form] = []
    judge = Form.validate

    def validate(form: Form, *arguments: Any, **named: Any) -> bool:
        seen.append(form)
        return bool(judge(form, *arguments, **named))

    monkeypatch.setattr(Form, "validate", validate)
    return seen


def take_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on whatever is written is taken back at the end of its transaction."""
    commit = Database.transaction

    @contextmanager
    def transaction(database: Database) -> Iterator[Any]:
        with commit(database) as db:
            yield db
            db.flush()
            raise Accepted

    monkeypatch.setattr(Database, "transaction", transaction)


def forms_of(app: flask.Flask, scenes: Scenes) -> Iterator[tuple[str, str, str]]:
    """(endpoint, persona, path) of each endpoint that takes a form from somebody."""
    for endpoint in endpoints(app):
        for line, method, path in addresses(app, scenes, endpoint):
            who = TABLE.get(line, {}).get("ok", "").split()
            if method == "POST" and who:
                yield endpoint, who[0], path
                break


def of_the_library() -> re.Pattern[str]:
    """What WTForms says in Spanish and in Arabic, so that no catalog of ours need."""
    spoken = [
        {key if isinstance(key, str) else key[0] for key in words if key}
        for words in (
            gettext.translation("wtforms", messages_path(), languages=[tag])._catalog
            for tag in ("es", "ar")
        )
    ]
    sentences = map(re.escape, set.intersection(*spoken))
    some = (re.sub(r"%\\\(\w+\\\)[ds]", ".+", sentence) for sentence in sentences)
    one = "|".join(sentence.replace("character\\.", "characters?\\.") for sentence in some)
    return re.compile(f"({one})( ({one}))*")


def nonsense(form: Form) -> dict[str, str]:
    fields = [field for field in form if not isinstance(field, BooleanField | FileField)]
    return {f.name: LONG if isinstance(f, StringField) else "nonsense" for f in fields}


def _is_named(text: str, content: set[str]) -> bool:
    """Whether all of it was named by the organization, such as a program and its cohort."""
    return _is_content(text, content) or all(
        _is_content(one, content) for one in re.split(":(?: |$)| –", text) if one
    )


def test_no_answer_to_bad_input_has_an_unmarked_string(world, looked_at, monkeypatch):
    app, scenes = world
    content, library = content_of(app) | {"nonsense"}, of_the_library()
    content |= set(Locale("en").days["stand-alone"]["wide"].values())
    clients = {persona: as_persona(app, persona).client for persona in PERSONAS}
    for client in clients.values():
        client.get("/?lang=en-XA")
    take_back(monkeypatch)
    leaks: dict[str, list[str]] = {}
    refused = set()
    for endpoint, persona, path in forms_of(app, scenes):
        looked_at.clear()
        for data in ({}, None):
            if data is None and not looked_at:
                continue
            sent = nonsense(looked_at[-1]) if data is None else data
            answer = clients[persona].post(path, data=sent)
            if answer.status_code not in REFUSED:
                continue
            refused.add(endpoint)
            found = unmarked(answer.get_data(as_text=True))
            found = [text for text in found if not library.fullmatch(text) and LONG not in text]
            if interface := [text for text in found if not _is_named(text, content)]:
                leaks[f"{endpoint} {answer.status_code}"] = interface[:6]
    assert leaks == {}
    assert len(refused) > 100
