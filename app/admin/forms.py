"""Input of the import: the file, and what its columns hold."""

from __future__ import annotations

from collections.abc import Mapping as Fields
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from app.accounts.messages import problem_text
from app.accounts.rules import PersonStatus
from app.accounts.rules.mapping import DATE_ORDERS, FIELDS, IGNORE, Mapping, checked
from app.accounts.rules.tables import BadFile
from app.accounts.services.imports import Proposal, explained
from app.core.forms import Form

MEANINGS = frozenset(status.value for status in PersonStatus)


class UploadForm(Form):
    """A people file."""

    file = FileField(
        _l("People file"),
        [FileRequired(_l("Choose a file first."))],
        render_kw={"accept": ".csv,.tsv,.txt,.xlsx"},
    )


@dataclass(slots=True)
class MappingInput:
    """What was chosen on the mapping page; like a form it has errors and problems.

    There is one select per column of the file, so there are no fields to declare.
    """

    proposal: Proposal
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """The same under the name that the error summary asks for."""
        return self.problems

    @property
    def mapping(self) -> Mapping:
        """The chosen mapping."""
        return self.proposal.mapping


def read_mapping(path: Path, proposal: Proposal, sent: Fields[str, str]) -> MappingInput:
    """The mapping as sent; what cannot work stands in its problems."""
    columns = tuple(_field(sent.get(f"c{i}")) for i in range(len(proposal.layout.header)))
    order = sent.get("date_order", "dmy")
    chosen = Mapping(
        columns,
        {},
        proposal.mapping.as_of,
        "is_complete" in sent,
        order if order in DATE_ORDERS else "dmy",
    )
    answer = MappingInput(replace(proposal, mapping=chosen))
    try:
        chosen = replace(chosen, as_of=date.fromisoformat(sent.get("as_of", "")))
    except ValueError:
        answer.problems.append(("as_of", _("Enter the day the file speaks of.")))
    answer.proposal = replace(proposal, mapping=chosen)
    _complete(path, answer, sent)
    return answer


def _field(name: str | None) -> str:
    return name if name in FIELDS else IGNORE


def _complete(path: Path, answer: MappingInput, sent: Fields[str, str]) -> None:
    """Add the meaning of status words, and say what keeps the mapping from working."""
    try:
        checked(answer.mapping, answer.proposal.layout.header)
        found = explained(path, answer.proposal)
    except BadFile as bad:
        answer.problems.append(("columns", problem_text(bad.code, bad.values)))
        return
    answer.proposal = replace(found, mapping=_with_words(found, sent))
    if answer.proposal.unexplained:
        first = found.status_words.index(answer.proposal.unexplained[0])
        answer.problems.append((f"w{first}", _("Say what each status in the file means.")))


def _with_words(found: Proposal, sent: Fields[str, str]) -> Mapping:
    """What was said about the words, if the page had asked about this very column."""
    index = found.mapping.position("status")
    if index is None or sent.get("words_of") != str(index):
        return found.mapping
    said = {word: sent.get(f"w{i}", "") for i, word in enumerate(found.status_words)}
    return replace(
        found.mapping,
        values={index: {w: meaning for w, meaning in said.items() if meaning in MEANINGS}},
    )
