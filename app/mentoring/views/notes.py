"""Notes of a relationship: the list, one note with its versions, and two texts side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.messages import shown_name
from app.core import ids
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.htmx import htmx
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.forms import NoteForm, NoteTextForm
from app.mentoring.models import Note, NoteVersion, Relationship
from app.mentoring.policies import (
    may_decide_aside,
    may_keep_own,
    may_own_note,
    may_read_note,
    may_read_version,
    may_write_notes,
)
from app.mentoring.rules import NoteScope
from app.mentoring.rules.notes import joined
from app.mentoring.services import notes
from app.mentoring.views.acting import found_pair, me
from app.mentoring.views.base import bp

SHOWN = ("", "own", "shared", "deleted")


def kept(answer: flask.Response) -> flask.Response:
    """Opt in to the device's cache, for this reader alone."""
    answer.headers["X-Trellis-Offline"] = str(current_actor().person_id)
    return answer


def _of(pair: Relationship) -> dict[str, Any]:
    is_here = pair.has(me())
    return {
        "pair": pair,
        "is_here": is_here,
        "others": pair.others(me()) if is_here else [],
        "names": {member.person_id: shown_name(member.person) for member in pair.members},
    }


def _new_form() -> NoteForm:
    return NoteForm(formdata=None, data={"key": ids.token("note", size=12)})


def _list(pair: Relationship, form: NoteForm | None = None) -> dict[str, Any]:
    q, show = request.args.get("q", "").strip()[:200], request.args.get("show", "")
    show, number = show if show in SHOWN else "", request.args.get("page", 1, type=int)
    found = queries.notes_page(reading(), current_actor(), pair.id, q=q, show=show, number=number)
    return {**_of(pair), "found": found, "q": q, "show": show, "form": form or _new_form()}


@bp.get("/<uuid:relationship_id>/notes")
@guarded_by(may_keep_own, find=queries.kept_for)
def notes_list(pair: Relationship) -> flask.Response:
    """One's own notes and what the others share; a form for the next one."""
    return kept(page("mentoring/notes.html", fragment="mentoring/_notes.html", **_list(pair)))


@bp.post("/<uuid:relationship_id>/notes")
@guarded_by(may_write_notes, find=queries.kept_for)
def write_note(pair: Relationship) -> Response:
    """Write a note; while one types it is saved under the same key."""
    form = NoteForm()
    if not form.validate_on_submit():
        return invalid(
            "mentoring/notes.html", fragment="mentoring/_note_saved.html", **_list(pair, form)
        )
    pair_id, scope = pair.id, NoteScope(form.scope.data)
    with writing() as db:
        version = notes.write(db, me(), relationship_id=pair_id, scope=scope, **form.act)
        note_id, version_id = version.note_id, version.id
    return _answer(note_id, version_id, form, to=url_for(".notes_list", relationship_id=pair_id))


def _one(note: Note, form: NoteTextForm | None = None) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    pair = db.get_one(Relationship, note.relationship_id)
    given = {"key": ids.token("note", note.id, size=12), "text": note.text}
    return {
        **_of(pair),
        "note": note,
        "seen": note.revision,
        "form": form or NoteTextForm(formdata=None, data=given),
        "asides": queries.asides_of(db, actor, note.id),
    }


@bp.get("/notes/<uuid:note_id>")
@guarded_by(may_read_note, find=queries.note_for)
def note(note: Note) -> flask.Response:
    """One note, to be read and changed."""
    return kept(page("mentoring/note.html", **_one(note)))


@bp.post("/notes/<uuid:note_id>")
@guarded_by(may_read_note, find=queries.any_note_for)
def save_note(note: Note) -> Response:
    """Save a note, from the revision that was on the page."""
    form = NoteTextForm()
    if not form.validate_on_submit():
        return invalid(
            "mentoring/note.html", fragment="mentoring/_note_saved.html", **_one(note, form)
        )
    note_id, seen = note.id, form.seen_revision
    with writing() as db:
        version = notes.save(db, me(), note_id=note_id, seen=seen, **form.act)
        note_id, version_id = version.note_id, version.id
    return _answer(note_id, version_id, form, to=url_for(".note", note_id=note_id))


def _answer(note_id: UUID, version_id: UUID, form: NoteTextForm, *, to: str) -> Response:
    """What became of a text: to a queue of a device, to somebody who types, or to a button."""
    found = queries.version_for(reading(), current_actor(), note_id, version_id)
    if found is None:
        return _gone(note_id, form)
    there = url_for(".note", note_id=note_id)
    if found.number is None:
        to = there = url_for(".beside", note_id=note_id, version_id=version_id)
    if form.queued.data:
        return flask.jsonify(said=_said(found), to=there)
    if htmx.is_partial and not form.save.data:
        return page("mentoring/_note_saved.html", **_saved(found, form))
    if found.number is None:
        return go(to)
    return done(_("Your note is saved."), to=to)


def _gone(note_id: UUID, form: NoteTextForm) -> Response:
    """The same text once more, after its note was deleted."""
    note = queries.any_note_for(reading(), current_actor(), note_id)
    if note is None:
        flask.abort(404)
    said = _("This note was deleted. Your text stays among its versions.")
    to = url_for(".notes_list", relationship_id=note.relationship_id)
    return flask.jsonify(said=said, to=to) if form.queued.data else done(said, to=to)


def _saved(found: NoteVersion, form: NoteTextForm) -> dict[str, Any]:
    pair = found_pair(found.note.relationship_id)
    return {**_of(pair), "form": form, "note": found.note, "saved": found, "seen": found.number}


def _said(found: NoteVersion) -> str:
    if found.number is not None:
        return _("The note you wrote without a connection is saved.")
    return _("Somebody had changed this note meanwhile. Both texts are kept; look at them.")


@bp.get("/notes/<uuid:note_id>/versions")
@guarded_by(may_read_note, find=queries.note_for)
def note_versions(note: Note) -> flask.Response:
    """Everything that was saved in a note."""
    db, number = reading(), request.args.get("page", 1, type=int)
    found = queries.versions_page(db, current_actor(), note, number)
    pair = db.get_one(Relationship, note.relationship_id)
    return page("mentoring/note_versions.html", note=note, found=found, **_of(pair))


@bp.post("/notes/<uuid:note_id>/versions/<uuid:version_id>/restoration")
@guarded_by(may_read_version, find=queries.version_for)
def restore_version(version: NoteVersion) -> Response:
    """Make an earlier text the note's own again."""
    note_id, version_id = version.note_id, version.id
    with writing() as db:
        notes.restore(db, me(), version_id=version_id)
    said = _("This text is the note again. What stood there is among its versions.")
    return done(said, to=url_for(".note", note_id=note_id))


def _beside(version: NoteVersion, form: NoteTextForm | None = None) -> dict[str, Any]:
    note, mine = version.note, version.text
    pair = reading().get_one(Relationship, note.relationship_id)
    form = form or NoteTextForm(formdata=None, data={"text": joined(note.text, mine)})
    return {**_of(pair), "version": version, "note": note, "form": form}


@bp.get("/notes/<uuid:note_id>/beside/<uuid:version_id>")
@guarded_by(may_decide_aside, find=queries.aside_for)
def beside(version: NoteVersion) -> flask.Response:
    """My text and the one that was saved before it, side by side."""
    return page("mentoring/note_beside.html", **_beside(version))


@bp.post("/notes/<uuid:note_id>/beside/<uuid:version_id>")
@guarded_by(may_decide_aside, find=queries.aside_for)
def settle(version: NoteVersion) -> Response:
    """Keep one text, the other, or both joined."""
    form, keep = NoteTextForm(), request.form.get("keep")
    texts = {"mine": version.text, "theirs": None, "both": form.text.data or ""}
    if keep not in texts:
        raise Refused(_("Choose which text is kept."), 422)
    if not form.validate_on_submit():
        return invalid("mentoring/note_beside.html", **_beside(version, form))
    note_id, chosen = version.note_id, {"version_id": version.id, "text": texts[keep]}
    with writing() as db:
        after = notes.settle(db, me(), seen=form.seen_revision, **chosen)
        after_id, is_aside = after.id, after.number is None
    if is_aside:
        flask.flash(_("It changed once more meanwhile. Your text is kept; compare again."), "info")
        return go(url_for(".beside", note_id=note_id, version_id=after_id))
    said = _("Decided. The other text is among the versions of this note.")
    return done(said, to=url_for(".note", note_id=note_id))


@bp.post("/notes/<uuid:note_id>/readers")
@guarded_by(may_own_note, find=queries.note_for)
def share_note(note: Note) -> Response:
    """Let all members read it from now on, or nobody else any more."""
    wanted, note_id = request.form.get("scope", ""), note.id
    if wanted not in list(NoteScope):
        raise Refused(_("Choose who can read this note."), 422)
    with writing() as db:
        notes.share(db, me(), note_id=note_id, scope=NoteScope(wanted))
    said = _("Shared. They can read and change it from now on; earlier versions stay with you.")
    if wanted == NoteScope.OWN:
        said = _("Only you can read this note now.")
    return done(said, to=url_for(".note", note_id=note_id))


@bp.post("/notes/<uuid:note_id>/deletion")
@guarded_by(may_own_note, find=queries.note_for)
def delete_note(note: Note) -> Response:
    """Delete one's own note; it can be brought back for thirty days."""
    note_id, pair_id = note.id, note.relationship_id
    with writing() as db:
        notes.delete_note(db, me(), note_id=note_id)
    return done(
        _("The note is deleted. You can bring it back for thirty days."),
        to=url_for(".notes_list", relationship_id=pair_id),
        undo=url_for(".bring_back_note", note_id=note_id),
    )


@bp.post("/notes/<uuid:note_id>/recovery")
@guarded_by(may_own_note, find=queries.any_note_for)
def bring_back_note(note: Note) -> Response:
    """Undo a deletion."""
    note_id = note.id
    with writing() as db:
        notes.bring_back(db, me(), note_id=note_id)
    return done(_("The note is back."), to=url_for(".note", note_id=note_id))
