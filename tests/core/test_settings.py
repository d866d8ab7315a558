"""Settings refuse what would be unsafe, in one plain sentence."""

from __future__ import annotations

import pytest

from app.core.settings import SettingsError, load

SAFE = {
    "TRELLIS_ENV": "production",
    "SECRET_KEY": "k" * 40,
    "BASE_URL": "https://trellis.example",
}


@pytest.fixture
def safe(tmp_path) -> dict[str, str]:
    keys = tmp_path / "keys.json"
    keys.write_text("{}")
    return {**SAFE, "KEY_FILE": str(keys), "DATA_DIR": str(tmp_path)}


def test_production_starts_with_everything_set(safe):
    settings = load(safe)
    assert settings.is_production and settings.is_https


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"SECRET_KEY": "change-me"}, "SECRET_KEY"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"BASE_URL": "http://trellis.example"}, "BASE_URL"),
        ({"TRELLIS_NOW": "+P1D"}, "TRELLIS_NOW"),
        ({"TRELLIS_SEED": "1"}, "TRELLIS_SEED"),
        ({"KEY_FILE": "/nonexistent/keys.json"}, "KEY_FILE"),
    ],
)
def test_production_refuses_what_is_unsafe(safe, change, names):
    with pytest.raises(SettingsError, match=names):
        load({**safe, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"TRELLIS_ENV": "prod"},
        {"PORT": "eighty"},
        {"DATABASE_URL": "mysql://x"},
        {"MAIL_URL": "http://mail"},
        {"BASE_URL": "trellis.example"},
    ],
)
def test_nonsense_names_its_variable(tmp_path, change):
    with pytest.raises(SettingsError, match=next(iter(change))):
        load({"DATA_DIR": str(tmp_path), **change})


def test_outside_production_a_secret_is_made_once_and_kept(tmp_path):
    first, second = (load({"DATA_DIR": str(tmp_path)}) for _ in range(2))
    assert first.secret_key == second.secret_key and len(first.secret_key) >= 32
