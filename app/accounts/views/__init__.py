"""Sign-in, settings, directory: one blueprint, a module for each."""

from app.accounts.views import directory, passwords, settings, signin
from app.accounts.views.base import bp

bp.record_once(signin.install)

__all__ = ["bp", "directory", "passwords", "settings", "signin"]
