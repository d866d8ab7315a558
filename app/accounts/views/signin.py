"""Signing in and out, and the session behind every request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import flask
import structlog
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_limiter import Limiter
from flask_login import login_user, logout_user
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from app.accounts import queries, services
from app.accounts.forms import SignInForm
from app.accounts.rules import ADMIN_ROLES, RENEWED_EVERY, is_idle
from app.accounts.views.base import bp
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import go, invalid, page, safe_next
from app.core.policies import Actor, anyone, current_actor, guarded_by

log = structlog.get_logger()

TRIES = "10 per 15 minutes"
LINKS = "5 per hour"
COOKIE_LIFETIME = timedelta(days=15)
STAMPED_EVERY = timedelta(minutes=1)


def install(state: BlueprintSetupState) -> None:
    """Give the app its session loader, its way to sign-in and its throttle."""
    app = state.app
    app.config.update(
        PERMANENT_SESSION_LIFETIME=COOKIE_LIFETIME, SESSION_REFRESH_EACH_REQUEST=False
    )
    manager = app.login_manager  # type: ignore[attr-defined]
    manager.session_protection = None  # the address changes on a phone; the token is the secret
    manager.user_loader(load_actor)
    manager.unauthorized_handler(to_sign_in)
    app.before_request(renew)
    _throttle(app)


def _throttle(app: flask.Flask) -> None:
    """Count failed tries per account and address; in memory while the broker is away."""
    url = app.extensions["settings"].redis_url or "memory://"
    limiter = Limiter(
        account_and_address,
        app=app,
        strategy="sliding-window-counter",
        storage_uri=url.replace("unix://", "redis+unix://", 1),
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1}
        if "memory" not in url
        else {},
        in_memory_fallback_enabled=True,
        key_prefix="sign-in",
    )
    for endpoint, limit, counts in (
        ("accounts.sign_in", TRIES, lambda answer: answer.status_code == 422),
        ("accounts.ask_for_link", LINKS, lambda answer: answer.status_code < 400),
    ):
        limited = limiter.limit(limit, methods=["POST"], deduct_when=counts)
        app.view_functions[endpoint] = limited(app.view_functions[endpoint])


def account_and_address() -> str:
    """Whom a try is counted for: this account from this address."""
    account = flask.request.form.get("email", "").strip().lower()[:254]
    return f"{account}|{flask.request.remote_addr}"


def load_actor(token: str) -> Actor | None:
    """Flask-Login's loader: the session of the cookie, unless it rested for too long."""
    live = queries.actor_of(reading(), token)
    if live is None:
        return None
    stamp = datetime.fromtimestamp(flask.session.get("seen", 0), UTC)
    if is_idle(live.actor.roles, max(live.seen_at, stamp), clock.now()):
        return None
    flask.g.seen_at = live.seen_at
    return live.actor


def renew() -> None:
    """Keep a used session alive: the table hourly, for admins the signed cookie by the minute."""
    if flask.request.method != "GET" or "_user_id" not in flask.session:
        return
    if flask.request.endpoint in ("asset", "static", None):
        return
    actor, now = current_actor(), clock.now()
    if not actor.is_signed_in:
        return
    if now - flask.g.seen_at >= RENEWED_EVERY:
        _renew_row(actor)
    stamp = flask.session.get("seen", 0)
    interval = RENEWED_EVERY if actor.roles.isdisjoint(ADMIN_ROLES) else STAMPED_EVERY
    if now.timestamp() - stamp >= interval.total_seconds():
        flask.session["seen"] = int(now.timestamp())


def _renew_row(actor: Actor) -> None:
    assert actor.session_id is not None
    try:
        with writing() as db:
            services.renew_session(db, session_id=actor.session_id, roles=actor.roles)
    except OperationalError as error:  # reading goes on while nothing can be written
        log.warning("session_not_renewed", error=type(error).__name__)


def to_sign_in() -> Response:
    """Send whoever is not signed in to the sign-in page, and back afterwards."""
    if flask.request.method == "GET":
        came_for = flask.request.full_path.rstrip("?")
    else:
        came_for = urlsplit(flask.request.referrer or "/").path
    target = safe_next(came_for, "/")
    return go(flask.url_for("accounts.sign_in_page", **({"next": target} if target != "/" else {})))


def _after() -> str:
    return safe_next(flask.request.args.get("next"), flask.url_for("shell.home"))


@bp.get("/login")
@guarded_by(anyone)
def sign_in_page() -> Response:
    """The sign-in page; whoever is signed in already goes on."""
    if current_actor().is_signed_in:
        return go(_after())
    return page("accounts/login.html", form=SignInForm())


@bp.post("/login")
@guarded_by(anyone)
def sign_in() -> Response:
    """Sign in, or say the same thing for every reason it did not work."""
    form = SignInForm()
    if not form.validate_on_submit():
        return invalid("accounts/login.html", form=form)
    person_id = services.verified(reading(), form.email.data, form.password.data)
    if person_id is None:
        form.password.errors = [_("This email and password do not fit together.")]
        return invalid("accounts/login.html", form=form)
    with writing() as db:
        opened = services.open_session(db, person_id, device=_device())
    begin(Actor(person_id=person_id, token=opened.token))
    return go(_after())


def begin(actor: Actor) -> None:
    """Put a new session into the cookie; nothing of the anonymous one is kept."""
    flask.session.clear()
    login_user(actor)
    flask.session.permanent = True
    flask.session["seen"] = int(clock.now().timestamp())


def _device() -> str:
    return (flask.request.user_agent.string or "")[:200]


@bp.post("/logout")
@guarded_by(anyone)
def sign_out() -> Response:
    """End this session in the table and on the device."""
    actor = current_actor()
    if actor.person_id and actor.session_id:
        with writing() as db:
            services.revoke_session(
                db, actor.person_id, person_id=actor.person_id, session_id=actor.session_id
            )
    return end()


def end() -> Response:
    """Leave nothing behind on the device."""
    logout_user()
    flask.session.clear()
    answer = go(flask.url_for("shell.home"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
