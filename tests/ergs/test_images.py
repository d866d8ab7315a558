"""A group's picture: drawn anew, told in words, shown to whoever sees the group."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.core.database import end_reading
from app.ergs import services
from app.ergs.jobs.images import draw_pictures
from app.ergs.models import Erg, ErgImage
from app.ergs.rules import MAX_OUTPUT, WIDTHS, Discovery, ImageState, Visibility
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg

PAGE = "/ergs/women/picture/"
ALT = "Five colleagues laughing"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    """A browser of either kind for a person by first name."""
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "farid" else (),
            ).id
            for name in ("bo", "dalia", "farid")
        }


@pytest.fixture
def women(people, write):
    with write() as db:
        return make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY).id


def photo(width: int = 1600, height: int = 900) -> tuple[io.BytesIO, str]:
    """A photograph that knows where it was taken."""
    picture = Image.effect_noise((width, height), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = "Maria at home"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"Maria was here")
    assert b"Maria" in out.getvalue()
    out.seek(0)
    return out, "photo.jpg"


def draw(app) -> None:
    with app.app_context():
        draw_pictures()
        end_reading()


def test_a_picture_is_drawn_anew_shown_to_readers_and_carries_nothing_else(
    app, browser, women
) -> None:
    dalia = browser("dalia").get(PAGE)
    assert dalia.has("There is no picture yet")
    dalia.submit("Save", alt=ALT, files={"file": photo()})
    assert dalia.has("The picture is being prepared.")
    assert "<img" not in browser("bo").get("/ergs/women/").html
    draw(app)
    bo = browser("bo").get("/ergs/women/")
    (shown,) = list(bo.tree.iter("img"))
    assert shown.get("alt") == ALT and len(shown.get("srcset").split(",")) == len(WIDTHS)
    for source in shown.get("srcset").split(", "):
        url, width = source.split(" ")
        answer = bo.client.get(url)
        assert answer.status_code == 200 and answer.content_type == "image/webp"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "private" in answer.headers["Cache-Control"]
        assert b"Maria" not in answer.data and len(answer.data) <= MAX_OUTPUT
        with Image.open(io.BytesIO(answer.data)) as drawn:
            assert f"{drawn.width}w" == width and drawn.format == "WEBP"
            assert not drawn.getexif()
    assert ALT in bo.get("/ergs/").html


def test_the_original_is_kept_nowhere(app, browser, women, write) -> None:
    browser("dalia").get(PAGE).submit("Save", alt=ALT, files={"file": photo()})
    draw(app)
    draw(app)
    with write() as db:
        image = db.query(ErgImage).one()
        assert image.state is ImageState.READY and image.file_id is None
    data = app.extensions["settings"].data_dir
    assert list((data / "files").glob("*")) == []
    assert len(list((data / "pictures").glob("*.webp"))) == len(WIDTHS)


def test_a_small_picture_is_not_made_larger(app, browser, women, write) -> None:
    browser("dalia").get(PAGE).submit("Save", alt=ALT, files={"file": photo(300, 200)})
    draw(app)
    with write() as db:
        assert db.query(ErgImage).one().sizes == [[300, 200]]


def test_what_is_no_picture_is_refused_at_the_field(browser, women) -> None:
    dalia = browser("dalia").get(PAGE)
    dalia.submit("Save", alt=ALT, files={"file": (io.BytesIO(b"<script>"), "x.jpg")})
    assert dalia.status == 422
    dalia.get(PAGE).submit("Save", alt="", files={"file": photo()})
    assert dalia.status == 422 and dalia.has("Please say in a few words what the picture shows.")
    dalia.get(PAGE).submit("Save", alt=ALT)
    assert dalia.status == 422 and dalia.has("Choose a file first.")
    dalia.get(PAGE).submit("Save", alt=ALT, files={"file": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")})
    assert dalia.has("This is not a picture.")


def test_a_broken_picture_says_why(app, browser, women) -> None:
    whole = photo()[0].getvalue()
    cut = (io.BytesIO(whole[: len(whole) // 20]), "cut.jpg")
    dalia = browser("dalia").get(PAGE).submit("Save", alt=ALT, files={"file": cut})
    draw(app)
    assert dalia.get(PAGE).has("This picture cannot be shown")
    assert dalia.has("This file cannot be read.")


def test_words_change_and_a_picture_goes_with_undo(app, browser, women) -> None:
    dalia = browser("dalia").get(PAGE).submit("Save", alt=ALT, files={"file": photo(600, 400)})
    draw(app)
    dalia.get(PAGE).submit("Save", alt="Six colleagues")
    bo = browser("bo").get("/ergs/women/")
    (shown,) = list(bo.tree.iter("img"))
    assert shown.get("alt") == "Six colleagues"
    dalia.get(PAGE).submit("Remove the picture")
    assert bo.client.get(shown.get("src")).status_code == 404
    dalia.submit("Undo")
    assert dalia.has("The picture is back.")
    assert bo.client.get(shown.get("src")).status_code == 200


def test_the_picture_of_a_hidden_group_is_nobody_elses_and_kept_by_no_browser(
    app, people, women, write
) -> None:
    with write() as db:
        make_erg(db, "quiet", lead=people["dalia"], discovery=Discovery.HIDDEN)
    dalia = Browser(app).sign_in("dalia@t.example").get("/ergs/quiet/picture/")
    dalia.submit("Save", alt=ALT, files={"file": photo(600, 400)})
    draw(app)
    (shown,) = list(dalia.get("/ergs/quiet/").tree.iter("img"))
    answer = dalia.client.get(shown.get("src"))
    assert answer.headers["Cache-Control"] == "private, no-store"
    bo = Browser(app).sign_in("bo@t.example")
    assert bo.client.get(shown.get("src")).status_code == 404
    assert bo.client.get(shown.get("src").replace("quiet", "women")).status_code == 404
    for name, status in (("bo", 403), ("farid", 403), ("dalia", 200)):
        assert Browser(app).sign_in(f"{name}@t.example").get(PAGE).status == status


def test_two_workers_draw_one_picture(app, women, people, write) -> None:
    from werkzeug.datastructures import FileStorage

    stream, name = photo(600, 400)
    with write() as db:
        image_id = services.give_image(
            db,
            people["dalia"],
            erg_id=women,
            upload=FileStorage(stream, filename=name),
            alt=ALT,
            alt_locale="en",
        ).id
    with app.app_context():
        services.draw(image_id)
        services.draw(image_id)
    with write() as db:
        assert db.get(Erg, women).picture.id == image_id
