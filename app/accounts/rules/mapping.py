"""Which column of a people file holds what: the fields, the guesses, and the chosen mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.accounts.rules import PersonStatus
from app.accounts.rules.tables import BadFile
from app.core.search import normalize

IGNORE = "ignore"
PERSON_FIELDS = ("external_id", "email", "name", "given_name", "family_name", "locale", "zone")
JOB_FIELDS = (
    "job_title",
    "level",
    "department",
    "function",
    "site",
    "legal_entity",
    "manager",
    "status",
    "hired_on",
    "years_here",
    "left_on",
    "leaving_kind",
    "effective_on",
)
IDENTITY_FIELDS = (
    "gender",
    "ethnicity",
    "disability",
    "veteran",
    "orientation",
    "birth_year",
    "age",
    "marital_status",
    "religion",
    "nationality",
)
FIELDS = (*PERSON_FIELDS, *JOB_FIELDS, *IDENTITY_FIELDS)
DATE_ORDERS = ("dmy", "mdy")

# Header words in the languages of the interface; blanks, case, accents and marks do not matter.
SYNONYMS: dict[str, str] = {
    "external_id": """employee id|employee number|employee no|emp id|personnel number|staff id
        |worker id|person id|user id|id|badge|hris id|external id|numero de empleado
        |id de empleado|legajo|matricule|personalnummer|رقم الموظف|الرقم الوظيفي|معرف الموظف""",
    "email": """email|e mail|email address|work email|mail|correo|correo electronico
        |email laboral|courriel|البريد الالكتروني|البريد|ايميل""",
    "name": """name|full name|employee name|display name|preferred name|nombre completo
        |nombre y apellidos|nom complet|الاسم|الاسم الكامل|اسم الموظف""",
    "given_name": "first name|given name|forename|nombre|nombres|prenom|vorname|الاسم الاول",
    "family_name": """last name|family name|surname|apellido|apellidos|nom de famille|nachname
        |اسم العائلة|اللقب|الاسم الاخير""",
    "job_title": """job title|title|job role|role|position|job|business title|puesto|cargo
        |titulo del puesto|poste|stelle|المسمى الوظيفي|الوظيفة|المنصب""",
    "level": """level|job level|grade|job grade|band|pay grade|career level|nivel|grado
        |nivel de puesto|niveau|المستوى|الدرجة|المستوى الوظيفي""",
    "department": """department|dept|team|org|organization|organisation|division|departamento
        |equipo|departement|abteilung|القسم|الادارة""",
    "function": """function|job function|job family|business unit|funcion|area|familia de puesto
        |الوظيفة العامة|المجال""",
    "site": """site|location|office|work location|city|country|sede|ubicacion|oficina|ciudad|lieu
        |standort|الموقع|المكتب|المدينة|مقر العمل""",
    "legal_entity": """legal entity|company|entity|employer|entidad legal|empresa|razon social
        |societe|firma|الكيان القانوني|الشركة""",
    "manager": """manager|manager id|manager email|supervisor|supervisor id|reports to
        |line manager|manager employee id|jefe|responsable|gerente|id del jefe|correo del jefe
        |المدير|رقم المدير|المدير المباشر""",
    "status": """status|employment status|attrition|active|employee status|terminated|estado
        |situacion|activo|baja|الحالة|حالة الموظف|الحالة الوظيفية""",
    "hired_on": """hire date|hired on|start date|date of hire|date hired|joining date
        |date of joining|hired|fecha de contratacion|fecha de alta|fecha de ingreso
        |تاريخ التعيين|تاريخ الالتحاق|تاريخ المباشرة""",
    "years_here": """years at company|years of service|tenure years|tenure|antiguedad
        |anos en la empresa|سنوات الخدمة""",
    "left_on": """left on|leave date|termination date|end date|last day|date of leaving|exit date
        |fecha de baja|fecha de salida|fecha de cese|تاريخ المغادرة|تاريخ انتهاء الخدمة
        |تاريخ ترك العمل""",
    "leaving_kind": """leaving kind|leaving reason|termination reason|termination type
        |reason for leaving|motivo de baja|motivo de salida|tipo de baja|سبب المغادرة
        |سبب ترك العمل""",
    "effective_on": """effective date|effective|valid from|as of|change date|snapshot date
        |fecha efectiva|vigente desde|fecha de vigencia|تاريخ السريان""",
    "locale": "language|locale|preferred language|idioma|lengua|langue|sprache|اللغة|لغة",
    "zone": """time zone|timezone|zone|zona horaria|huso horario|fuseau horaire|zeitzone
        |المنطقة الزمنية""",
    "gender": "gender|sex|gender identity|genero|sexo|genre|sexe|geschlecht|الجنس|النوع",
    "ethnicity": """ethnicity|race|race ethnicity|ethnic group|etnia|raza|origen etnico|العرق
        |الاصل العرقي""",
    "disability": "disability|disabled|disability status|discapacidad|handicap|الاعاقة|ذوي الاعاقة",
    "veteran": "veteran|veteran status|veterano|محارب قديم",
    "orientation": "sexual orientation|orientation|orientacion sexual|الميل الجنسي",
    "birth_year": "birth year|year of birth|ano de nacimiento|سنة الميلاد",
    "age": "age|edad|alter|العمر|السن",
    "marital_status": "marital status|civil status|estado civil|familienstand|الحالة الاجتماعية",
    "religion": "religion|faith|الديانة|الدين",
    "nationality": "nationality|citizenship|nacionalidad|staatsangehorigkeit|الجنسية",
}

STATUS_WORDS: dict[PersonStatus, str] = {
    PersonStatus.ACTIVE: """active|a|employed|current|working|activo|activa|alta|actif|aktiv|نشط
        |على راس العمل|موظف""",
    PersonStatus.LEFT: """left|terminated|inactive|t|former|leaver|resigned|retired|deceased|baja
        |inactivo|inactiva|cesado|despedido|sorti|ausgetreten|مستقيل|منتهي|غير نشط|متقاعد
        |ترك العمل""",
    PersonStatus.ON_LEAVE: """on leave|leave|loa|leave of absence|parental leave|sabbatical
        |suspended|licencia|de licencia|permiso|excedencia|conge|beurlaubt|اجازة|في اجازة""",
}
YES = frozenset(("yes", "y", "true", "1", "si", "oui", "ja", "نعم"))
NO = frozenset(("no", "n", "false", "0", "non", "nein", "لا"))


def compact(text: str) -> str:
    """A header or value without case, accents, marks and blanks."""
    return normalize(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)).replace(" ", "")


def _split(words: str) -> list[str]:
    return [compact(word) for word in words.split("|")]


_BY_HEADER = {word: name for name, words in SYNONYMS.items() for word in _split(words)}
_BY_STATUS = {word: status for status, words in STATUS_WORDS.items() for word in _split(words)}


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the importer said about a file: a field per column, values, dates, completeness."""

    columns: tuple[str, ...]
    values: dict[int, dict[str, str]] = field(default_factory=dict)
    as_of: date = date.min
    is_complete: bool = False
    date_order: str = "dmy"

    def as_json(self) -> dict[str, Any]:
        """The form in which the import's row keeps it."""
        return {
            "columns": list(self.columns),
            "as_of": self.as_of.isoformat(),
            "values": {str(index): words for index, words in self.values.items()},
            "is_complete": self.is_complete,
            "date_order": self.date_order,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Mapping:
        """The opposite of `as_json`."""
        return cls(
            tuple(kept["columns"]),
            {int(index): words for index, words in kept["values"].items()},
            date.fromisoformat(kept["as_of"]),
            kept["is_complete"],
            kept["date_order"],
        )

    def position(self, name: str) -> int | None:
        """The column that holds a field."""
        return self.columns.index(name) if name in self.columns else None


def guess_columns(header: Sequence[str], samples: Iterable[Sequence[str]] = ()) -> tuple[str, ...]:
    """For each column the field it seems to hold, each field at most once."""
    rows = [list(row) for row in samples]
    guesses = [_BY_HEADER.get(compact(name), IGNORE) for name in header]
    if "email" not in guesses:
        _guess_email(guesses, rows)
    if "given_name" in guesses and "family_name" not in guesses and "name" not in guesses:
        guesses[guesses.index("given_name")] = "name"
    seen: set[str] = set()
    for index, name in enumerate(guesses):
        if name in seen:
            guesses[index] = IGNORE
        seen.add(name)
    return tuple(guesses)


def _guess_email(guesses: list[str], rows: list[list[str]]) -> None:
    for index, name in enumerate(guesses):
        cells = [row[index] for row in rows if index < len(row) and row[index].strip()]
        if name == IGNORE and cells and sum("@" in cell for cell in cells) > len(cells) * 0.8:
            guesses[index] = "email"
            return


def guess_status(header: str, value: str) -> str | None:
    """What a word in a status column means; None when it must be asked."""
    word = compact(value)
    if word in YES | NO:
        leaves = compact(header) in {"attrition", "terminated", "baja", "left"}
        return (PersonStatus.LEFT if (word in YES) is leaves else PersonStatus.ACTIVE).value
    found = _BY_STATUS.get(word)
    return found.value if found else None


def guess_values(header: str, values: Iterable[str]) -> dict[str, str]:
    """The words of a status column as far as they can be guessed."""
    guesses = {value: guess_status(header, value) for value in values}
    return {value: guess for value, guess in guesses.items() if guess}


def guess_date_order(cells: Iterable[str]) -> str:
    """Whether days or months come first in dates with slashes; days unless the dates say no."""
    for cell in cells:
        parts = re.split(r"[/.\-]", cell.strip())
        if len(parts) == 3 and all(part.isdigit() for part in parts) and len(parts[0]) <= 2:
            if int(parts[0]) > 12:
                return "dmy"
            if int(parts[1]) > 12:
                return "mdy"
    return "dmy"


def checked(mapping: Mapping, header: Sequence[str]) -> Mapping:
    """The mapping, if it can work at all; raises BadFile with the reason."""
    if len(mapping.columns) != len(header):
        raise BadFile("other_columns")
    used = [name for name in mapping.columns if name != IGNORE]
    if unknown := [name for name in used if name not in FIELDS]:
        raise BadFile("unknown_field", field=unknown[0])
    if "external_id" not in used and "email" not in used:
        raise BadFile("no_key_column")
    if twice := [name for name in used if used.count(name) > 1]:
        raise BadFile("field_twice", field=twice[0])
    return mapping
