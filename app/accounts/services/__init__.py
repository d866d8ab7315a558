"""Verbs that change people, accounts and job history; they flush, the caller commits."""

from app.accounts.services.departure import deactivate
from app.accounts.services.history import record_facts
from app.accounts.services.passwords import (
    credential_of,
    first_password_link,
    request_reset,
    set_password,
    use_reset,
    verified,
)
from app.accounts.services.people import add_person, grant_role, index_person
from app.accounts.services.preferences import choose_channels, choose_preferences
from app.accounts.services.sessions import (
    Opened,
    open_session,
    renew_session,
    revoke_all_sessions,
    revoke_session,
)

__all__ = [
    "Opened",
    "add_person",
    "choose_channels",
    "choose_preferences",
    "credential_of",
    "deactivate",
    "first_password_link",
    "grant_role",
    "index_person",
    "open_session",
    "record_facts",
    "renew_session",
    "request_reset",
    "revoke_all_sessions",
    "revoke_session",
    "set_password",
    "use_reset",
    "verified",
]
