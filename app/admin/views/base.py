"""The blueprint of administration."""

import flask

bp = flask.Blueprint("admin", __name__, url_prefix="/manage")
