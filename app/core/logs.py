"""Structured logs: one line per event, with no person, group or kind of message in it."""

from __future__ import annotations

import logging
import sys

import flask
import structlog


def init_app(app: flask.Flask) -> None:
    """Render readable lines in development and JSON elsewhere, to standard error."""
    settings = app.extensions["settings"]
    readable = settings.env in ("development", "testing")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=False)
            if readable
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if settings.env in ("testing", "demo") else logging.INFO
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
