"""One error table, strict headers, and answers in the way each client follows."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from app.core.errors import Refused
from app.core.pages import safe_next
from app.core.policies import anyone, guarded_by
from tests.judge import judge

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def failing(app):
    @guarded_by(anyone)
    def fail(how: str):
        if how == "refused":
            raise Refused("The group is full. Ask to be told when a place is free.")
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    app.add_url_rule("/fail/<how>", "fail", fail)
    return app.test_client()


def test_a_refusal_says_why_as_a_page(failing):
    answer = failing.get("/fail/refused")
    assert answer.status_code == 409
    assert "Ask to be told when a place is free." in answer.get_data(as_text=True)
    assert judge(answer.get_data(as_text=True)) == []


def test_to_htmx_an_error_is_a_message_for_the_status_region(failing):
    answer = failing.get("/fail/refused", headers=HTMX)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#status"
    assert "<html" not in answer.get_data(as_text=True)
    assert judge(answer.get_data(as_text=True), fragment=True) == []


def test_a_full_disk_is_a_clear_503(failing):
    answer = failing.get("/fail/disk")
    assert answer.status_code == 503
    assert "Nothing is lost" in answer.get_data(as_text=True)


def test_every_answer_carries_the_strict_headers(app):
    answer = app.test_client().get("/")
    policy = answer.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "require-trusted-types-for 'script'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "style-src 'self';",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    again = app.test_client().get("/").headers["Content-Security-Policy"]
    assert again != policy, "the nonce is new on every answer"


def test_pages_vary_by_what_htmx_asks(app):
    vary = app.test_client().get("/").headers["Vary"]
    assert "HX-Request" in vary and "HX-Request-Type" in vary


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_of_another_site_is_refused_before_anything_else(app, headers):
    assert app.test_client().post("/logout", headers=headers).status_code == 403


def test_a_post_without_token_is_refused_in_words(app):
    answer = app.test_client().post("/login", data={"email": "a@b.example", "password": "x"})
    assert answer.status_code == 400
    assert "Reload the page" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        None,
        "/ok\nSet-Cookie: a=b",
    ],
)
def test_no_open_redirect(target):
    assert safe_next(target, "/home") == "/home"


def test_a_path_of_ours_is_kept():
    assert safe_next("/events/?q=a", "/home") == "/events/?q=a"


@pytest.mark.parametrize(("number", "kept"), [("9" * 20, "9" * 9), ("-" + "9" * 20, "1")])
def test_no_page_number_is_longer_than_databases_count(app, number, kept):
    answer = app.test_client().get(f"/ergs/?q=women&page={number}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/ergs/?q=women&page={kept}")
