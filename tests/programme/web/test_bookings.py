"""What is booked by hand is shown as it was understood, and goes forward as it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from madang.kernel import clock, ids
from madang.programme.web.models import Act, Booking, Paper, Recipient
from madang.programme.web.services import acts, book
from tests.portal.people import enter, home_of, somebody
from tests.programme.web.hands import AUTUMN, RECEIPT, booked, entry, spent, two

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from madang.portal.models import User

pytestmark = pytest.mark.django_db

URL = "/programme/book"


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


def typed(client: Client, *evidence: tuple[str, bytes], **changes: Any) -> Any:
    """Send the form; the answer of the page that it leads to, or of the form."""
    given = {
        **{"kind": "grant", "line": "rpki", "amount": "1억", "day": "2025-09-01"},
        "evidence": [SimpleUploadedFile(*each) for each in evidence],
        **changes,
    }
    answer = client.post(URL, given)
    return client.get(answer.headers["Location"]) if answer.status_code == 302 else answer


def put(client: Client, page: Any, **changes: Any) -> Any:
    """Put forward what was shown."""
    context = page.context
    given = {"put": "1", "draft": context["draft"].id, "seen": context["seen"]}
    return client.post(URL, {**given, **changes})


@pytest.mark.parametrize(
    ("amount", "won"),
    [
        ("1,500,000,000", "1,500,000,000"),
        ("15억", "1,500,000,000"),
        ("1,500백만원", "1,500,000,000"),
        ("1억2,500만원", "125,000,000"),
        ("１０００", "1,000"),
    ],
)
def test_an_amount_is_shown_as_it_was_understood(
    client: Client, maker: User, amount: str, won: str
) -> None:
    page = typed(client, amount=amount).content.decode()

    assert amount in page
    assert f"<dd>{won} 원" in page


@pytest.mark.parametrize("amount", ["", "0", "많이", "=1+1", "0.5", "1,00", "9" * 61, "1\x000"])
def test_what_is_no_amount_is_refused_and_kept(client: Client, maker: User, amount: str) -> None:
    page = typed(client, amount=amount)

    assert page.status_code == 422
    assert "amount" in page.context["form"].errors
    assert page.context["form"]["line"].value() == "rpki"


def test_a_booking_goes_forward_as_it_was_shown_and_is_booked_by_another(
    client: Client, maker: User
) -> None:
    page = typed(client, voucher="V-1", recipient="한빛", note="첫 교부")
    assert "100,000,000" in page.content.decode()
    assert not Act.objects.exists()

    answer = put(client, page)

    act = Act.objects.get()
    assert answer.headers["Location"] == act.get_absolute_url()
    acts.approve(act, by=somebody("programme", home_of(maker)))
    row = Booking.objects.get()
    assert (row.kind, row.amount_krw, row.voucher, row.recipient, row.note) == (
        *("grant", 100_000_000, "V-1"),
        *("한빛", "첫 교부"),
    )
    assert row.by == acts.hand(maker)


def test_a_recipient_known_by_name_is_booked_by_its_number(client: Client, maker: User) -> None:
    with book.writing():
        Recipient.objects.create(id="r-1", name="(주)한빛 네트웍스", nature="firm")

    assert typed(client, recipient="한빛네트웍스").context["entry"].recipient == "r-1"


def test_confirmed_spending_needs_its_paper(client: Client, maker: User) -> None:
    booked(
        [each for each in spent(maker) if each.kind != "spending"],
        maker,
        somebody("programme", home_of(maker)),
    )
    Paper.objects.all().delete()
    bare = typed(client, kind="spending")
    proved = typed(client, ("영수증.pdf", RECEIPT), kind="spending")

    assert bare.status_code == 422
    assert "증빙 없는 실집행" in bare.content.decode()
    assert proved.status_code == 200
    assert not Paper.objects.exists()
    assert put(client, proved).status_code == 302
    assert Paper.objects.get().sha256 == ids.digest(RECEIPT)


def test_what_may_not_be_booked_says_why_and_can_be_changed_without_typing_it_again(
    client: Client, maker: User
) -> None:
    page = typed(client, ("a.pdf", b"a"), amount="30억1원", note="너무 많음")
    text = page.content.decode()

    assert "3,000,000,001원" in text
    assert "3,000,000,000원 이하" in text
    assert "1번째 기록" not in text
    assert 'name="put"' not in text
    assert put(client, page).status_code == 409
    assert not Act.objects.exists()
    form = client.get(URL, {"draft": page.context["draft"].id, "edit": "1"})
    assert form.context["form"]["amount"].value() == "30억1원"
    assert form.context["form"]["note"].value() == "너무 많음"
    assert "a.pdf" in form.content.decode()
    mended = typed(client, earlier=page.context["draft"].id, amount="30억")
    assert [each.name for each in mended.context["draft"].files] == ["a.pdf"]


def test_a_grant_that_can_hardly_be_spent_this_year_is_warned_of_and_still_possible(
    client: Client, maker: User
) -> None:
    # 30 days to the first spending and 200 of work from 1 September end after 31 December.
    late = typed(client, needs_days="200")
    soon = typed(client, needs_days="30")

    assert "연내에 실집행하기 어렵습니다." in late.content.decode()
    assert "2026-04-19" in late.content.decode()
    assert soon.context["warnings"] == []
    assert put(client, late).status_code == 302
    # Who approves reads the same warning.
    enter(client, somebody("programme", home_of(maker)))
    page = client.get(Act.objects.get().get_absolute_url()).content.decode()
    assert "2026-04-19" in page


def test_a_transfer_shows_its_last_lawful_day_and_both_lines(client: Client, maker: User) -> None:
    page = typed(client, kind="transfer", to_line="npu")
    text = page.content.decode()

    assert "2025-12-31(국가재정법 제46조)" in text
    assert len(page.context["changes"]) == 2
    assert "옮길 곳" in typed(client, kind="transfer").content.decode()
    assert "옮길 곳" in typed(client, kind="transfer", to_line="rpki").content.decode()


def test_a_carry_over_is_booked_on_the_last_day_of_the_year_alone(
    client: Client, maker: User
) -> None:
    page = typed(client, kind="carry_over")

    assert "2025-12-31" in page.content.decode()
    assert put(client, page).status_code == 409


def test_a_correction_begins_with_what_it_corrects(client: Client) -> None:
    maker, checker = two()
    booked([entry("a", 5_000, voucher="V-9", recipient="한빛")], maker, checker)
    enter(client, maker)
    form = client.get(URL, {"corrects": "a"}).context["form"]
    assert form["amount"].value() == "-5,000"

    page = typed(client, amount="-2000", voucher="V-9", recipient="한빛", corrects="a")
    put(client, page)
    acts.approve(Act.objects.get(state="waiting"), by=checker)

    assert Booking.objects.get(corrects="a").amount_krw == -2_000
    for name in ("none", "a\x00"):
        assert client.get(URL, {"corrects": name}).context["form"]["amount"].value() is None


def test_what_changed_since_it_was_shown_is_not_put_forward_but_shown_anew(
    client: Client,
) -> None:
    maker, checker = two()
    enter(client, maker)
    page = typed(client)
    booked([entry("x", 1_000)], maker, checker)

    answer = put(client, page)

    assert answer.status_code == 409
    assert "보신 뒤에 바뀐 장부" in answer.content.decode()
    assert put(client, answer).status_code == 302


def test_pressing_twice_puts_forward_once(client: Client, maker: User) -> None:
    page = typed(client)
    first, second = put(client, page), put(client, page)

    assert first.headers["Location"] == second.headers["Location"]
    assert Act.objects.count() == 1


def test_another_persons_draft_is_not_found(client: Client, maker: User) -> None:
    page = typed(client, ("a.pdf", b"a"))
    enter(client, somebody("programme", home_of(maker)))

    assert client.get(URL, {"draft": page.context["draft"].id}).status_code == 404
    assert put(client, page).status_code == 404
    mine = typed(client, earlier=page.context["draft"].id)
    assert mine.context["draft"].files == ()


def test_a_draft_of_an_import_is_no_booking(client: Client, maker: User) -> None:
    file = SimpleUploadedFile("a.csv", b"x,y\n1,2\n")
    answer = client.post("/programme/import", {"file": file, "step": "disbursed"})
    name = answer.headers["Location"].partition("draft=")[2]

    assert client.get(URL, {"draft": name}).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "gift"},
        {"line": "no-line"},
        {"day": "2025-02-30"},
        {"needs_days": "-1"},
        {"voucher": "V" * 121},
        {"recipient": "a\x00b"},
    ],
)
def test_what_fits_no_field_is_refused(
    client: Client, maker: User, changes: dict[str, str]
) -> None:
    page = typed(client, **changes)

    assert page.status_code == 422
    assert set(page.context["form"].errors) == set(changes)


def test_markup_in_a_field_or_the_name_of_a_file_is_shown_as_it_is(
    client: Client, maker: User
) -> None:
    page = typed(client, ("<b>x</b>.pdf", b"a"), recipient="<script>1</script>", note="<i>")
    text = page.content.decode()

    assert "&lt;script&gt;1&lt;/script&gt;" in text
    for markup in ("<script>1", "<i>", "<b>x"):
        assert markup not in text


def test_nobody_books_without_the_right(client: Client) -> None:
    assert client.get(URL).status_code == 302
    for role in ("auditor", "operator", "company", "officer"):
        enter(client, somebody(role))
        assert client.get(URL).status_code == 403
        assert client.post(URL, {"put": "1"}).status_code == 403


def test_the_act_of_a_booking_says_the_same_in_both_languages(client: Client, maker: User) -> None:
    put(client, typed(client))
    act = Act.objects.get()
    url = reverse("programme:act", args=[act.pk])

    assert "승인을 기다립니다" in client.get(url).content.decode()
    client.cookies["django_language"] = "en"
    assert "It awaits approval" in client.get(url).content.decode()
    assert act.title == "rpki 2025-09-01"
