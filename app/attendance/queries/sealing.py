"""Opening what people said they need, with the row's own key."""

from __future__ import annotations

from app.attendance.models import AccessNeed
from app.core.keyring import keyring, unseal


def key_aad(row: AccessNeed, root_id: str) -> str:
    """What a wrapped key is bound to."""
    return f"access_need|wrapped|{row.id}|{root_id}"


def value_aad(row: AccessNeed, column: str) -> str:
    """What a sealed value is bound to: table, column, row and person."""
    return f"access_need|{column}|{row.id}|{row.person_id}"


def data_key(row: AccessNeed) -> bytes:
    """The row's key."""
    return unseal(keyring().roots[row.root_id], row.wrapped, key_aad(row, row.root_id))


def opened(row: AccessNeed) -> tuple[bytes, bytes | None]:
    """(what was said, the answer to it)."""
    key = data_key(row)
    answer = row.answer and unseal(key, row.answer, value_aad(row, "answer"))
    return unseal(key, row.sealed, value_aad(row, "sealed")), answer
