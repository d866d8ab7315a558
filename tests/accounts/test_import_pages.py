"""The import in the browser, walked as a plain browser and with htmx."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from app.accounts.jobs import resume_imports
from app.accounts.models import Person
from app.accounts.rules import PersonStatus
from app.core.database import reading, writing
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def farid(app, request) -> Browser:
    with app.app_context(), writing() as db:
        make_person(
            db, name="Farid", email="farid@test.example", password=PASSWORD, roles=("org_admin",)
        )
    return Browser(app, htmx=request.param).sign_in("farid@test.example")


def work(app) -> None:
    with app.app_context():
        resume_imports()


def upload(browser: Browser, content: bytes, name: str = "people.csv") -> Browser:
    browser.get("/manage/people/").click("Import people")
    return browser.submit("Upload", files={"file": (io.BytesIO(content), name)})


def test_an_administrator_imports_the_real_file_from_upload_to_done(
    app, farid, outside_data
) -> None:
    content = (outside_data / "ibm_attrition" / "emp_attrition.csv").read_bytes()
    upload(farid, content, "emp_attrition.csv")
    assert farid.url.endswith("/mapping") and farid.has("What “Attrition” means")
    assert '<option value="external_id" selected' in farid.html
    farid.submit("Check the file", as_of="2026-11-21")
    assert farid.has("Waiting for the worker")
    work(app)
    farid.get(farid.url)
    assert farid.has("237 of the added people have left already") and farid.has("1,470")
    assert farid.has("Age, Gender, and Marital status: encrypted")
    assert not farid.has("would lose their account")
    farid.submit("Run the import")
    work(app)
    assert farid.get(farid.url).has("The import has run.")
    farid.get("/manage/people/?q=2068")
    assert farid.has("Employee 2068")
    assert not farid.get("/people/").has("Employee")


def test_words_nobody_explained_are_asked_for_and_nothing_chosen_is_lost(app, farid) -> None:
    upload(farid, b"Nr,Wer,Zustand\n1,Ada,da\n2,Bo,weg\n")
    farid.submit("Check the file")
    assert farid.status == 422 and farid.has("Say which column holds the employee number")
    farid.submit("Check the file", c0="external_id", c1="name", c2="status")
    assert farid.status == 422 and farid.has("Say what each status in the file means.")
    farid.submit("Check the file", w0="active", w1="left")
    work(app)
    farid.get(farid.url).submit("Run the import")
    work(app)
    with app.app_context():
        found = dict(reading().execute(select(Person.name, Person.status)).all())
    assert (found["Ada"], found["Bo"]) == (PersonStatus.ACTIVE, PersonStatus.LEFT)


def test_what_is_no_table_is_refused_on_the_spot(app, farid) -> None:
    upload(farid, b"%PDF-1.7", "people.pdf")
    assert farid.status == 422 and farid.has("not a CSV file or an Excel workbook")
    with app.app_context():
        folder = app.extensions["settings"].data_dir / "imports"
        assert not list(folder.glob("*"))


def test_a_quotation_mark_left_open_is_refused_with_its_line(app, farid) -> None:
    upload(farid, b'id,name,department\n1,Ada,Sales\n2,"Bo,Sales\n3,Cy,Sales\n')
    assert farid.status == 422 and farid.has("A quotation mark opens in line 3"), farid.text
    upload(farid, b'id,name,notes\n1,Ada,"Sales,\nEMEA"\n')
    assert farid.url.endswith("/mapping"), "a cell may hold several lines"


def test_the_brake_asks_and_the_diff_says_what_changes(app, farid) -> None:
    with app.app_context(), writing() as db:
        for number in range(60):
            make_person(db, name=f"Person {number:02}", external_id=str(number), department="Sales")
    rows = "".join(f"{n},{'left' if n < 10 else 'active'},Research\n" for n in range(60))
    upload(farid, b"id,status,department\n" + rows.encode())
    farid.submit("Check the file")
    work(app)
    farid.get(farid.url)
    assert farid.has("10 people would lose their accounts.")
    assert farid.has("Department: Sales → Research")
    farid.get(farid.url + "?change=changed&page=2").has("Page 2 of 3")
    url = farid.url.split("?")[0]
    farid.get(url).submit("Run the import")
    assert farid.status == 409 and farid.has("Confirm that before it runs")
    farid.get(url).submit("Run the import", is_confirmed="y")
    work(app)
    assert farid.get(url).has("The import has run.")
    with app.app_context():
        left = select(func.count()).where(Person.status == PersonStatus.LEFT)
        assert reading().scalar(left) == 10


def test_refused_rows_can_be_downloaded(app, farid) -> None:
    upload(farid, b"id,name,hire date\n1,Ada,2020-01-01\n2,=1+1,someday\n")
    farid.submit("Check the file")
    work(app)
    farid.get(farid.url).click("Refused 1")
    assert farid.has("“someday” is not a date")
    href = next(href for text, href in farid.links() if "Refused rows" in text)
    sent = farid.client.get(href)
    assert "2,'=1+1,someday," in sent.get_data(as_text=True) and sent.mimetype == "text/csv"


def test_a_file_that_fails_its_check_can_be_mapped_again_or_discarded(app, farid) -> None:
    upload(farid, b"id,other,name\n1,7,Ada\n1,8,Bo\n")
    farid.submit("Check the file")
    work(app)
    farid.get(farid.url)
    assert farid.has("“1” stands twice, in row 2 and row 3")
    url = farid.url
    farid.click("Map the columns again").submit("Check the file", c0="ignore", c1="external_id")
    work(app)
    assert farid.get(url).has("Run the import")
    farid.submit("Discard this import")
    assert farid.url == "/manage/people/imports/" and farid.get(url).has("was discarded")


def test_progress_is_polled_as_a_part_and_ends_in_the_result(app, farid) -> None:
    upload(farid, b"id,name\n1,Ada\n")
    farid.submit("Check the file")
    url = farid.url
    assert 'id="progress"' in farid.html and 'hx-trigger="every 1s"' in farid.html
    part = farid.fragment(url)
    assert part.strip().startswith('<div id="progress"') and "<html" not in part
    work(app)
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Source": "div#progress"}
    assert farid.client.get(url, headers=headers).headers["HX-Redirect"] == url


def test_nobody_else_sees_people_or_imports(app) -> None:
    with app.app_context(), writing() as db:
        make_person(db, name="Bo", email="bo@test.example", password=PASSWORD)
        make_person(
            db, name="Iris", email="iris@test.example", password=PASSWORD, roles=("auditor",)
        )
    for email in ("bo@test.example", "iris@test.example"):
        browser = Browser(app).sign_in(email)
        assert browser.get("/manage/people/").status == 403
        assert browser.get("/manage/people/imports/").status == 403
        assert not any("/manage/" in href for _, href in browser.get("/settings/").links())


def test_lists_cost_the_same_with_one_and_many_rows(app, farid, queries) -> None:
    def cost(url: str) -> int:
        with queries() as seen:
            farid.get(url)
        return len(seen)

    urls = ("/manage/people/", "/manage/people/imports/")
    before = [cost(url) for url in urls]
    with app.app_context(), writing() as db:
        for number in range(60):
            make_person(db, name=f"P {number}", external_id=str(number))
    for _ in range(3):
        upload(farid, b"id,name\n1,Ada\n")
    assert [cost(url) for url in urls] == before and max(before) <= 8
