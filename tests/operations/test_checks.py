"""`trellis check` and `trellis translate` find what is wrong."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest

from app.operations import checks, translate


def test_every_setting_is_documented_and_read() -> None:
    assert list(checks.setting_faults()) == []


def test_an_undocumented_setting_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "app" / "core").mkdir(parents=True)
    (tmp_path / "docs" / "settings.md").write_text("| `OLD` | x |\n| `KEPT` | x |\n")
    (tmp_path / "app/core/settings.py").write_text('environ.get("KEPT")\nenviron["NEW"]\n')
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    assert list(checks.setting_faults()) == [
        "docs/settings.md does not name NEW.",
        "docs/settings.md names OLD, which nothing reads.",
    ]


def test_links_of_the_docs_lead_somewhere() -> None:
    assert list(checks.broken_links()) == []


def test_a_broken_link_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    page = "[b](b.md) [web](https://x.y) ![i](i.png) [up](../r.md#x)"
    (tmp_path / "docs" / "a.md").write_text(page)
    (tmp_path / "r.md").write_text("")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    assert [fault.split(" links to ")[1].split(",")[0] for fault in checks.broken_links()] == [
        "b.md",
        "i.png",
    ]


def test_migrations_make_what_the_models_say() -> None:
    assert list(checks.schema_faults()) == []


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Save", "[Šåvé ·]"),
        ("Hello %(name)s", "[Ĥéļļö %(name)s · · ·]"),
        ("<b>Go</b> &amp; {x}", "[<b>Ĝö</b> &amp; {x} · · · ·]"),
    ],
)
def test_the_pseudo_locale_keeps_placeholders_and_markup(text: str, made: str) -> None:
    assert translate.pseudo_text(text) == made


@pytest.fixture
def catalogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny project with one page, and its catalogs."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "app").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '{{ _("Hello %(name)s", name=n) }}'
        '{{ ngettext("%(num)s day", "%(num)s days", 3) }}{{ pgettext("verb", "Open") }}'
    )
    (tmp_path / "app" / "code.py").write_text('title = _l("A title")\n')
    monkeypatch.setattr(translate, "ROOT", tmp_path)
    monkeypatch.setattr(translate, "FOLDER", tmp_path / "translations")
    monkeypatch.setattr(translate, "TEMPLATE", tmp_path / "translations" / "messages.pot")
    translate.translate_group.commands["update"].callback()  # type: ignore[misc]
    return tmp_path / "translations"


def fill(catalogs: Path, locale: str, prefix: str = "x ") -> None:
    file = polib.pofile(str(catalogs / locale / "LC_MESSAGES/messages.po"))
    for entry in file:
        if entry.msgid_plural:
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, prefix + entry.msgid)
        else:
            entry.msgstr = prefix + entry.msgid
    file.save()


def test_catalogs_are_sound_once_every_complete_language_is_filled(catalogs: Path) -> None:
    assert any("is not translated" in fault for fault in translate.faults())
    fill(catalogs, "es")
    fill(catalogs, "ar")
    assert list(translate.faults()) == []
    translate.translate_group.commands["update"].callback()  # type: ignore[misc]
    assert list(translate.faults()) == [], "an update keeps what is translated"
    translate.translate_group.commands["compile"].callback()  # type: ignore[misc]
    read = polib.mofile(str(catalogs / "es/LC_MESSAGES/messages.mo"))
    assert read.find("Hello %(name)s").msgstr == "x Hello %(name)s"
    assert polib.pofile(str(catalogs / "en_XA/LC_MESSAGES/messages.po")).percent_translated() == 100


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda entry: setattr(entry, "msgstr", "Hola %(nombre)s"), "other placeholders"),
        (lambda entry: setattr(entry, "msgstr", "Hola"), "other placeholders"),
        (lambda entry: entry.flags.append("fuzzy"), "fuzzy"),
        (lambda entry: setattr(entry, "msgid", "Gone %(name)s"), "no code says"),
    ],
)
def test_each_fault_of_a_catalog_is_named(catalogs: Path, change, fault: str) -> None:
    fill(catalogs, "es")
    fill(catalogs, "ar")
    file = polib.pofile(str(catalogs / "es/LC_MESSAGES/messages.po"))
    change(file.find("Hello %(name)s"))
    file.save()
    assert any(fault in found for found in translate.faults())


def test_a_new_sentence_makes_the_catalogs_stale(catalogs: Path) -> None:
    fill(catalogs, "es")
    fill(catalogs, "ar")
    (catalogs.parent / "templates" / "new.html").write_text('{{ _("Brand new") }}')
    assert sum("lacks 'Brand new'" in fault for fault in translate.faults()) == 4
