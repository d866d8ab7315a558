"""Passwords that are guessed first are refused; a sentence of one's own is not."""

from __future__ import annotations

import pytest

from app.accounts.rules.passwords import is_common


@pytest.mark.parametrize(
    "password",
    [
        "Password2026!",
        "p4ssw0rdp4ssw0rd",
        "123456789012",
        "Summer-Sunday-2026",
        "aaaaaaaaaaaa",
        "qwertyuiop123",
        "IloveyouIloveyou",
        "Welcome12345!",
        "abcabcabcabc",
        "contraseña123",
        "111111222222",
        "TrellisAdmin2026",
        "987654321098",
    ],
)
def test_what_is_guessed_first_is_refused(password):
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "trece gatos duermen",
        "شجرة الزيتون عند البيت",
        "kv9-Tqx2-mmLr",
        "東京の朝はとても静かです",
        "grandma bakes at dawn",
    ],
)
def test_one_s_own_sentence_is_accepted(password):
    assert not is_common(password)
