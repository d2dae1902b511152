"""A file of records is looked at first, lands whole or not at all, and only as it was seen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from madang.kernel import clock, ids
from madang.kernel.sheets.sheet import MOST_BYTES
from madang.portal.models import StoredObject
from madang.programme.engine.ledger import Kind
from madang.programme.web.models import Act, Booking, Paper
from madang.programme.web.services import acts, intake
from tests.portal.people import enter, home_of, somebody
from tests.programme.web.hands import AUTUMN, RECEIPT, booked, entry, two

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

    from madang.portal.models import User

pytestmark = pytest.mark.django_db

URL = "/programme/import"
HEAD = "사업코드,전표번호,집행일자,구분,금액(원),지급처,증빙파일,증빙지문,적요"


@pytest.fixture(autouse=True)
def _autumn() -> Iterator[None]:
    """It is the autumn of the fiscal year."""
    with clock.stopped_at(AUTUMN):
        yield


@pytest.fixture
def maker(client: Client) -> User:
    """Who may book, signed in."""
    maker, _ = two()
    return enter(client, maker) and maker


def table(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *rows)).encode()


GRANT = "rpki,V-1,2025-09-01,교부,300000000,한빛,,,"
GRANT_MONTH = date(2025, 9, 1)
PAID = "rpki,V-2,2025-09-02,집행,100000000,한빛,,,"


def upload(
    client: Client,
    content: bytes,
    *evidence: tuple[str, bytes],
    name: str = "9월.csv",
    **more: Any,
) -> Any:
    """Hand a file in; the answer of the page that it leads to, or of the form."""
    given = {
        "file": SimpleUploadedFile(name, content),
        "evidence": [SimpleUploadedFile(*each) for each in evidence],
        "step": "disbursed",
        **more,
    }
    answer = client.post(URL, given)
    return client.get(answer.headers["Location"]) if answer.status_code == 302 else answer


def put(client: Client, page: Any, **changes: Any) -> Any:
    """Put forward what a preview shows."""
    context = page.context
    given = {
        **{"put": "1", "draft": context["draft"].id, "seen": context["seen"]},
        "row": context["ticked"],
        **changes,
    }
    return client.post(URL, given)


def test_a_file_is_looked_at_put_forward_and_booked_as_a_whole(
    client: Client, maker: User
) -> None:
    page = upload(client, table(GRANT, PAID, "합계,,,,400000000,,,,"))
    text = page.content.decode()

    assert page.status_code == 200
    assert "+300,000,000" in text
    assert "금액(원)" in text
    assert not Act.objects.exists()
    answer = put(client, page)
    act = Act.objects.get()
    assert answer.headers["Location"] == act.get_absolute_url()
    assert (act.kind, act.state, act.count, act.title) == ("import", "waiting", 2, "9월.csv")
    assert act.source is not None
    assert act.source.digest == page.context["preview"].sha256
    assert act.shown["ko"]["changes"] == act.shown["en"]["changes"]
    checker = somebody("programme", home_of(maker))
    acts.approve(act, by=checker)
    assert {each.kind for each in Booking.objects.all()} == {"grant", "disbursement"}
    enter(client, checker)
    source = client.get(reverse("programme:act-source", args=[act.pk]))
    assert source.content == table(GRANT, PAID, "합계,,,,400000000,,,,")


def test_a_preview_books_nothing_and_keeps_no_paper(client: Client, maker: User) -> None:
    row = "rpki,V-3,2025-09-03,실집행,50000000,한빛,영수증.pdf,,"
    page = upload(client, table(GRANT, PAID, row), ("영수증.pdf", RECEIPT))

    assert page.context["preview"].holds
    assert not Paper.objects.exists()
    put(client, page)
    paper = Paper.objects.get()
    assert (paper.sha256, paper.name) == (ids.digest(RECEIPT), "영수증.pdf")
    assert paper.by == maker


def test_a_unit_mistake_is_refused_with_row_found_expected_and_remedy(
    client: Client, maker: User
) -> None:
    # 300,000,000 thousand won: a hundred times the 3,000,000,000 won of the line.
    head = HEAD.replace("금액(원)", "금액(천원)")
    page = upload(client, table(GRANT, head=head))
    (fault,) = page.context["preview"].faults
    text = page.content.decode()

    assert fault.row == 2
    assert "300,000,000,000원, 항목 예산 3,000,000,000원보다 큰 금액" in text
    assert "항목 예산 안의, 단위가 맞는 금액" in text
    assert "1,000로 나누면 300,000,000원입니다." in text
    assert put(client, page).status_code == 409
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("rpki,V-1,2024-09-01,교부,1000,,,,", "2024-09-01"),
        ("rpk,V-1,2025-09-01,교부,1000,,,,", "없는 항목 &#x27;rpk&#x27;"),
        ("rpki,V-1,2025-09-01,교부,-1000,,,,취소", "교부 합계 -1,000원"),
        ("rpki,V-1,2025-09-01,실집행,1000,,,,", "증빙 없는 실집행"),
        ("rpki,V-1,2025-09-01,교부,=1+1,,,,", "수식 &#x27;=1+1&#x27;"),
    ],
)
def test_a_row_that_may_not_be_booked_is_named_and_nothing_lands(
    client: Client, maker: User, row: str, found: str
) -> None:
    page = upload(client, table("npu,V-0,2025-09-01,교부,5000,,,,", row))

    assert found in page.content.decode()
    assert {each.row for each in page.context["preview"].faults} == {3}
    assert put(client, page).status_code == 409
    assert not Act.objects.exists()


def test_of_very_many_faults_the_first_are_shown_and_the_rest_counted(
    client: Client, maker: User
) -> None:
    page = upload(client, table(*(f"rpki,V-{number},x,교부,1000,,,," for number in range(250))))

    assert page.content.decode().count('<tr><th scope="row">') == 200 + len(HEAD.split(","))
    assert "그 밖에 50건이 더 있습니다." in page.content.decode()


def test_a_workbook_is_read_as_a_csv_file_is(client: Client, maker: User) -> None:
    from tests.kernel.sheets.workbooks import book as workbook

    rows = [line.split(",") for line in (HEAD, GRANT, PAID)]
    page = upload(client, workbook(rows), name="9월.xlsx")

    assert [each.amount_krw for each in page.context["preview"].entries] == [
        300_000_000,
        100_000_000,
    ]


def test_a_month_that_was_closed_since_it_was_seen_takes_nothing_in(
    client: Client, maker: User
) -> None:
    from madang.programme.web.models import Close
    from madang.programme.web.services import book

    page = upload(client, table(GRANT))
    act = booked([entry("x", 1_000)], maker, somebody("programme", home_of(maker)))
    with book.writing():
        Close.objects.create(
            month=GRANT_MONTH, act=act, recorded_at=AUTUMN, by="a", approved_by="b"
        )

    answer = put(client, page)
    assert answer.status_code == 409
    assert "마감된 달의 2025-09-01" in answer.content.decode()


def test_evidence_that_was_tampered_with_is_refused_with_both_digests(
    client: Client, maker: User
) -> None:
    said = ids.digest(RECEIPT)
    row = f"rpki,V-3,2025-09-03,실집행,50000000,한빛,영수증.pdf,{said},"
    page = upload(client, table(GRANT, PAID, row), ("영수증.pdf", b"another invoice"))
    text = page.content.decode()

    assert ids.digest(b"another invoice") in text
    assert said in text
    assert put(client, page).status_code == 409
    assert not Paper.objects.exists()


def test_a_digest_alone_does_not_prove_a_paper_that_no_longer_holds(
    client: Client, maker: User, settings: SettingsWrapper
) -> None:
    from madang.programme.web.services import papers
    from tests.programme.web.hands import change

    papers.receipts(maker).attach(RECEIPT, name="영수증.pdf", by=acts.hand(maker))
    row = f"rpki,V-3,2025-09-03,실집행,50000000,한빛,,{ids.digest(RECEIPT)},"
    assert upload(client, table(GRANT, PAID, row)).context["preview"].holds
    change(settings.OBJECTS, ids.digest(RECEIPT))

    page = upload(client, table(GRANT, PAID, row))
    assert not page.context["preview"].holds
    assert ids.digest(RECEIPT) in page.content.decode()


def test_a_mended_file_needs_no_evidence_to_be_chosen_again(client: Client, maker: User) -> None:
    row = "rpki,V-3,2025-09-03,실집행,{},한빛,영수증.pdf,,"
    page = upload(client, table(GRANT, PAID, row.format("많이")), ("영수증.pdf", RECEIPT))
    assert not page.context["preview"].holds

    page = upload(
        client, table(GRANT, PAID, row.format("50000000")), earlier=page.context["draft"].id
    )

    assert page.context["preview"].holds
    assert put(client, page).status_code == 302
    assert Paper.objects.get().name == "영수증.pdf"


def test_an_unusual_amount_is_taken_in_once_its_row_was_looked_at(
    client: Client, maker: User
) -> None:
    small = [f"rpki,S-{number},2025-09-02,교부,1000,,,," for number in range(20)]
    page = upload(client, table("rpki,BIG,2025-09-01,교부,2000000000,,,,", *small))
    (fault,) = page.context["preview"].faults
    assert fault.may_be_meant
    assert 'name="row" value="2"' in page.content.decode()

    page = client.get(URL, {"draft": page.context["draft"].id, "row": "2"})
    assert page.context["preview"].holds
    assert put(client, page, row=[]).status_code == 409
    assert put(client, page).status_code == 302
    page = client.get(Act.objects.get().get_absolute_url()).content.decode()
    assert "확인했다고 표시한 행: 2" in page


def test_a_column_without_a_unit_is_named_to_its_maker_and_to_who_approves(
    client: Client, maker: User
) -> None:
    page = upload(client, table(GRANT, head=HEAD.replace("(원)", "")))
    assert "표시 없음, 원으로 읽음" in page.content.decode()

    put(client, page)
    page = client.get(Act.objects.get().get_absolute_url()).content.decode()
    assert "단위 표시가 없어 원으로 읽은 열: 금액" in page


def test_an_amount_beyond_its_line_is_never_taken_in_however_often_it_was_looked_at(
    client: Client, maker: User
) -> None:
    page = upload(client, table("rpki,BIG,2025-09-01,교부,3000000001,,,,"))
    assert 'type="checkbox" name="row"' not in page.content.decode()

    page = client.get(URL, {"draft": page.context["draft"].id, "row": "2"})
    assert not page.context["preview"].holds


def test_what_changed_since_it_was_seen_is_not_put_forward_but_shown_anew(
    client: Client, maker: User
) -> None:
    page = upload(client, table(GRANT))
    booked([entry("x", 1_000_000)], maker, somebody("programme", home_of(maker)))

    answer = put(client, page)

    assert answer.status_code == 409
    assert "보신 뒤에 바뀐 장부" in answer.content.decode()
    assert Act.objects.filter(kind="import").count() == 0
    assert put(client, answer).status_code == 302


def test_what_no_longer_fits_since_it_was_seen_is_refused_with_its_row(
    client: Client, maker: User
) -> None:
    page = upload(client, table(GRANT))
    booked([entry("x", 2_900_000_000)], maker, somebody("programme", home_of(maker)))

    answer = put(client, page)

    assert answer.status_code == 409
    assert "3,200,000,000원" in answer.content.decode()


def test_pressing_twice_puts_forward_once(client: Client, maker: User) -> None:
    page = upload(client, table(GRANT))
    first, second = put(client, page), put(client, page)

    assert first.headers["Location"] == second.headers["Location"]
    assert Act.objects.count() == 1
    again = client.get(URL, {"draft": page.context["draft"].id})
    assert again.headers["Location"] == Act.objects.get().get_absolute_url()


def test_the_same_file_again_is_warned_of(client: Client, maker: User) -> None:
    put(client, upload(client, table(GRANT)))

    page = upload(client, table(GRANT), name="다른 이름.csv")
    assert Act.objects.get().get_absolute_url() in page.content.decode()
    assert page.context["preview"].holds


def test_another_persons_draft_is_not_found(client: Client, maker: User) -> None:
    page = upload(client, table(GRANT))
    enter(client, somebody("programme", home_of(maker)))

    assert client.get(URL, {"draft": page.context["draft"].id}).status_code == 404
    assert put(client, page).status_code == 404
    assert not Act.objects.exists()


def test_another_persons_evidence_does_not_come_along(client: Client, maker: User) -> None:
    row = "rpki,V-3,2025-09-03,실집행,50000000,한빛,영수증.pdf,,"
    page = upload(client, table(GRANT, PAID, row), ("영수증.pdf", RECEIPT))
    enter(client, somebody("programme", home_of(maker)))

    page = upload(client, table(GRANT, PAID, row), earlier=page.context["draft"].id)
    assert "함께 오지 않은 파일" in page.content.decode()


@pytest.mark.parametrize("name", ["object-none", "", "a\x00b", "../../keys"])
def test_a_draft_that_is_none_is_not_found(client: Client, maker: User, name: str) -> None:
    assert client.get(URL, {"draft": name}).status_code == 404


def test_another_stored_file_is_no_draft(client: Client, maker: User) -> None:
    from madang.portal import objects

    row = objects.keep(b"{}", name="x", media_type="text/plain", owner=None, by=maker)

    assert client.get(URL, {"draft": row.pk}).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.4 no table",
        b"\x00\x01\x02",
        "사업코드,집행일자,금액\nrpki,2025-09-01,1\x000".encode(),
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04 no workbook",
        b"\xd0\xcf\x11\xe0 old excel",
        "가,나,다\n1,2,3".encode(),
    ],
)
def test_what_is_no_table_of_records_is_refused_in_one_sentence(
    client: Client, maker: User, content: bytes
) -> None:
    page = upload(client, content)
    text = page.content.decode()

    assert page.status_code == 422
    assert 'role="alert"' in text
    assert "필요한 내용" in text
    assert "<script>alert" not in text


def test_a_name_that_is_markup_is_shown_as_it_is(client: Client, maker: User) -> None:
    name = "<img src=x onerror=alert(1)>.csv"
    page = upload(client, table(GRANT, "rpki,<b>V</b>,x,<i>,1,,,,"), name=name)
    text = page.content.decode()

    assert "&lt;img src=x" in text
    for markup in ("<img src=x", "<b>V</b>", "<i>"):
        assert markup not in text


@pytest.mark.parametrize(
    ("field", "size"),
    [("file", MOST_BYTES + 1), ("file", 0), ("evidence", 64 * 2**20 + 1), ("evidence", 0)],
)
def test_a_file_of_another_size_is_refused_before_it_is_read(field: str, size: int) -> None:
    from madang.programme.web.forms.imports import ImportForm

    class Sized(SimpleUploadedFile):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("read")

    files = {"file": SimpleUploadedFile("a.csv", b"x")}
    other = Sized("b.bin", b"")
    other.size = size
    from django.utils.datastructures import MultiValueDict

    given = MultiValueDict({**{name: [each] for name, each in files.items()}, field: [other]})
    form = ImportForm({"step": "disbursed"}, given)

    assert not form.is_valid()
    assert set(form.errors) == {field}


def test_two_evidence_files_of_one_name_are_refused(client: Client, maker: User) -> None:
    page = upload(client, table(GRANT), ("a.pdf", b"1"), ("a.pdf", b"2"))

    assert page.status_code == 422
    assert "같은 이름의 파일 &#x27;a.pdf&#x27;" in page.content.decode()


def test_names_in_pieces_of_hangul_find_their_file(client: Client, maker: User) -> None:
    import unicodedata

    row = "rpki,V-3,2025-09-03,실집행,50000000,한빛,영수증.pdf,,"
    decomposed = unicodedata.normalize("NFD", "영수증.pdf")
    page = upload(client, table(GRANT, PAID, row), (decomposed, RECEIPT))

    assert page.context["preview"].holds


def test_a_mapping_says_what_unknown_headings_mean(client: Client, maker: User) -> None:
    content = "무엇,언제,얼마\nrpki,2025-09-01,300000\n".encode()
    mapping = "columns: {무엇: line, 언제: day, 얼마: granted}\nunit: 천원\n"
    assert upload(client, content).status_code == 422

    typed = upload(client, content, mapping=mapping)
    as_file = SimpleUploadedFile("m.yaml", ("\ufeff" + mapping).encode())
    filed = upload(client, content, mapping_file=as_file)

    for page in (typed, filed):
        assert page.context["preview"].holds
        assert [each.amount_krw for each in page.context["preview"].entries] == [300_000_000]


@pytest.mark.parametrize(
    "mapping",
    ["columns: [", "columns: {a: nonsense}", "unit: 달러", "- 1", "a: \x00", "x" * 60_000],
)
def test_a_mapping_that_says_nothing_is_refused_and_kept(
    client: Client, maker: User, mapping: str
) -> None:
    page = upload(client, table(GRANT), mapping=mapping)

    assert page.status_code == 422
    assert page.context["form"].errors["mapping"]


def test_a_text_for_which_the_book_has_no_room_is_named_with_its_row(
    client: Client, maker: User
) -> None:
    page = upload(client, table(GRANT, f"rpki,{'V' * 121},2025-09-01,교부,1000,,,,"))
    (fault,) = page.context["preview"].faults

    assert fault.row == 3
    assert "121자인 전표번호" in page.content.decode()


def test_the_example_file_fits(client: Client, maker: User) -> None:
    content = client.get(reverse("programme:import-sample")).content
    page = upload(client, content, name="example.csv")

    assert "예시" in content.decode()
    assert page.context["preview"].faults == ()
    assert page.context["preview"].totals == 1


def test_a_draft_that_nobody_put_forward_is_forgotten_after_a_week(
    client: Client, maker: User
) -> None:
    upload(client, table(GRANT))
    used = upload(client, table(PAID.replace("집행", "교부")))
    put(client, used)
    assert StoredObject.objects.filter(media_type=intake.DRAFT).count() == 2
    with clock.stopped_at(AUTUMN + timedelta(days=intake.KEPT_DAYS + 1)):
        upload(client, table(GRANT))

    assert StoredObject.objects.filter(media_type=intake.DRAFT).count() == 1
    assert Act.objects.get().source is not None


def test_nobody_imports_without_the_right(client: Client) -> None:
    urls = (URL, reverse("programme:import-sample"))
    assert {client.get(url).status_code for url in urls} == {302}
    for role in ("auditor", "operator", "company", "officer"):
        enter(client, somebody(role))
        assert {client.get(url).status_code for url in urls} == {403}
        assert client.post(URL, {"put": "1"}).status_code == 403


def test_a_preview_speaks_english_too(client: Client, maker: User) -> None:
    client.cookies["django_language"] = "en"
    page = upload(client, table("rpk,V-1,2025-09-01,교부,1000,,,,")).content.decode()

    assert "the unknown line &#x27;rpk&#x27;" in page
    assert "Kind.GRANT" not in page
    assert Kind.GRANT == "grant"
