"""Uploads are made safe: what a file is, is told by its content; nothing is served before clean."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image, PngImagePlugin
from werkzeug.datastructures import FileStorage

from app.core import clock, files, ids
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.files import FileState, Problem, StoredFile
from app.core.policies import Actor
from app.core.settings import SettingsError, load
from tests.client import Browser
from tests.factories.accounts import make_person

CANARY = "GPS-CANARY-4711"


def picture(shape: str = "PNG", size: tuple[int, int] = (40, 30), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, shape, **options)
    return out.getvalue()


def package(*names: str, types: str = "", content: bytes = b"<x/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("[Content_Types].xml", types)
        for name in names:
            box.writestr(name, content)
    return out.getvalue()


def upload(content: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def take(content: bytes, name: str, group_id: UUID | None = None) -> UUID:
    with writing() as db:
        return files.receive(db, upload(content, name), None, group_id).id


def cleaned(content: bytes, name: str) -> StoredFile:
    file_id = take(content, name)
    files.clean_one(file_id)
    row = reading().get(StoredFile, file_id)
    assert row is not None
    return row


def content_of(row: StoredFile) -> bytes:
    found = files.open_clean(row)
    assert found is not None
    with found:
        return found.read()


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = CANARY  # description
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[29] = CANARY  # the date stamp of the GPS block
    return exif.tobytes()


@pytest.mark.parametrize(
    ("shape", "name", "ending"),
    [("JPEG", "a.jpeg", ".jpg"), ("PNG", "a.png", ".png"), ("WEBP", "a.webp", ".webp")],
)
def test_a_picture_loses_everything_but_its_pixels(context, shape, name, ending):
    more = {"exif": _exif(), "icc_profile": CANARY.encode(), "comment": CANARY}
    if shape == "PNG":
        note = PngImagePlugin.PngInfo()
        note.add_text("Where", CANARY)
        more["pnginfo"] = note
    raw = picture(shape, **more) + b"<script>" + CANARY.encode()
    assert CANARY.encode() in raw
    row = cleaned(raw, name)
    content = content_of(row)
    assert row.is_clean and row.name == f"a{ending}"
    assert CANARY.encode() not in content and b"<script>" not in content
    with Image.open(io.BytesIO(content)) as drawn:
        assert not drawn.getexif() and "icc_profile" not in drawn.info
        assert drawn.size == (30, 40), "the picture stands upright, as its data said"


def test_a_moving_picture_stands_still(context):
    frames = [Image.new("RGB", (9, 9), (n * 80, 0, 0)) for n in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=CANARY.encode())
    row = cleaned(out.getvalue(), "dance.gif")
    assert (row.media_type, row.name) == ("image/png", "dance.png")
    assert CANARY.encode() not in content_of(row)


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        (b"", "empty.pdf", Problem.EMPTY),
        (b"<html><script>alert(1)</script>", "photo.png", Problem.MISNAMED),
        (b"<html><script>alert(1)</script>", "page.html", Problem.MISNAMED),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "logo.svg", Problem.MISNAMED),
        (picture("PNG"), "photo.jpg", Problem.MISNAMED),
        (picture("PNG"), "page.html", Problem.MISNAMED),
        (b"%PDF-1.7\n<script>", "slides.pptx", Problem.MISNAMED),
        (b"MZ\x90\x00\x03\x00", "tool.exe", Problem.UNKNOWN),
        (b"\x7fELF\x02\x01\x01\x00", "notes.txt", Problem.UNKNOWN),
        (b"Grusse \xff\xfe", "latin.txt", Problem.UNKNOWN),
        (package("word/document.xml"), "archive.zip", Problem.UNKNOWN),
        (package("word/document.xml"), "letter.docm", Problem.UNKNOWN),
        (b"<html>" + package("word/document.xml"), "letter.docx", Problem.UNKNOWN),
    ],
)
def test_what_is_not_taken_is_refused_at_the_door(context, content, name, problem):
    assert files.check(upload(content, name)) is problem
    with pytest.raises(Refused) as refused:
        take(content, name)
    assert refused.value.status == 422 and refused.value.message == str(files.PROBLEMS[problem])
    assert not list(files.storing.folder().iterdir()), "nothing is left on the disk"


def test_html_in_a_text_file_leaves_as_text(context):
    row = cleaned(b"<html><script>alert(1)</script>", "page.txt")
    assert row.media_type == "text/plain"


def _bomb_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        (_bomb_png(50_000, 50_000), "bomb.png", Problem.BOMB),
        (_bomb_png(8_000, 8_000), "large.png", Problem.BOMB),
        (picture("PNG")[:60], "cut.png", Problem.BROKEN),
        (b"\xff\xd8\xff<html>", "photo.jpg", Problem.BROKEN),
        (b"PK\x03\x04 no archive", "letter.docx", Problem.BROKEN),
        (package("xl/workbook.xml"), "letter.docx", Problem.MISNAMED),
        (package("word/document.xml", "word/vbaProject.bin"), "letter.docx", Problem.MACROS),
        (
            package("xl/workbook.xml", types="application/vnd.ms-excel.sheet.macroEnabled.main"),
            "sheet.xlsx",
            Problem.MACROS,
        ),
        (
            package("word/document.xml", content=b"\0" * 12_000_000),
            "bomb.docx",
            Problem.BOMB,
        ),
    ],
)
def test_what_is_hostile_inside_is_never_served(context, content, name, problem):
    row = cleaned(content, name)
    assert (row.state, row.problem) == (FileState.REFUSED, problem.value)
    assert files.open_clean(row) is None
    assert not list(files.storing.folder().iterdir()), "its content is gone"


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"%PDF-1.7\nhello", "plan.pdf", "application/pdf"),
        (package("word/document.xml"), "letter.docx", files.KINDS["docx"].media_type),
        (package("xl/workbook.xml"), "sheet.xlsx", files.KINDS["xlsx"].media_type),
        (package("ppt/presentation.xml"), "talk.pptx", files.KINDS["pptx"].media_type),
        ("Grüße an alle\n".encode(), "notes.md", "text/plain"),
        ("Name;Stadt\nÁgnes;Győr\n".encode("utf-8-sig"), "list.csv", "text/csv"),
    ],
)
def test_a_document_stays_as_it_came(context, content, name, media_type):
    row = cleaned(content, name)
    assert row.is_clean and row.media_type == media_type
    assert content_of(row) == content


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("invoice\u202efdp.exe.pdf", "invoicefdp.exe.pdf"),
        ("a\u2066b\u2069\u200f.png", "ab.png"),
        ("one\r\ntwo\x00.csv", "onetwo.csv"),
        ("  .htaccess", "htaccess"),
        ("年度計画 2026.xlsx", "年度計画 2026.xlsx"),
        ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
        ("x" * 400 + ".docx", "x" * 108 + ".docx"),
        ('a"b<c>.txt', "a b c.txt"),
        (None, "file"),
        ("...", "file"),
    ],
)
def test_a_name_keeps_nothing_that_misleads(given, kept):
    assert files.clean_name(given) == kept


def test_nothing_is_served_before_it_is_clean(context):
    row = reading().get(StoredFile, take(b"%PDF-1.7\n", "plan.pdf"))
    assert row.state is FileState.RAW and files.open_clean(row) is None


def test_the_sweep_cleans_what_a_lost_wake_up_left_and_a_second_run_changes_nothing(context):
    file_id = take(picture(), "a.png")
    files.clean_due()
    first = reading().get(StoredFile, file_id).sha256
    files.clean_due()
    files.clean_one(file_id)
    again = reading().get(StoredFile, file_id)
    assert again.is_clean and again.sha256 == first
    assert [p.suffix for p in files.storing.folder().iterdir()] == [".clean"]


def test_a_lost_content_is_refused_and_not_tried_forever(context):
    file_id = take(picture(), "a.png")
    files.storing.raw_path(file_id).unlink()
    files.clean_due()
    assert reading().get(StoredFile, file_id).state is FileState.REFUSED


def test_a_discarded_file_is_gone_from_the_disk(context):
    row = cleaned(picture(), "a.png")
    file_id = row.id
    with writing() as db:
        files.discard(db, file_id)
    assert reading().get(StoredFile, file_id) is None
    assert not list(files.storing.folder().iterdir())


class TestLimits:
    @pytest.fixture
    def environ(self, environ):
        return {**environ, "FILE_MAX_MB": "1", "FILE_GROUP_QUOTA_MB": "2"}

    def test_a_large_file_is_refused(self, context):
        assert files.check(upload(b"a" * 1_048_577, "a.txt")) is Problem.TOO_LARGE
        assert files.check(upload(b"a" * 1_048_576, "a.txt")) is None

    def test_a_full_group_takes_nothing_more_and_another_one_does(self, context):
        one, other = ids.new_id(), ids.new_id()
        for _n in range(2):
            take(b"a" * 1_000_000, "a.txt", one)
        with pytest.raises(Refused) as refused:
            take(b"a" * 1_000_000, "a.txt", one)
        assert refused.value.message == str(files.PROBLEMS[Problem.QUOTA])
        take(b"a" * 1_000_000, "a.txt", other)


def test_a_limit_that_the_server_cannot_keep_stops_the_start(tmp_path):
    with pytest.raises(SettingsError, match="FILE_MAX_MB"):
        load({"DATA_DIR": str(tmp_path), "FILE_MAX_MB": "600"})


@pytest.fixture
def served(app: Flask):
    """Two people, one of whom has a link to a picture and one to a document."""
    with app.app_context(), writing() as db:
        bo = make_person(db, "Bo", "bo@test.example", "trellis-demo").id
        make_person(db, "Chen", "chen@test.example", "trellis-demo")
    with app.app_context():
        rows = [cleaned(picture(), "a.png"), cleaned(b"%PDF-1.7\n<script>", 'Plan "B" é.pdf')]
    with app.test_request_context("/"):
        links = [files.link(row, Actor(person_id=bo)) for row in rows]
    return app, links


def test_a_link_serves_a_picture_inline_and_a_document_as_an_attachment(served):
    app, (shown, saved) = served
    client = Browser(app).sign_in("bo@test.example").client
    image, document = client.get(shown), client.get(saved)
    assert image.status_code == document.status_code == 200
    assert image.headers["Content-Disposition"].startswith("inline")
    assert document.headers["Content-Disposition"].startswith("attachment")
    for answer in (image, document):
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"].startswith("private")
    assert "no-store" in document.headers["Cache-Control"]
    etag = image.headers["ETag"]
    assert client.get(shown, headers={"If-None-Match": etag}).status_code == 304


def test_a_link_is_of_no_use_to_anybody_else_nor_later_nor_changed(served):
    app, (shown, _saved) = served
    other = Browser(app).sign_in("chen@test.example").client
    own = Browser(app).sign_in("bo@test.example").client
    absent = other.get("/files/no-such-token")
    stolen = other.get(shown)
    assert absent.status_code == stolen.status_code == 404
    assert own.get(shown[:-2] + "xx").status_code == 404
    assert app.test_client().get(shown).status_code == 303, "first sign in"
    later = clock.now() + timedelta(minutes=files.LINK_MINUTES, seconds=1)
    with clock.frozen(later):
        assert own.get(shown).status_code == 404


def test_a_link_to_what_is_not_clean_leads_nowhere(app):
    with app.app_context(), writing() as db:
        bo = make_person(db, "Bo", "bo@test.example", "trellis-demo").id
    with app.app_context():
        row = reading().get(StoredFile, take(picture(), "a.png"))
    with app.test_request_context("/"):
        address = files.link(row, Actor(person_id=bo))
    assert Browser(app).sign_in("bo@test.example").client.get(address).status_code == 404
