"""One table of errors: what each status says, to a browser as a page, to htmx as a message."""

from __future__ import annotations

import flask
import structlog
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from app.core.database import end_reading
from app.core.htmx import VARY, htmx

log = structlog.get_logger()

TABLE = {
    400: (_l("That request did not make sense"), _l("Go back, reload the page and try again.")),
    403: (
        _l("This is not open to you"),
        _l("If you think it should be, ask the organizer or your administrator."),
    ),
    404: (
        _l("There is nothing here"),
        _l("The page does not exist, or it is not visible to you. Try the search."),
    ),
    405: (_l("That does not work here"), _l("Go back and use the button on the page.")),
    409: (_l("That is no longer possible"), _l("Something changed meanwhile. Reload the page.")),
    413: (_l("That file is too large"), _l("Choose a smaller file and try again.")),
    422: (_l("Please check what you entered"), _l("The fields that need a change are marked.")),
    429: (_l("Too many tries"), _l("Wait a few minutes, then try again.")),
    500: (_l("Something broke on our side"), _l("It has been recorded. Please try again later.")),
    503: (
        _l("We cannot save right now"),
        _l("Nothing is lost. Please try again in a minute."),
    ),
}


class Refused(Exception):
    """An act the rules do not allow now; the text (translated) says why and what next."""

    def __init__(self, message: str, status: int = 409) -> None:
        super().__init__(message)
        self.message = str(message)
        self.status = status


def init_app(app: flask.Flask) -> None:
    """Answer every error from the one table."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(Refused, lambda refused: answer(refused.status, refused.message))
    app.register_error_handler(OperationalError, _database_error)
    if not app.testing:
        app.register_error_handler(Exception, _unexpected)


def answer(status: int, explanation: str | None = None) -> Response:
    """The error page, or for htmx a message swapped into the status region."""
    title, usual = TABLE.get(status, TABLE[500 if status >= 500 else 400])
    end_reading()
    template = "layouts/_problem.html" if htmx.is_partial else "layouts/error.html"
    text = flask.render_template(
        template, status=status, problem=title, explanation=explanation or usual
    )
    response = flask.make_response(text, status)
    response.headers["Vary"] = VARY
    if htmx.is_partial:
        response.headers["HX-Retarget"] = "#status"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    if error.code >= 500:
        log.error("http_error", status=error.code)
    return answer(error.code)


def _csrf_error(_error: CSRFError) -> Response:
    return answer(
        400, str(_l("The form was open for too long. Reload the page and send it again."))
    )


def _database_error(error: OperationalError) -> Response:
    log.error("database_unavailable", error=str(error.orig))
    return answer(503)


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected_error", error=type(error).__name__)
    return answer(InternalServerError.code)
