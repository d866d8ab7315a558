"""create_app: settings, extensions, domains, then every endpoint's guard is verified."""

from __future__ import annotations

import importlib
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from urllib.parse import urlencode

import flask
from flask_compress import Compress
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import (
    assets,
    clock,
    database,
    errors,
    files,
    ids,
    jobs,
    locale,
    logs,
    navigation,
    security,
)
from app.core import policies as guards
from app.core.database import Database
from app.core.htmx import htmx
from app.core.settings import Settings, load

ROOT = Path(__file__).resolve().parent.parent

# Lower domains first; what registers itself at import does so in this order.
DOMAINS = (
    "audit",
    "accounts",
    "demographics",
    "notifications",
    "holidays",
    "ergs",
    "approvals",
    "health",
    "posts",
    "threads",
    "resources",
    "elections",
    "events",
    "attendance",
    "speed",
    "budgets",
    "plans",
    "programs",
    "mentoring",
    "concerns",
    "shell",
    "admin",
    "operations",
)
PARTS = ("models", "policies", "messages", "jobs", "agenda", "views")

login_manager = LoginManager()
csrf = CSRFProtect()
compress = Compress()


def create_app(settings: Settings | None = None) -> flask.Flask:
    """Build the application; raises SettingsError or RuntimeError rather than start unsafe."""
    settings = settings or load(os.environ)
    app = flask.Flask(
        "app",
        root_path=str(ROOT / "app"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        static_url_path="/static",
    )
    app.extensions.update(settings=settings, root=ROOT, database=Database(settings.database_url))
    _configure(app, settings)
    _install(app)
    for blueprint in (files.bp, *_blueprints()):
        app.register_blueprint(blueprint)
    app.view_functions["static"] = guards.guarded_by(guards.anyone)(app.view_functions["static"])
    guards.verify(app)
    return app


def _configure(app: flask.Flask, settings: Settings) -> None:
    clock.configure(settings.now)
    ids.configure(settings.seed)
    app.testing = settings.env == "testing"
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-trellis" if settings.is_https else "trellis_session",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        COMPRESS_MIMETYPES=["text/html", "application/json", "image/svg+xml"],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]


def _install(app: flask.Flask) -> None:
    logs.init_app(app)
    app.before_request(_number_request)
    app.before_request(_shorten_endless_page)
    security.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
    login_manager.init_app(app)
    login_manager.anonymous_user = lambda: guards.NOBODY
    locale.init_app(app)
    errors.init_app(app)
    assets.init_app(app)
    jobs.init_app(app)
    compress.init_app(app)
    app.teardown_appcontext(database.end_reading)
    app.context_processor(_template_globals)
    # Components are imported without context, so what they call must be global.
    app.jinja_env.globals.update(may=guards.may, csrf_token=generate_csrf)


def _number_request() -> None:
    if flask.current_app.extensions["settings"].seed:
        ids.begin(guards.current_actor().email or "anonymous")


def _shorten_endless_page() -> flask.typing.ResponseReturnValue | None:
    """No list has a billion pages and no database counts to any number: nine digits are enough."""
    wanted = flask.request.args.get("page", "")
    if flask.request.url_rule is None or len(wanted) <= 9:
        return None
    arguments = flask.request.args.to_dict(flat=False)
    arguments["page"] = ["9" * 9 if wanted.isdecimal() else "1"]
    return flask.redirect(f"{flask.request.path}?{urlencode(arguments, doseq=True)}", 303)


def _template_globals() -> dict[str, object]:
    return {
        "actor": guards.current_actor(),
        "nonce": security.nonce(),
        "nav": navigation.items(),
        "htmx": htmx,
    }


def _blueprints() -> list[flask.Blueprint]:
    """Import each domain's parts (they register themselves) and collect its blueprints."""
    found: list[flask.Blueprint] = []
    for domain in DOMAINS:
        for part in PARTS:
            module = _part(domain, part)
            if module is not None and part == "views":
                found.extend(getattr(module, "blueprints", None) or [module.bp])
    return found


@cache
def _part(domain: str, part: str) -> ModuleType | None:
    if find_spec(f"app.{domain}") is None or find_spec(f"app.{domain}.{part}") is None:
        return None
    return importlib.import_module(f"app.{domain}.{part}")
