"""The service worker's text: its source with the hashed addresses it keeps."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from app.core.assets import Asset

SOURCE = Path(__file__).resolve().parents[2] / "static" / "js" / "sw.js"
KEPT = ("css/app.css", "js/app.js", "icons/sprite.svg", "icons/favicon.svg")


def source(found: dict[str, Asset]) -> str:
    """The worker for these assets; it changes, and so updates, whenever one of them does."""
    return _filled(tuple(found[name].url for name in KEPT))


@cache
def _filled(urls: tuple[str, ...]) -> str:
    text = SOURCE.read_text(encoding="utf-8")
    version = hashlib.sha256((text + "".join(urls)).encode()).hexdigest()[:12]
    return f"const VERSION = {json.dumps(version)}, ASSETS = {json.dumps(urls)};\n{text}"
