"""Headers of every answer, and the check that a writing request comes from our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

import flask
from markupsafe import Markup

from app.core import ids

PERMISSIONS = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"


def nonce() -> str:
    """The nonce of this answer, one per request."""
    if "nonce" not in flask.g:
        flask.g.nonce = ids.token("nonce", size=16)
    value: str = flask.g.nonce
    return value


def content_security_policy() -> str:
    """Nothing from elsewhere, nothing inline; see docs/htmx4.md."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce()}'; style-src 'self'; "
        "img-src 'self' data:; media-src 'self'; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types htmx trellis"
    )


def init_app(app: flask.Flask) -> None:
    """Set the headers and the origin check."""
    app.before_request(_refuse_foreign_origin)
    app.after_request(_set_headers)


def _refuse_foreign_origin() -> None:
    """A second wall behind the CSRF token: the browser says where a form was."""
    if flask.request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if flask.request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        flask.abort(403)
    origin = flask.request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != flask.request.host:
        flask.abort(403)


def _set_headers(response: flask.Response) -> flask.Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Content-Security-Policy", content_security_policy())
    if response.mimetype == "text/html":
        headers.setdefault("Cache-Control", "private, no-cache")
    if flask.current_app.extensions["settings"].is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    return response


def hx() -> Markup:
    """The attribute every element with hx-* attributes carries, else hx-csp strips them."""
    return Markup(' hx-nonce="{}"').format(nonce())
