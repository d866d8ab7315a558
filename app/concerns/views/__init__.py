"""Pages of concerns: for whoever raises one, for handlers, for administrators who choose them."""

from app.concerns.views import desk, handlers, own  # noqa: F401 - they add routes
from app.concerns.views.base import bp

blueprints = [bp]
