"""Front-end files: bundled at start, named by their content, compressed once, kept for ever."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import flask

from app.core import security
from app.core.policies import anyone, guarded_by

SCRIPTS = ("vendor/htmx.min.js", "vendor/hx-csp.min.js", "js/app.js")
SERVED = (
    "icons/*.svg",
    "icons/*.png",
    "js/notes.js",
    "js/push.js",
    "js/share.js",
    "js/speed.js",
    "js/scanner.js",
    "js/weights.js",
)
FOREVER = "public, max-age=31536000, immutable"
PACKABLE = ("text/", "image/svg")
INDENT = re.compile(rb"^ +", re.MULTILINE)  # of style sheets: weight that says nothing
ICON = re.compile(r'<symbol id="([a-z0-9-]+)"')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as browsers get it: its address carries the hash of its content."""

    name: str
    body: bytes
    mimetype: str
    packed: dict[str, bytes]
    digest: str
    url: str


def init_app(app: flask.Flask) -> None:
    """Read and pack all front-end files; give templates `asset` and what components call."""
    found = {asset.name: asset for asset in load(app.extensions["root"] / "static")}
    app.extensions["assets"] = found
    app.extensions["icons"] = frozenset(ICON.findall(found["icons/sprite.svg"].body.decode()))
    # Components are imported without context, so their helpers are globals.
    app.jinja_env.globals.update(asset=url_of, icon_url=icon_url, hx=security.hx)
    app.add_url_rule("/assets/<digest>/<path:name>", "asset", _serve)


def load(folder: Path) -> Iterator[Asset]:
    """Every front-end file of the folder, style sheets and scripts each as one bundle."""
    styles = sorted((folder / "css").glob("*.css"))
    yield _asset("css/app.css", INDENT.sub(b"", b"".join(path.read_bytes() for path in styles)))
    yield _asset("js/app.js", b"\n;".join((folder / name).read_bytes() for name in SCRIPTS))
    for pattern in SERVED:
        for path in sorted(folder.glob(pattern)):
            yield _asset(path.relative_to(folder).as_posix(), path.read_bytes())


@cache
def _asset(name: str, body: bytes) -> Asset:
    """Packed once per process and content: tests make many apps, and packing is most of a start."""
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = {}
    if mimetype.startswith(PACKABLE):
        packed = {"br": brotli.compress(body), "gzip": gzip.compress(body, mtime=0)}
    digest = hashlib.sha256(body).hexdigest()[:12]
    return Asset(name, body, mimetype, packed, digest, f"/assets/{digest}/{name}")


def assets() -> dict[str, Asset]:
    """All assets of this app by name."""
    found: dict[str, Asset] = flask.current_app.extensions["assets"]
    return found


def icon_url(name: str) -> str:
    """The address of one drawing of the sprite; an unknown name is an error, not a blank."""
    if name not in flask.current_app.extensions["icons"]:
        raise KeyError(f"No icon {name!r}: add it to static/icons/chosen.txt and `npm run vendor`.")
    return f"{url_of('icons/sprite.svg')}#{name}"


def url_of(name: str) -> str:
    """The address of an asset; an unknown name is an error, not a broken link."""
    return assets()[name].url


@guarded_by(anyone)
def _serve(digest: str, name: str) -> flask.Response:
    asset = assets().get(name)
    if asset is None or asset.digest != digest:
        flask.abort(404)
    offered = [coding for coding in asset.packed if flask.request.accept_encodings[coding]]
    answer = flask.Response(asset.packed[offered[0]] if offered else asset.body)
    answer.mimetype = asset.mimetype
    answer.headers["Cache-Control"] = FOREVER
    answer.headers["Vary"] = "Accept-Encoding"
    if offered:
        answer.headers["Content-Encoding"] = offered[0]
    return answer
