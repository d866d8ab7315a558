"""Pages that belong to no domain: landing, home, search, offline, manifest, worker, style page."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import flask
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.assets import assets
from app.core.database import reading
from app.core.locale import current_language
from app.core.pages import page
from app.core.policies import NOBODY, Actor, anyone, current_actor, guarded_by, signed_in
from app.core.registries import (
    AgendaItem,
    SearchHit,
    agenda,
    agenda_hints,
    search_sources,
)
from app.shell import worker
from app.shell.gathering import sections_of

bp = flask.Blueprint("shell", __name__)

PAPER, GREEN = "#faf8f2", "#17402f"


@bp.app_context_processor
def _helpers() -> dict[str, object]:
    return {"language_url": language_url}


def language_url(tag: str) -> str:
    """This very page in another language."""
    wanted = {**flask.request.args.to_dict(flat=False), "lang": [tag]}
    return f"{flask.request.path}?{urlencode(wanted, doseq=True)}"


@bp.get("/")
@guarded_by(anyone)
def home() -> flask.Response:
    """What Trellis is, or to a person what needs an answer, what is next and what moved."""
    actor = current_actor()
    if not actor.is_signed_in:
        return page("shell/landing.html")
    return page("shell/home.html", sections=_agenda(actor), today=clock.now())


def _agenda(actor: Actor) -> dict[str, list[AgendaItem]]:
    db = reading()
    silent = _silent(db, actor)
    items = [
        item for name, provider in agenda if name not in silent for item in provider(db, actor)
    ]
    return sections_of(items)


def _silent(db: Session, actor: Actor) -> set[str]:
    """The providers that have nothing to say to this person."""
    now = clock.now()
    asked = {
        "person": actor.person_id,
        "now": now,
        "today": now.date(),
        "week_ago": now - timedelta(days=7),
        "six_weeks_ago": now - timedelta(days=42),
    }
    return {
        name for name, speaks in db.execute(_hints(), asked).one()._mapping.items() if not speaks
    }


@cache
def _hints() -> Select[Any]:
    return select(*(condition().label(name) for name, condition in agenda_hints))


@bp.get("/search")
@guarded_by(signed_in)
def search() -> flask.Response:
    """Everything the actor may see that matches `q`, source by source."""
    q = flask.request.args.get("q", "").strip()[:200]
    return page("shell/search.html", q=q, hits=_hits(q) if q else [])


def _hits(q: str) -> list[SearchHit]:
    db, actor = reading(), current_actor()
    return [hit for _, source in search_sources for hit in source(db, actor, q)]


@bp.get("/offline")
@guarded_by(anyone)
def offline() -> flask.Response:
    """The page the worker shows without a connection; it holds nothing of anybody."""
    return page("shell/offline.html", actor=NOBODY)


@bp.get("/styleguide")
@guarded_by(anyone)
def styleguide() -> flask.Response:
    """Every component once, as pages use it; only where people develop or test."""
    if flask.current_app.extensions["settings"].env not in ("development", "testing"):
        flask.abort(404)
    from app.shell.samples import samples  # loaded only where the page exists

    return page("shell/styleguide.html", **samples())


@bp.get("/sw.js")
@guarded_by(anyone)
def service_worker() -> flask.Response:
    """The service worker with the addresses of this version's assets."""
    answer = flask.Response(worker.source(assets()), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/"
    return answer


@bp.get("/manifest.webmanifest")
@guarded_by(anyone)
def manifest() -> flask.Response:
    """How Trellis installs, in the reader's language."""
    body = json.dumps(_manifest(), ensure_ascii=False)
    answer = flask.Response(body, mimetype="application/manifest+json")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


def _manifest() -> dict[str, object]:
    language = current_language()
    return {
        "id": "/",
        "name": _("Trellis: groups, events and mentoring"),
        "short_name": "Trellis",
        "description": _("Find your people. Show up. Grow."),
        "lang": language.tag,
        "dir": language.dir,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": GREEN,
        "background_color": PAPER,
        "icons": _icons(),
        "screenshots": _screenshots(),
        "shortcuts": [
            {"name": _("Groups"), "url": "/ergs/"},
            {"name": _("Events"), "url": "/events/"},
            {"name": _("Mentoring"), "url": "/mentoring/"},
        ],
    }


def _icons() -> list[dict[str, str]]:
    files = assets()
    wanted = (("192", "any"), ("512", "any"), ("512", "maskable"))
    return [
        {
            "src": files[f"icons/{'maskable' if purpose == 'maskable' else 'app'}-{size}.png"].url,
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size, purpose in wanted
    ]


def _screenshots() -> list[dict[str, str]]:
    shapes = (("narrow", "390x844"), ("wide", "1280x800"))
    return [
        {
            "src": assets()[f"icons/screen-{shape}.png"].url,
            "sizes": sizes,
            "type": "image/png",
            "form_factor": shape,
            "label": _("Find your people. Show up. Grow."),
        }
        for shape, sizes in shapes
    ]
