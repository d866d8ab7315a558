"""What monitors and administrators see."""

from __future__ import annotations

import pytest

from app.core.settings import load
from app.factory import create_app
from tests.client import Browser


def test_ready_says_what_is_away_and_stays_200_without_a_broker(anonymous: Browser) -> None:
    answer = anonymous.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["ready"] is True
    assert answer.json["broker"].startswith("away")


def test_not_ready_without_migrations_or_database(environ: dict[str, str], tmp_path) -> None:
    for url, fault in (
        (f"sqlite:///{tmp_path / 'empty.sqlite3'}", "migrations"),
        ("postgresql://nobody@127.0.0.1:1/none", "database"),
    ):
        app = create_app(load({**environ, "DATABASE_URL": url}))
        answer = app.test_client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json[fault] != "ok"
        assert app.test_client().get("/healthz").status_code == 200
        app.extensions["database"].dispose()


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 403),
    ],
)
def test_figures_are_for_this_machine_alone(
    anonymous: Browser, address: str, headers: dict[str, str], status: int
) -> None:
    answer = anonymous.client.get(
        "/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}
    )
    assert answer.status_code == status
    if status == 200:
        assert 'trellis_deliveries_due{channel="mail"} 0' in answer.get_data(as_text=True)


def test_with_a_token_only_the_token_counts(environ: dict[str, str]) -> None:
    app = create_app(load({**environ, "METRICS_TOKEN": "open sesame"}))
    client = app.test_client()
    assert client.get("/metrics").status_code == 403
    wrong = client.get("/metrics", headers={"Authorization": "Bearer closed"})
    assert wrong.status_code == 403
    right = client.get(
        "/metrics",
        headers={"Authorization": "Bearer open sesame"},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert right.status_code == 200
    app.extensions["database"].dispose()
