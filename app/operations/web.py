"""The web server as a child of the supervisor, with an application loaded before the fork."""

from __future__ import annotations

import gc
from typing import Any

import flask
from gunicorn.app.base import BaseApplication

from app.core.settings import Settings
from app.operations import leash

WORKERS, THREADS = 2, 4


class WebServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn with threads; each of its workers makes its own connections."""

    def __init__(self, app: flask.Flask, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        wanted = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            # A process that makes way for a new one answers all who wait; a stop has its own limit.
            "graceful_timeout": 30,
            "keepalive": 5,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": _after_fork,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        """The application that was loaded before the fork."""
        return self.app


def _after_fork(_server: Any, worker: Any) -> None:
    leash.hold_again()
    extensions = worker.app.app.extensions
    extensions["database"].forget()
    extensions["broker"] = None


def serve(app: flask.Flask) -> None:
    """Answer requests until told to stop."""
    gc.freeze()  # what the processes share is neither copied nor looked through by a collection
    WebServer(app, app.extensions["settings"]).run()
