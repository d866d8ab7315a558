"""The people import, by its services and jobs: real input, any format, nothing lost or guessed."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select, text

from app.accounts import queries, services
from app.accounts.jobs import resume_imports, run
from app.accounts.models import ImportRow, JobFact, PeopleImport, Person
from app.accounts.rules import ImportState, PersonStatus
from app.accounts.rules.mapping import Mapping, guess_columns, guess_date_order, guess_values
from app.accounts.rules.tables import layout_of, rows_of
from app.accounts.services import imports
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from tests.factories.accounts import make_person

AS_OF = date(2026, 11, 21)


def mapping_for(path: Path, **traits) -> Mapping:
    layout = layout_of(path)
    columns = traits.pop("columns", None) or guess_columns(layout.header)
    values = {}
    if "status" in columns:
        index = columns.index("status")
        seen = {cells[index] for _, cells in rows_of(path, layout) if cells[index]}
        values[index] = guess_values(layout.header[index], seen)
    return Mapping(tuple(columns), values, traits.pop("as_of", AS_OF), **traits)


def upload(content: bytes | str | Path, name: str = "people.csv"):
    if isinstance(content, Path):
        content = content.read_bytes()
    data = content.encode() if isinstance(content, str) else content
    stored = imports.keep_file(io.BytesIO(data))
    with writing() as db:
        return imports.upload(db, None, file_name=name, stored_as=stored)


def check(content, **traits):
    import_id = upload(content)
    path = imports.path_of(row(import_id))
    mapping = mapping_for(path, **traits)
    with writing() as db:
        imports.choose_mapping(db, None, import_id=import_id, mapping=mapping)
    run(import_id)
    return import_id


def bring(content, *, is_confirmed=False, **traits):
    import_id = check(content, **traits)
    assert row(import_id).state is ImportState.CHECKED, row(import_id).report
    with writing() as db:
        imports.start(db, None, import_id=import_id, is_confirmed=is_confirmed)
    run(import_id)
    assert row(import_id).state is ImportState.DONE
    return import_id


def row(import_id) -> PeopleImport:
    end_reading()
    return reading().get(PeopleImport, import_id)


def counts(import_id) -> dict[str, int]:
    found = row(import_id).report["counts"]
    return {name: found[name] for name in ("added", "changed", "leaving", "unchanged", "error")}


def people() -> dict[str, Person]:
    end_reading()
    return {
        person.external_id or person.email: person for person in reading().scalars(select(Person))
    }


# the real file


def test_the_attrition_file_arrives_whole_and_its_identity_columns_stay_out(
    context, outside_data
) -> None:
    file = outside_data / "ibm_attrition" / "emp_attrition.csv"
    import_id = bring(file)
    assert counts(import_id) == {
        "added": 1470,
        "changed": 0,
        "leaving": 0,
        "unchanged": 0,
        "error": 0,
    }
    everybody = people()
    left = [p for p in everybody.values() if p.status is PersonStatus.LEFT]
    assert (len(everybody), len(left), round(len(left) / len(everybody) * 100, 1)) == (
        1470,
        237,
        16.1,
    )
    first = everybody["1"]
    assert (first.department, first.job_title, first.level) == ("Sales", "Sales Executive", 2)
    assert first.hired_on == date(2020, 11, 21) and first.is_listed is False and first.name is None
    assert not imports.path_of(row(import_id)).exists()
    columns = {
        "person": "job_title",
        "job_fact": "value",
        "search_word": "word",
        "import_row": "label",
        "audit_event": "reason",
    }
    for table, column in columns.items():
        words = reading().execute(
            text(
                f"SELECT count(*) FROM {table} WHERE {column} IN "
                "('Female', 'Male', 'female', 'male', 'Single', 'Divorced')"
            )
        )
        assert words.scalar() == 0
    assert (
        reading().scalar(
            select(func.count())
            .select_from(JobFact)
            .where(
                JobFact.attribute.not_in(["job_title", "level", "department", "status", "hired_on"])
            )
        )
        == 0
    )


def test_running_the_same_import_twice_changes_nothing(context, outside_data) -> None:
    file = outside_data / "ibm_attrition" / "emp_attrition.csv"
    bring(file)
    facts = reading().scalar(select(func.count()).select_from(JobFact))
    again = bring(file)
    assert counts(again)["unchanged"] == 1470 and len(people()) == 1470
    assert reading().scalar(select(func.count()).select_from(JobFact)) == facts


# formats

ROWS = "Employee Number;Full name;Email;Department\n7;José Ñandú;jose@x.example;Ventas\n"


@pytest.mark.parametrize(
    ("encoding", "is_guess"),
    [
        ("utf-8", False),
        ("utf-8-sig", False),
        ("utf-16", False),
        ("utf-16-le", True),
        ("cp1252", True),
    ],
)
def test_any_usual_encoding_and_delimiter_is_read_and_guesses_are_told(
    context, tmp_path, encoding, is_guess
) -> None:
    path = tmp_path / "x.csv"
    for mark in ",;\t|":
        path.write_bytes(ROWS.replace(";", mark).encode(encoding))
        layout = layout_of(path)
        assert (layout.delimiter, layout.is_guess) == (mark, is_guess)
        assert next(rows_of(path, layout))[1] == ["7", "José Ñandú", "jose@x.example", "Ventas"]
    bring(path)
    assert people()["7"].name == "José Ñandú"


def test_a_workbook_is_read_like_a_text_file(context, tmp_path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["رقم الموظف", "الاسم", "البريد الإلكتروني", "تاريخ التعيين", "المستوى"])
    book.active.append([12.0, "نور الهدى", "nour@x.example", datetime(2020, 2, 29), 3])
    book.save(tmp_path / "x.xlsx")
    bring(tmp_path / "x.xlsx")
    nour = people()["12"]
    assert (nour.name, nour.email, nour.level) == ("نور الهدى", "nour@x.example", 3)
    assert nour.hired_on == date(2020, 2, 29)


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (
            "Emp ID,First Name,Last Name,E-mail,Job Title,Location,Reports To,Hire Date,Sex",
            "external_id given_name family_name email job_title site manager hired_on gender",
        ),
        (
            "Número de empleado,Nombre,Apellidos,Correo electrónico,Puesto,Sede,Jefe,"
            "Fecha de baja,Género",
            "external_id given_name family_name email job_title site manager left_on gender",
        ),
        (
            "رقم الموظف,الاسم الكامل,البريد الإلكتروني,المسمى الوظيفي,المدير المباشر,"
            "تاريخ المغادرة,الجنس",
            "external_id name email job_title manager left_on gender",
        ),
    ],
)
def test_headers_are_understood_in_several_languages(header, fields) -> None:
    assert guess_columns(header.split(",")) == tuple(fields.split())


def test_dates_say_themselves_whether_days_come_first() -> None:
    assert guess_date_order(["03/04/2020", "31/01/2020"]) == "dmy"
    assert guess_date_order(["03/04/2020", "01/31/2020"]) == "mdy"


# what cannot be imported at all

BAD = [
    ("empty", b""),
    ("empty", b"  \n \n"),
    ("not_a_table", b"%PDF-1.7 ..."),
    ("not_a_table", bytes(range(256)) * 20),
    ("header_too_long", b"x" * 10_000_000),
    ("header_too_long", b"a," * 5_000_000),
    ("broken_workbook", b"PK\x03\x04broken"),
    ("no_rows", b"id,name\n"),
    ("no_key_column", b"Name,Department\nAda,Sales\n"),
    ("twice", b"id,name\n1,Ada\n2,Bo\n1,Cy\n"),
    ("email_twice", b"id,email\n1,a@x.example\n2,A@x.example\n"),
    ("circle", b"id,manager\n1,2\n2,3\n3,1\n4,1\n"),
    ("no_header", b",,\n1,2,3\n"),
    ("open_quote", b'id,name\n1,"Ada\n' + b"2,Bo\n" * 60_000),
    ("open_quote", b'id,name\n1,Ada\n2,"Bo\n3,Cy\n'),
    ("open_quote", b'id,name\n1,Ada\n2,"Bo\n3,"Cy"\n4,Dee\n'),
    ("open_quote", b"id,name\n" + b"1,Ada\n" * 400 + b'2,"Bo\n3,Cy\n'),
    ("cell_too_long", b"id,name\n1," + b"y" * 10_000_000 + b"\n"),
]


@pytest.mark.parametrize(("code", "content"), BAD, ids=[f"{c}-{i}" for i, (c, _) in enumerate(BAD)])
def test_a_file_that_cannot_work_is_refused_with_one_sentence_and_nothing_is_written(
    context, code, content
) -> None:
    from app.accounts.messages import problem_text
    from app.accounts.rules.tables import BadFile

    import_id = upload(content)
    try:
        mapping = mapping_for(imports.path_of(row(import_id)))
        with writing() as db:
            imports.choose_mapping(db, None, import_id=import_id, mapping=mapping)
        run(import_id)
        found = row(import_id).report["problem"]
    except BadFile as bad:
        found = [bad.code, bad.values]
    assert found[0] == code and problem_text(*found).endswith((".", "?"))
    assert people() == {} and reading().scalar(select(func.count()).select_from(ImportRow)) == 0


# rows

MIXED = """id,name,email,hire date,level,status,manager,time zone,language
1,Ada,ada@x.example,2020-01-31,L5,active,,Europe/Madrid,Spanish
2,Bo,not an email,2020-01-31,2,active,1,,
3,Cy,cy@x.example,someday,3,active,1,,
4,,dee@x.example,2020-02-30,high,retired,1,,
,=HYPERLINK("x"),,2020-01-01,1,active,,,
6,Fay,,2020-01-01,6,active,99,,
7,Gus,,2020-01-01,7,active,ada@x.example,Mars/Base,
8,Hal,,01/02/2020,8,active,8,,ar-EG
"""


def test_every_faulty_row_says_why_and_none_is_lost(context) -> None:
    import_id = bring(MIXED)
    assert counts(import_id) == {"added": 2, "changed": 0, "leaving": 0, "unchanged": 0, "error": 6}
    refused = list(
        csv.reader(imports.faulty_path(row(import_id)).read_text("utf-8-sig").splitlines())
    )
    why = {line[0]: line[-1] for line in refused[1:]}
    assert refused[0][-1] == "trellis_problem" and len(why) == 6
    assert why["2"] == "“not an email” is not an email address."
    assert "“someday” is not a date" in why["3"]
    assert "2020-02-30" in why["4"] and "Nobody" not in why["4"]
    assert "neither a number nor an email" in why[""]
    assert refused[4][1].startswith("'=HYPERLINK") or refused[5][1].startswith("'=HYPERLINK")
    assert "nobody with the number or email “99”" in why["6"] and "Mars/Base" in why["7"]
    ada, hal = people()["1"], people()["8"]
    assert (ada.level, ada.zone, ada.locale) == (5, "Europe/Madrid", "es")
    assert (hal.hired_on, hal.locale, hal.manager_id) == (date(2020, 2, 1), "ar", None)


def test_a_mended_row_can_be_sent_again(context) -> None:
    import_id = bring("id,name,hire date\n1,-Ada-,someday\n")
    mended = (
        imports.faulty_path(row(import_id)).read_text("utf-8-sig").replace("someday", "2020-01-01")
    )
    assert counts(bring(mended))["added"] == 1 and people()["1"].name == "-Ada-"


def test_managers_are_found_wherever_they_stand_in_the_file(context) -> None:
    bring("id,name,email,manager\n1,Ada,,2\n2,Bo,bo@x.example,3\n3,Cy,,3\n4,Dee,,BO@x.example\n")
    found = people()
    assert found["1"].manager_id == found["4"].manager_id == found["2"].id
    assert found["2"].manager_id == found["3"].id and found["3"].manager_id is None


def faulty(content, **traits):
    return row(check(content, **traits)).report.get("problem")


def test_managers_may_not_go_in_a_circle_with_those_of_earlier_files(context) -> None:
    bring("id,name,email,manager\n1,Ada,ada@x.example,2\n2,Bo,,\n3,Cy,,1\n")
    assert faulty("id,manager\n2,1\n") == ["circle", {"rows": "2"}]
    assert faulty("id,manager\n9,\n2,3\n") == ["circle", {"rows": "3"}]
    assert faulty("email,manager,effective date\nx@x.example,2,2027-01-01\n") is None
    assert faulty("id,manager,effective date\n2,ADA@x.example,2027-01-01\n")[0] == "circle"
    assert faulty("id,manager,effective date\n2,1,2020-01-01\n") is None, "a day before, no circle"
    bring("id,manager\n1,\n2,3\n3,1\n")
    found = people()
    assert (found["1"].manager_id, found["2"].manager_id) == (None, found["3"].id)


def test_a_circle_that_another_import_closes_after_the_check_is_not_written(context) -> None:
    bring("id,name,manager\n1,Ada,\n2,Bo,\n")
    first, second = check("id,manager\n1,2\n"), check("id,manager\n2,1\n3,1\n")
    for import_id in (first, second):
        with writing() as db:
            imports.start(db, None, import_id=import_id, is_confirmed=False)
        run(import_id)
    assert row(second).report == {"problem": ["circle", {"rows": "2"}]}
    assert people()["2"].manager_id is None and len(people()) == 2


YEARS = "id,name,manager,effective date\n"


def test_a_circle_is_one_only_if_it_holds_on_a_single_day(context) -> None:
    turned = YEARS + "1,Ada,2,2020-01-01\n2,Bo,,2020-01-01\n1,Ada,,2021-01-01\n2,Bo,1,2021-01-01\n"
    assert faulty(turned + "2,Bo,1,2020-06-01\n") == ["circle", {"rows": "2, 6"}]
    assert faulty(YEARS + "1,Ada,2,2020-01-01\n2,Bo,1,2024-01-01\n")[0] == "circle"
    bring(turned)
    assert people()["2"].manager_id == people()["1"].id


def test_an_employee_found_by_email_gets_their_number(context) -> None:
    with writing() as db:
        kept = make_person(db, name="Ada", email="ada@x.example").id
    import_id = bring("id,name,email\n17,Ada Lovelace,ADA@x.example\n")
    assert counts(import_id)["changed"] == 1
    assert (people()["17"].id, people()["17"].name) == (kept, "Ada Lovelace")
    changes = reading().scalar(select(ImportRow.detail).where(ImportRow.import_id == import_id))
    assert changes["name"] == ["Ada", "Ada Lovelace"]


def test_an_email_of_somebody_else_is_refused(context) -> None:
    with writing() as db:
        make_person(db, name="Ada", email="ada@x.example", external_id="1")
    import_id = bring("id,name,email\n2,Imposter,ada@x.example\n")
    assert counts(import_id)["error"] == 1 and people()["1"].name == "Ada"


# history


def test_history_files_load_in_any_order(context) -> None:
    years = {
        2019: "id,name,department,level,effective date\n1,Ada,Sales,1,2019-01-01\n",
        2021: "id,name,department,level,effective date\n1,Ada,Sales,3,2021-01-01\n",
        2020: "id,name,department,level,effective date\n1,Ada,Research,2,2020-01-01\n",
    }
    for content in years.values():
        bring(content)
    ada = people()["1"]
    assert (ada.department, ada.level) == ("Sales", 3)
    held = queries.facts_on(reading(), [ada.id], date(2020, 6, 1))[ada.id]
    assert (held["department"], held["level"]) == ("Research", 2)


def test_one_file_may_hold_the_whole_history(context) -> None:
    import_id = bring(
        "id,name,level,status,effective date,leave date\n1,Ada,1,active,2019-01-01,\n"
        "1,Ada,2,active,2021-01-01,\n1,Ada,2,left,2022-01-01,2021-12-31\n"
    )
    assert counts(import_id) == {"added": 1, "changed": 2, "leaving": 0, "unchanged": 0, "error": 0}
    ada = people()["1"]
    assert (ada.level, ada.status, ada.left_on) == (2, PersonStatus.LEFT, date(2021, 12, 31))


# leaving


def staff(number: int) -> str:
    return "id,name,email,status\n" + "".join(
        f"{n},Person {n},p{n}@x.example,active\n" for n in range(1, number + 1)
    )


def test_the_brake_holds_until_somebody_confirms(context) -> None:
    bring(staff(40))
    import_id = check(staff(40).replace("active", "left", 3))
    assert counts(import_id)["leaving"] == 3 and row(import_id).report["needs_confirmation"]
    with pytest.raises(Refused, match="would deactivate 3 people"), writing() as db:
        imports.start(db, None, import_id=import_id, is_confirmed=False)
    assert all(p.status is PersonStatus.ACTIVE for p in people().values())
    with writing() as db:
        imports.start(db, None, import_id=import_id, is_confirmed=True)
    run(import_id)
    assert sum(p.status is PersonStatus.LEFT for p in people().values()) == 3


def test_two_leavers_of_forty_need_no_confirmation_and_lose_their_sessions(context) -> None:
    bring(staff(40))
    with writing() as db:
        token = services.open_session(db, people_id(db, "1"), device="").token
    bring(staff(40).replace("active", "left", 2))
    assert queries.actor_of(reading(), token) is None and people()["1"].status is PersonStatus.LEFT


def people_id(db, number):
    return db.scalar(select(Person.id).where(Person.external_id == number))


def test_whoever_is_missing_leaves_only_when_the_file_is_said_to_be_complete(context) -> None:
    bring(staff(40))
    assert counts(check(staff(39)))["leaving"] == 0
    import_id = bring(staff(39), is_complete=True)
    assert counts(import_id)["leaving"] == 1
    gone = people()["40"]
    assert (gone.status, gone.left_on) == (PersonStatus.LEFT, AS_OF)


def test_an_announced_leaving_waits_for_its_day(context) -> None:
    from app.accounts.jobs import apply_due_facts

    with clock.frozen(datetime(2026, 11, 21, 9, tzinfo=UTC)):
        bring(staff(30))
        bring("id,name,leave date\n1,Person 1,2026-12-31\n")
        assert people()["1"].status is PersonStatus.ACTIVE
    with clock.frozen(datetime(2026, 12, 31, 9, tzinfo=UTC)):
        apply_due_facts()
    assert people()["1"].status is PersonStatus.LEFT


def test_announced_leavings_are_held_by_the_brake_once(context) -> None:
    days = [clock.now().date() + timedelta(days=ahead) for ahead in (30, 1)]
    later, tomorrow = (
        "id,leave date\n" + "".join(f"{n},{day}\n" for n in range(1, 4)) for day in days
    )
    bring(staff(40))
    for announced in (later, tomorrow):
        import_id = check(announced)
        assert counts(import_id)["leaving"] == 3 and row(import_id).report["needs_confirmation"]
        with pytest.raises(Refused, match="would deactivate 3 people"), writing() as db:
            imports.start(db, None, import_id=import_id, is_confirmed=False)
        bring(announced, is_confirmed=True)
        assert counts(check(announced))["leaving"] == 0, "said before, not announced anew"


# interruption


def test_an_import_whose_worker_died_is_taken_up_where_it_stopped(context, monkeypatch) -> None:
    from app.accounts.jobs import importing

    monkeypatch.setattr(importing, "BATCH", 10)
    import_id = check(staff(45))
    with writing() as db:
        imports.start(db, None, import_id=import_id, is_confirmed=False)

    def die(_phase: str, done: int, _total: int) -> None:
        if done >= 20:
            raise SystemExit

    with pytest.raises(SystemExit):
        run(import_id, die)
    assert 0 < len(people()) < 45
    resume_imports()
    assert row(import_id).state is ImportState.RUNNING, "the lease of the dead still holds"
    with writing() as db:
        held = db.get(PeopleImport, import_id)
        held.report = {**held.report, "lease": ["dead", 0]}
    resume_imports()
    assert row(import_id).state is ImportState.DONE and len(people()) == 45


def test_two_workers_at_once_add_everybody_once(context, monkeypatch) -> None:
    from app.accounts.jobs import importing

    monkeypatch.setattr(importing, "BATCH", 10)
    import_id = check(staff(45))
    with writing() as db:
        imports.start(db, None, import_id=import_id, is_confirmed=False)
    run(import_id, lambda *_: run(import_id))
    assert row(import_id).state is ImportState.DONE and len(people()) == 45


def test_people_without_a_name_are_unlisted_and_called_by_their_number(context) -> None:
    from app.accounts.messages import shown_name

    bring("id,department\n4711,Sales\n")
    person = people()["4711"]
    assert shown_name(person) == "Employee 4711" and not person.is_listed
    assert queries.directory(reading()).total == 0
