"""No endpoint without a guard; what may not be seen does not exist."""

from __future__ import annotations

import flask
import pytest

from app.core import ids, policies
from app.core.policies import Actor, anyone, guarded_by, inside, may, public, signed_in, verify


def test_the_app_refuses_to_start_with_an_unguarded_endpoint(app):
    app.add_url_rule("/naked", "naked", lambda: "hello")
    with pytest.raises(RuntimeError, match="naked"):
        verify(app)


def test_every_route_names_its_policy(app):
    assert all(route.policy != "-" for route in policies.routes(app))


def _client(app: flask.Flask, policy, find=None):
    @guarded_by(policy, find=find)
    def view(subject=None):
        return f"seen {subject}"

    app.add_url_rule("/guarded/<name>", "guarded", view)
    return app.test_client()


def test_signed_out_people_are_sent_to_sign_in_before_anything_is_looked_up(app):
    looked = []
    client = _client(app, signed_in, lambda db, actor, name: looked.append(name))
    answer = client.get("/guarded/secret")
    assert answer.status_code == 303 and "/login" in answer.headers["Location"]
    assert looked == []


def test_htmx_of_an_expired_session_is_redirected_by_header(app):
    client = _client(app, signed_in)
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = client.get("/guarded/x", headers=headers)
    assert "/login" in answer.headers["HX-Redirect"]


def test_what_the_finder_does_not_find_is_404_and_what_the_policy_refuses_403(app):
    @public
    def only_open(_actor, subject):
        return subject == "open"

    found = {"open": "open", "closed": "closed"}
    client = _client(app, only_open, lambda db, actor, name: found.get(name))
    assert client.get("/guarded/open").status_code == 200
    assert client.get("/guarded/closed").status_code == 403
    assert client.get("/guarded/absent").status_code == 404


def test_a_button_and_its_route_ask_the_same_guard(app):
    @guarded_by(inside)
    def view():
        return ""

    app.add_url_rule("/inside", "inside", view)
    with app.test_request_context("/"):
        assert may("inside") is False
        with pytest.raises(KeyError):
            may("absent.endpoint")
    guest = Actor(person_id=ids.new_id(), is_external=True)
    assert not policies.guard_of(app, "inside").allows(guest)
    assert anyone(guest, None)
