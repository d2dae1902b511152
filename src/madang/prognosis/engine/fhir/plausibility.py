"""Which rows of a record may a model use, and what of it cannot be true of a living patient?

FHIR takes a birth in the future, a bilirubin of -3 or a death before the birth; a model must not.
Whatever is left out is told: as an error where a patient is refused, as a warning where a value
is, and as information where the record itself says that a value does not count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import Words, words
from madang.prognosis.engine.fhir.issues import Issue
from madang.prognosis.engine.fhir.moments import day_of, span
from madang.prognosis.engine.fhir.record import DEATH_UNDATED, Coded, Person
from madang.prognosis.engine.fhir.values import judge

if TYPE_CHECKING:
    from madang.prognosis.engine.fhir.issues import Severity
    from madang.prognosis.engine.fhir.record import Measured, Place, Record
    from madang.prognosis.engine.fhir.values import Breach

OLDEST_YEARS = 123
"""No longer life has been verified (122 years and 164 days)."""
AFTER_DEATH = timedelta(days=1)
"""A value may be signed on the day after a death; later ones belong to somebody else."""
_VOID = frozenset({"entered-in-error", "cancelled", "not-done", "not-taken", "refuted"})
_UNFINISHED = frozenset({"registered", "unknown", "preparation", "intended"})


class Value(NamedTuple):
    """A value that a model may read, in the unit of its column."""

    patient: str
    when: str
    name: str
    value: float


@dataclass(slots=True)
class Usable:
    """What of a record may be used, and all that was said against the rest.

    Attributes:
        persons: Id → the patient.
        values: Laboratory values of these patients.
        coded: Conditions, procedures and medications of these patients, with a day.
        followed: Patient → until when the record says that the patient was observed.
        issues: Why anything else was left out.
        left_out: The rule → how many rows it left out.
    """

    persons: dict[str, Person] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)
    coded: list[Coded] = field(default_factory=list)
    followed: dict[str, date] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def object_to(
        self, where: Place, rule: str, code: str, step: str, said: Words, severity: Severity
    ) -> None:
        """Tell why a row is left out."""
        self.left_out[rule] += 1
        self.issues.append(
            Issue(
                severity=severity,
                code=code,
                path=where.path + step,
                rule=rule,
                said=said,
                line=where.line,
                file=where.file,
            )
        )


def usable(record: Record, now: datetime) -> Usable:
    """Judge a whole record.

    Patients are refused whose dates contradict each other or lie in the future, whose id stands
    on another patient too, or who share an identifier: nobody can tell whose values theirs are.
    Two patients of one name, sex and birthday are kept with a warning.

    Args:
        record: Rows from resources that keep the rules.
        now: The present moment; nothing may lie after it.
    """
    found = Usable()
    _persons(record.persons, now, found)
    _values(record.measured, now, found)
    _coded(record.coded, now, found)
    for patient, text in record.followed.items():
        day = day_of(text)
        if day is not None and patient in found.persons and span(text).first <= now:
            found.followed[patient] = day
    return found


def _persons(persons: list[Person], now: datetime, found: Usable) -> None:
    shared = _shared_identifiers(persons)
    ids = Counter(each.id for each in persons)
    for each in persons:
        breach = _of_person(each, now) or _of_identity(each, ids, shared)
        if breach:
            rule, step, said = breach
            code = "duplicate" if rule.startswith("madang-shared") else "business-rule"
            found.object_to(each.place, rule, code, step, said, "error")
        else:
            found.persons[each.id] = each
    _alike(found)


def _of_person(one: Person, now: datetime) -> tuple[str, str, Words] | None:
    """What cannot be true of one patient: rule, step and sentence."""
    dated = one.death not in {"", DEATH_UNDATED}
    for text, step in ((one.birth, ".birthDate"), (one.death if dated else "", ".deceased")):
        if text and span(text).first > now:
            said = words(f"{text}: 앞으로 올 날짜입니다.", f"{text} lies in the future.")
            return "madang-future", step, said
    if one.birth and dated and _earlier(one.death, one.birth):
        said = words(
            f"사망({one.death})이 출생({one.birth})보다 빠릅니다.",
            f"The death ({one.death}) lies before the birth ({one.birth}).",
        )
        return "madang-death-before-birth", ".deceased", said
    end = span(one.death).last if dated else now
    if one.birth and (end - span(one.birth).last).days > OLDEST_YEARS * 365.25:
        said = words(
            f"{one.birth}생이면 {OLDEST_YEARS}세를 넘습니다.",
            f"Born {one.birth}, the patient would be older than {OLDEST_YEARS}.",
        )
        return "madang-age", ".birthDate", said
    return None


def _earlier(one: str, other: str) -> bool:
    """Whether one day lies before another in the calendar of the clinic that wrote both."""
    shared = min(len(one), len(other), 10)
    return one[:shared] < other[:shared]


def _of_identity(
    one: Person, ids: Counter[str], shared: set[tuple[str, str]]
) -> tuple[str, str, Words] | None:
    """Why it cannot be told who this is: rule, step and sentence."""
    if not one.id:
        said = words("환자에게 id가 없습니다.", "The patient has no id.")
        return "madang-no-id", ".id", said
    if ids[one.id] > 1:
        said = words(
            f"환자 id '{one.id}'가 두 번 이상 있습니다.",
            f"The id '{one.id}' stands on more than one patient.",
        )
        return "madang-shared-id", ".id", said
    for row, each in enumerate(one.identifiers):
        if each in shared:
            said = words(
                "같은 식별번호를 가진 환자가 또 있습니다.",
                "Another patient carries the same identifier.",
            )
            return "madang-shared-identifier", f".identifier[{row}]", said
    return None


def _shared_identifiers(persons: list[Person]) -> set[tuple[str, str]]:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in persons:
        for identifier in each.identifiers:
            owners[identifier].add(each.id)
    return {identifier for identifier, ids in owners.items() if len(ids) > 1}


def _alike(found: Usable) -> None:
    """Warn of patients of one name, sex and birthday; both are kept."""
    seen: dict[tuple[str, str, str], str] = {}
    for each in found.persons.values():
        if not (each.name and each.birth):
            continue
        other = seen.setdefault((each.name.casefold(), each.sex, each.birth), each.id)
        if other != each.id:
            said = words(
                f"'{other}' 환자와 이름, 성별, 생년월일이 같습니다. 같은 사람인지 확인하십시오.",
                f"Name, sex and birthday are those of '{other}'; see whether they are one person.",
            )
            found.object_to(each.place, "madang-alike", "duplicate", "", said, "warning")
            found.left_out["madang-alike"] -= 1
    found.left_out += Counter()


def _values(measured: list[Measured], now: datetime, found: Usable) -> None:
    strangers: dict[str, list[Measured]] = defaultdict(list)
    unknown: dict[str, list[Measured]] = defaultdict(list)
    persons, keep = found.persons, found.values.append
    ends = {name: (now, _last_day(each)) for name, each in persons.items()}
    for each in measured:
        if each.patient not in persons:
            strangers[each.patient].append(each)
            continue
        if each.status in _VOID or each.status in _UNFINISHED:
            _void(each.status, each.place, found)
            continue
        name, value, breach = judge(each)
        if name is None:
            unknown[each.loinc].append(each)
            continue
        if value is not None:
            breach = _misdated(each.when, persons[each.patient], ends[each.patient])
        if breach is not None:
            found.object_to(each.place, *breach)
        elif value is not None:
            keep(Value(each.patient, each.when, name, value))
    _grouped(strangers, unknown, found)


def _void(status: str, where: Place, found: Usable) -> None:
    said = words(f"상태가 {status}여서 쓰지 않습니다.", f"Its status is {status}; it is not used.")
    found.object_to(where, "madang-void", "business-rule", ".status", said, "information")


def _last_day(one: Person) -> str:
    """The day after which nothing of this patient can be measured, as text that sorts."""
    if one.death in {"", DEATH_UNDATED}:
        return "~"
    day = day_of(one.death)
    return f"{one.death}~" if day is None else (day + AFTER_DEATH).isoformat()


def _misdated(when: str, person: Person, ends: tuple[datetime, str]) -> Breach | None:
    """What stands against the day of a value; `ends` are the present and the last day."""
    if (
        len(when) >= 10
        and person.birth[:10] <= when[:10] <= ends[1]
        and span(when).first <= ends[0]
    ):
        return None
    rule, said = _why_misdated(when, person, ends[0])
    return rule, "business-rule", ".effective", said, "warning"


def _why_misdated(when: str, person: Person, now: datetime) -> tuple[str, Words]:
    if len(when) < 10:
        said = words("날짜(일)가 없습니다.", "It has no day.")
        return "madang-no-day", said
    if span(when).first > now:
        return _ahead(when)
    if person.birth and _earlier(when, person.birth):
        return _before_birth(when, person)
    return "madang-after-death", words(
        f"{when}: 사망({person.death})보다 늦습니다.",
        f"{when} lies after the death ({person.death}).",
    )


def _grouped(
    strangers: dict[str, list[Measured]], unknown: dict[str, list[Measured]], found: Usable
) -> None:
    """One issue for all values of a patient who is not there, and for all of one code."""
    for patient, rows in strangers.items():
        said = words(
            f"환자 '{patient}'를 쓸 수 없어 값 {len(rows):,}개를 쓰지 않습니다.",
            f"There is no usable patient '{patient}': {len(rows):,} values are not used.",
        )
        found.object_to(
            rows[0].place, "madang-no-patient", "not-found", ".subject", said, "warning"
        )
        found.left_out["madang-no-patient"] += len(rows) - 1
    for code, rows in unknown.items():
        said = words(
            f"모르는 검사 코드 '{code}': 값 {len(rows):,}개를 쓰지 않습니다.",
            f"The code '{code}' is not known here: {len(rows):,} values are not used.",
        )
        where = rows[0].place
        found.object_to(where, "madang-unknown-code", "code-invalid", ".code", said, "warning")
        found.left_out["madang-unknown-code"] += len(rows) - 1


def _coded(coded: list[Coded], now: datetime, found: Usable) -> None:
    for each in coded:
        person = found.persons.get(each.patient)
        if person is None:
            said = words(
                f"환자 '{each.patient}'를 쓸 수 없습니다.",
                f"There is no usable patient '{each.patient}'.",
            )
            found.object_to(
                each.place, "madang-no-patient", "not-found", ".subject", said, "warning"
            )
        elif each.status in _VOID:
            _void(each.status, each.place, found)
        elif not each.when:
            # A diagnosis without a day still says that the patient has it.
            found.coded.append(each)
        elif not _misdated_code(each, person, now, found):
            found.coded.append(each)


def _misdated_code(one: Coded, person: Person, now: datetime, found: Usable) -> bool:
    if span(one.when).first > now:
        rule, said = _ahead(one.when)
    elif person.birth and _earlier(one.when, person.birth):
        rule, said = _before_birth(one.when, person)
    else:
        return False
    found.object_to(one.place, rule, "business-rule", "", said, "warning")
    return True


def _before_birth(when: str, person: Person) -> tuple[str, Words]:
    return "madang-before-birth", words(
        f"{when}: 출생({person.birth})보다 빠릅니다.",
        f"{when} lies before the birth ({person.birth}).",
    )


def _ahead(when: str) -> tuple[str, Words]:
    return "madang-future", words(f"{when}: 앞으로 올 날짜입니다.", f"{when} lies in the future.")


def age_years(birth: str, day: date) -> float | None:
    """Years from a birthday to a day; None where the birthday is not known to the day.

    A year alone stands for its middle: half a year of error at most.
    """
    born = day_of(birth) if birth else None
    if born is None and len(birth) >= 4:
        born = date(int(birth[:4]), int(birth[5:7] or 7), 15 if len(birth) == 7 else 1)
    return None if born is None else (day - born).days / 365.25
