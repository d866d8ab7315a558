"""Catalogs of the interface: extracted, updated, compiled and checked.

`pybabel update --check` can never pass once contexts are used, so freshness and completeness are
checked here: every sentence of the code is in every complete language, with the same placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import babel
import click
import polib
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.core.locale import COMPLETE, LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "translations"
TEMPLATE = FOLDER / "messages.pot"
SOURCE_LANGUAGE = "en"
PSEUDO = "en_XA"
METHODS = [("app/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
OPTIONS = {"templates/**.html": {"silent": "false"}, "templates/**.txt": {"silent": "false"}}
# The pseudo-locale is generated; its date says nothing and would only change the file.
WRITTEN = datetime(2026, 11, 21, tzinfo=UTC)
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "N_": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
# Placeholders and HTML, which translations keep and the pseudo-locale does not touch.
_KEPT = re.compile(r"%\(\w+\)[sd]|\{\w*\}|<[^>]+>|&\w+;|%%")
_ACCENTS = str.maketrans("aceghijklnorsuwyzACEGHIJKLNORSUWYZ", "åçéĝĥîĵķļñöŕšûŵýžÅÇÉĜĤÎĴĶĻÑÖŔŠÛŴÝŽ")


@click.group("translate")
def translate_group() -> None:
    """Catalogs of the interface."""


@translate_group.command()
def extract() -> None:
    """Collect every marked sentence into translations/messages.pot."""
    template = extracted()
    _write(template, TEMPLATE)
    click.echo(f"{len(template)} sentences.")


@translate_group.command()
def update() -> None:
    """Bring every catalog to the template and write the pseudo-locale anew."""
    template = extracted()
    _write(template, TEMPLATE)
    for tag in COMPLETE:
        catalog = _updated(LANGUAGES[tag].babel, template)
        missing = sum(1 for message in catalog if message.id and not _is_translated(message))
        note = "" if tag == SOURCE_LANGUAGE else f"{missing} to translate"
        click.echo(f"{tag:8} {len(catalog)} sentences {note}".rstrip())
    _write(pseudo(template), _po(PSEUDO))


@translate_group.command("compile")
def compile_() -> None:
    """Write the .mo files that the application reads."""
    for file in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        with file.open("rb") as opened:
            catalog = read_po(opened)
        draft = file.with_suffix(".mo.draft")
        with draft.open("wb") as out:
            write_mo(out, catalog)
        draft.replace(file.with_suffix(".mo"))
        click.echo(f"{file.parts[-3]:8} {len(catalog)} sentences")


@translate_group.command("check")
def check_() -> None:
    """Every sentence is in every complete language; exit 1 when something is missing."""
    found = list(faults())
    for fault in found[:50]:
        click.echo(fault, err=True)
    if found:
        raise click.ClickException(f"{len(found)} faults in the catalogs.")
    click.echo(f"Complete and fresh: {', '.join(COMPLETE)} and the pseudo-locale.")


# catalogs


def extracted() -> Catalog:
    """All marked sentences of code and templates."""
    template = Catalog(project="Trellis", fuzzy=False, charset="utf-8")
    if TEMPLATE.exists():
        with TEMPLATE.open("rb") as opened:
            template.creation_date = read_po(opened).creation_date
    found = extract_from_dir(
        ROOT,
        METHODS,
        OPTIONS,
        KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=lambda path: Path(path).name not in _SKIPPED,
    )
    for name, line, ids, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
        template.add(ids, None, [(name, line)], auto_comments=comments, context=context)
    return template


_SKIPPED = {".git", ".venv", "node_modules", "var", "static", "tests", "translations", "migrations"}


def _po(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def _updated(locale: str, template: Catalog) -> Catalog:
    catalog = Catalog(locale=locale, project="Trellis", fuzzy=False)
    if _po(locale).exists():
        with _po(locale).open("rb") as opened:
            catalog = read_po(opened, locale=locale)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    _write(catalog, _po(locale))
    return catalog


def _write(catalog: Catalog, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        # Without line numbers a moved line changes no catalog.
        write_po(out, catalog, width=100, ignore_obsolete=True, include_lineno=False)


def _is_translated(message: Message) -> bool:
    parts = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(parts)


# the pseudo-locale


def pseudo(template: Catalog) -> Catalog:
    """English in brackets with accents, 40 % longer: an unmarked string stands out."""
    catalog = Catalog(locale=babel.Locale("en"), project="Trellis", fuzzy=False)
    catalog.creation_date = catalog.revision_date = WRITTEN
    for message in template:
        if not message.id:
            continue
        forms = message.id if isinstance(message.id, list | tuple) else (message.id,)
        texts = tuple(pseudo_text(form) for form in forms)
        catalog.add(
            message.id,
            texts if len(texts) > 1 else texts[0],
            message.locations,
            context=message.context,
        )
    return catalog


def pseudo_text(text: str) -> str:
    """One sentence in the pseudo-locale; placeholders and HTML stay as they are."""
    parts, at = [], 0
    for kept in _KEPT.finditer(text):
        parts += [text[at : kept.start()].translate(_ACCENTS), kept.group()]
        at = kept.end()
    parts.append(text[at:].translate(_ACCENTS))
    return f"[{''.join(parts)}{' ·' * max(1, round(len(text) * 0.2))}]"


# the check


def faults() -> Iterator[str]:
    """What is missing, stale, fuzzy or has lost a placeholder, as sentences."""
    wanted = {(message.context, _first(message.id)) for message in extracted() if message.id}
    for locale in (*(LANGUAGES[tag].babel for tag in COMPLETE), PSEUDO):
        if not _po(locale).exists():
            yield f"{locale}: there is no catalog; run `trellis translate update`."
            continue
        yield from _catalog_faults(locale, wanted)


def _first(ids: str | list[str] | tuple[str, ...]) -> str:
    return ids if isinstance(ids, str) else ids[0]


def _catalog_faults(locale: str, wanted: set[tuple[str | None, str]]) -> Iterator[str]:
    entries = [entry for entry in polib.pofile(str(_po(locale))) if not entry.obsolete]
    present = {(entry.msgctxt, entry.msgid) for entry in entries}
    for _, text in sorted(wanted - present, key=str):
        yield f"{locale}: lacks {text!r}; run `trellis translate update`."
    for _, text in sorted(present - wanted, key=str):
        yield f"{locale}: has {text!r}, which no code says any more."
    for entry in entries:
        if entry.fuzzy:
            yield f"{locale}: {entry.msgid!r} is marked fuzzy."
        elif locale != SOURCE_LANGUAGE:
            yield from _entry_faults(locale, entry)


def _entry_faults(locale: str, entry: polib.POEntry) -> Iterator[str]:
    forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not all(forms):
        yield f"{locale}: {entry.msgid!r} is not translated."
        return
    allowed = set(_KEPT.findall(entry.msgid)) | set(_KEPT.findall(entry.msgid_plural or ""))
    for form in forms:
        used = set(_KEPT.findall(form))
        # A plural form may leave its number out ("one day"); nothing else may be lost.
        if used - allowed or (not entry.msgid_plural and used != allowed):
            yield f"{locale}: {entry.msgid!r} has other placeholders than {form!r}."
