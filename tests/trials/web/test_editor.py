"""The editor: an agency writes, checks, seals and posts a demand with nothing but forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from madang.kernel import clock
from madang.trials.web.models import Demand
from madang.trials.web.services import demands as acts
from madang.trials.web.services import drafts, intake
from tests.portal.people import enter, home_of, organisation, somebody
from tests.trials.web import demands

if TYPE_CHECKING:
    from django.test import Client

    from madang.portal.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent(client: Client) -> User:
    """Staff of an agency, signed in."""
    user = somebody("agency")
    enter(client, user)
    return user


def fields(client: Client, url: str) -> dict[str, Any]:
    """What a form on a page would send if it were sent as it stands."""
    page = client.get(url)
    assert page.status_code == 200, url
    form = page.context["form"]
    forms = [form, *getattr(form, "rows", []), *getattr(form, "criteria", [])]
    found: dict[str, Any] = {}
    for each in forms:
        for bound in each:
            value = bound.value()
            if value is True:
                found[bound.html_name] = "on"
            elif value not in (None, False, ""):
                prepared = bound.field.prepare_value(value)
                found[bound.html_name] = (
                    (
                        bound.field.widget.format_value(prepared) or ""
                        if bound.field.widget.input_type == "datetime-local"
                        else prepared
                    )
                    if hasattr(bound.field.widget, "input_type")
                    else prepared
                )
    return found


def test_an_agency_writes_seals_and_posts_a_demand_by_forms_alone(
    client: Client, agent: User
) -> None:
    name = demands.name("forms")
    begun = client.post(
        "/trials/new",
        {
            "agency": home_of(agent).pk,
            "name": name,
            "title_ko": "직선",
            "title_en": "A line",
            "problem_ko": "x로 y를 맞힙니다.",
            "problem_en": "Tell y from x.",
            "sector": "health",
        },
    )
    base = f"/trials/demands/{name}/edit"
    assert begun.headers["Location"] == f"{base}/data"

    upload = SimpleUploadedFile("표.csv", demands.csv(demands.table()))
    assert client.post(f"{base}/table", {"table": upload}).status_code == 302
    demand = demands.worked(Demand.objects.get(name=name))
    assert demand.plain["data"]["id"] == "id"

    data = fields(client, f"{base}/data")
    answer = client.post(f"{base}/data", {**data, "source_ko": "시험", "source_en": "A test"})
    assert answer.headers["Location"] == f"{base}/task"

    task = {"task": "trials.regression", "rule": "superiority", "alpha": "0.05"}
    client.post(f"{base}/task", {**task, "apply": "1"})
    task |= {"option_outcome": "y", "baseline": "median", "metric": ""}
    client.post(f"{base}/task", {**task, "apply": "1"})
    demands.worked(demand)
    page = client.get(f"{base}/task")
    assert "평균 절대오차 (낮을수록 좋음)" in page.content.decode()
    answer = client.post(f"{base}/task", {**task, "metric": "mae"})
    assert answer.headers["Location"] == f"{base}/parts"

    answer = client.post(f"{base}/parts", {**fields(client, f"{base}/parts"), "quota": "7"})
    assert answer.headers["Location"] == f"{base}/schedule"
    dates = demands.dates(timezone.localtime(clock.now()))
    typed = {field: at.strftime("%Y-%m-%dT%H:%M") for field, at in dates.items()}
    answer = client.post(f"{base}/schedule", {**fields(client, f"{base}/schedule"), **typed})
    assert answer.headers["Location"] == f"{base}/check"

    client.post(f"{base}/check", {"again": "1"})
    demands.worked(demand)
    page = client.get(f"{base}/check")
    assert page.context["findings"] == []
    assert client.post(f"{base}/check", {}).headers["Location"] == f"{base}/preview"
    assert client.get(f"{base}/preview").context["hindrances"] == []

    client.post(f"{base}/preview")
    demands.worked(demand)
    assert demand.state == "sealed"
    assert "봉인이 끝났습니다" in client.get(base, follow=True).content.decode()
    answer = client.post(f"/trials/demands/{name}/post")
    demand.refresh_from_db()
    assert answer.headers["Location"] == demand.get_absolute_url()
    assert demand.state == "posted"
    assert demand.quota == 7


def test_others_find_neither_draft_nor_editor(client: Client) -> None:
    demand = demands.row("draft", posted=None)
    enter(client, somebody("agency"))
    paths = ["", "/edit", "/edit/data", "/edit/check", "/edit/progress", "/post", "/withdraw"]

    found = {path: client.get(f"{demand.get_absolute_url()}{path}").status_code for path in paths}
    assert found == dict.fromkeys(paths, 404)
    for path in ("/edit/table", "/edit/problem/look", "/edit/preview", "/edit/problem"):
        assert client.post(f"{demand.get_absolute_url()}{path}").status_code == 404
    demand.refresh_from_db()
    assert demand.state == "draft"


def test_what_cannot_be_read_comes_back_as_it_was_typed(client: Client, agent: User) -> None:
    demand = demands.draft(agent)
    typed = {**fields(client, f"{demand.get_absolute_url()}/edit/parts"), "open": "much"}
    answer = client.post(f"{demand.get_absolute_url()}/edit/parts", typed)

    assert answer.status_code == 422
    assert 'value="much"' in answer.content.decode()
    demand.refresh_from_db()
    assert demand.plain["parts"] == {"open": 0.3, "board": 0.3, "final": 0.4}


def test_what_is_wrong_is_saved_and_told_beside_its_field(client: Client, agent: User) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/parts"
    answer = client.post(url, {**fields(client, url), "open": "0.9"})
    demand.refresh_from_db()

    assert answer.headers["Location"] == url
    assert demand.plain["parts"]["open"] == 0.9
    # 0.9 + 0.3 + 0.4.
    assert re.search(r'href="#id_open">[^<]*1\.6', client.get(url).content.decode())


def test_a_live_check_tells_and_saves_nothing(client: Client, agent: User) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/parts"
    answer = client.post(f"{url}/look", {**fields(client, url), "open": "0.9"})
    before = demand.text
    demand.refresh_from_db()

    assert "1.6" in answer.content.decode()
    assert demand.text == before


def test_a_missing_title_is_told_as_it_goes(client: Client, agent: User) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/problem"
    answer = client.post(f"{url}/look", {**fields(client, url), "title_en": ""})

    assert 'href="#id_title_en"' in answer.content.decode()


def test_two_editors_do_not_overwrite_each_other_unseen(client: Client, agent: User) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/problem"
    mine = fields(client, url)
    other = demands.plain(title={"ko": "남의 제목", "en": "Another's"})
    acts.change(demand, by=agent, plain={**demand.plain, "title": other["title"]})

    refused = client.post(url, {**mine, "title_ko": "내 제목"})
    demand.refresh_from_db()
    assert "다른 사람이 먼저 저장했습니다" in refused.content.decode()
    assert 'value="내 제목"' in refused.content.decode()
    assert demand.title_ko == "남의 제목"

    seen = re.search(r'name="seen" value="(\w+)"', refused.content.decode())
    assert seen
    client.post(url, {**mine, "title_ko": "내 제목", "seen": seen[1]})
    demand.refresh_from_db()
    assert demand.title_ko == "내 제목"


def test_a_text_that_is_no_yaml_is_kept_and_the_forms_say_so(client: Client, agent: User) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/text"
    broken = "title: [never closed\n"
    client.post(url, {"text": broken, "seen": fields(client, url)["seen"]})
    demand.refresh_from_db()

    assert demand.text == broken
    assert demand.title_ko == "직선 맞히기"
    assert "never closed" in client.get(url).content.decode()
    assert "문서를 읽을 수 없습니다" in client.get(url.replace("text", "data")).content.decode()


HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE trials_demand; --",
    "{{ settings.SECRET_KEY }}",
    "한글 😀 \u202e reversed",
    "a: b: [c",
    "1e3",
    "yes",
    "010",
    "0.30000000000000004",
    "   ",
    "줄\n바꿈\n: -",
    "=cmd|' /C calc'!A0",
    "- \"'\\",
    "x" * 4000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_draft_says_what_was_typed_whatever_it_is(text: str) -> None:
    plain = demands.plain(problem={"ko": text, "en": text})

    assert drafts.as_plain(drafts.as_yaml(plain)) == plain


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_of_the_problem_takes_the_page_apart(
    client: Client, agent: User, text: str
) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/problem"
    typed = {**fields(client, url), "problem_ko": text, "title_en": text[:200]}
    assert client.post(url, typed).status_code in (302, 422)

    for path in ("/edit/problem", "/edit/text", "", "/edit/preview"):
        page = client.get(f"{demand.get_absolute_url()}{path}")
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "a/b.csv", "표\r\nX: 1.csv", ".csv"])
def test_a_tables_name_is_never_a_path(client: Client, agent: User, name: str) -> None:
    demand = demands.draft(agent)
    upload = SimpleUploadedFile("x.csv", b"id,x\n1,2\n")
    upload.name = name
    client.post(f"{demand.get_absolute_url()}/edit/table", {"table": upload})
    demand.refresh_from_db()

    kept = demand.table
    assert not kept or (intake.folder() / kept["file"]).parent == intake.folder()
    assert not kept or not set("/\\\r\n") & set(kept["name"])


@pytest.mark.parametrize(
    ("name", "content"),
    [("table.exe", b"MZ"), ("table.csv", b""), ("table", b"id\n1\n"), ("table.csv.zip", b"PK")],
)
def test_what_is_no_table_is_refused_and_not_kept(
    client: Client, agent: User, name: str, content: bytes
) -> None:
    demand = demands.draft(agent)
    before = set(intake.folder().iterdir())
    answer = client.post(
        f"{demand.get_absolute_url()}/edit/table", {"table": SimpleUploadedFile(name, content)}
    )
    demand.refresh_from_db()

    assert answer.status_code == 422
    assert demand.table == {}
    assert set(intake.folder().iterdir()) == before


def test_a_table_that_is_replaced_or_withdrawn_is_erased(agent: User) -> None:
    demand = demands.with_table(demands.draft(agent))
    first = intake.folder() / demand.table["file"]
    demand = demands.with_table(demand)
    second = intake.folder() / demand.table["file"]
    assert (first.exists(), second.exists()) == (False, True)

    acts.withdraw(demand, by=agent, reason="다시 씁니다.")
    assert not second.exists()


def test_nobody_writes_a_demand_in_the_name_of_strangers(client: Client, agent: User) -> None:
    other = organisation("agency")
    typed = {"agency": other.pk, "name": demands.name(), "title_ko": "남의 수요"}
    answer = client.post("/trials/new", typed)

    assert answer.status_code == 200
    assert not Demand.objects.filter(agency=other).exists()


def test_a_text_that_names_another_demand_or_ministry_is_not_sealed(agent: User) -> None:
    demand = demands.with_table(demands.draft(agent))
    other = demands.name("stolen")
    stolen = demand.text.replace(f"demand: {demand.name}", f"demand: {other}")
    acts.change(demand, by=agent, text=stolen)
    acts.check(demand, by=agent)
    demands.worked(demand)

    assert demand.plain["demand"] == demand.name
    with pytest.raises(Exception, match=demand.name):
        acts.seal(demand, by=agent)


CRITERION = {
    "r0-title_ko": "쓸모",
    "r0-title_en": "Use",
    "r0-weight": "2",
    "r0-anchors": "나쁨 / bad\n좋음 / good",
}


def test_a_rubric_is_declared_with_the_demand_that_is_registered(
    client: Client, agent: User
) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/schedule"
    client.post(url, {**fields(client, url), **CRITERION, "fewest": "2"})
    demand.refresh_from_db()

    (criterion,) = demand.plain["rubric"]["criteria"]
    assert criterion["weight"] == 2
    assert [each["level"] for each in criterion["anchors"]] == [1, 2]
    assert demand.rubric == demand.plain["rubric"]
    assert drafts.as_plain(demand.text)["rubric"]["fewest"] == 2

    client.post(url, {**fields(client, url), "r0-remove": "on"})
    demand.refresh_from_db()
    assert demand.rubric == {}
    assert "rubric" not in demand.plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"r0-anchors": "하나뿐 / only one"},
        {"r0-weight": "-1"},
        {"objection_days": "0"},
        {"fewest": "0"},
        {"closes": "tomorrow"},
    ],
)
def test_a_rubric_or_date_that_cannot_be_is_not_saved(
    client: Client, agent: User, wrong: dict[str, str]
) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/schedule"
    answer = client.post(url, {**fields(client, url), **CRITERION, **wrong})
    demand.refresh_from_db()

    assert answer.status_code == 422
    assert demand.rubric == {}


def test_dates_that_the_text_declares_are_taken_over(agent: User) -> None:
    demand = demands.draft(agent)
    phases = {
        "posted": "2027-01-01T09:00+09:00",
        "questions_from": "2027-01-01T09:00+09:00",
        "questions_until": "2027-01-10T18:00+09:00",
        "opens": "2027-01-05T09:00+09:00",
        "closes": "2027-02-01T18:00+09:00",
        "decision_by": "2027-02-10T18:00+09:00",
        "objection_days": 10,
    }
    text = drafts.as_yaml({**demand.plain, "phases": phases})
    demand = acts.change(demand, by=agent, text=text)

    assert clock.stamp(demand.closes) == "2027-02-01T09:00:00Z"
    assert clock.stamp(demand.decide_by) == "2027-02-10T09:00:00Z"
    assert demand.timetable["objection_days"] == 10


def test_wheels_are_a_line_each(client: Client, agent: User) -> None:
    demand = demands.draft(agent)
    url = f"{demand.get_absolute_url()}/edit/parts"
    wheel = {"name": "lightgbm", "version": "4.6.0", "sha256": "a" * 64}
    client.post(url, {**fields(client, url), "wheels": " ".join(wheel.values())})
    demand.refresh_from_db()
    assert demand.plain["environment"] == {"wheels": [wheel]}

    refused = client.post(url, {**fields(client, url), "wheels": "lightgbm"})
    assert refused.status_code == 422


def test_a_column_that_is_not_used_is_left_out_before_sealing(client: Client, agent: User) -> None:
    demand = demands.draft(agent)
    noted = demands.table().with_columns(pl.lit("김환자").alias("이름"))
    demand = demands.worked(demands.with_table(demand, demands.csv(noted)))
    url = f"{demand.get_absolute_url()}/edit/data"
    typed = fields(client, url)
    lines = client.get(url).context["form"].lines
    (row,) = [form.prefix for known, form in lines if known.name == "이름"]
    client.post(url, {**typed, f"{row}-role": "ignored"})
    acts.check(demand, by=agent)
    demands.worked(demand)

    assert demand.plain["data"]["ignored"] == ["이름"]
    assert demand.findings["check"]["findings"] == []
    acts.seal(demand, by=agent)
    demands.worked(demand)
    assert demand.state == "sealed"
    page = client.get(f"{demand.get_absolute_url()}").content.decode()
    assert "김환자" not in page
