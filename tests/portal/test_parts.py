"""The parts of pages say what they must, in both languages, with or without a script."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from madang.kernel import clock
from madang.kernel.words import speaking, words
from madang.portal.frame import Tile, Waiting
from madang.portal.templatetags.parts import ICONS, STATES
from tests.house import ROOT
from tools.krds_css import KEPT

SHEET = (ROOT / "src/madang/portal/static/portal/madang.css").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def drawn(body: str, language: str = "ko", path: str = "/list", **context: Any) -> str:
    """The template's text, as a page of this address would hold it."""
    context.setdefault("request", RequestFactory().get(path))
    with speaking("en" if language == "en" else "ko"):
        return Template("{% load parts %}" + body).render(Context(context)).strip()


def seen(html: str) -> str:
    """What a reader sees and hears of it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


class TestWords:
    """Texts come as a pair or as one value, and are never taken for markup."""

    def test_a_pair_is_said_in_the_readers_language(self) -> None:
        template = '{% button "제출하기" "Submit" %}'

        assert seen(drawn(template)) == "제출하기"
        assert seen(drawn(template, "en")) == "Submit"

    def test_one_value_stands_for_both(self) -> None:
        template = "{% state 'info' title %}"

        assert seen(drawn(template, "en", title="가람")) == "가람"
        assert seen(drawn(template, "en", title=words("열림", "Open"))) == "Open"

    @pytest.mark.parametrize(
        "template",
        [
            '{% button text "" %}',
            "{% state 'info' text %}",
            "{% breadcrumb text '/' text %}",
            "{% tabs text %}{% tab text url=text %}{% endtabs %}",
            "{% steps many 1 %}",
            "{% table text %}{% endtable %}",
            "{% th text %}",
            "{% no_rows 2 text %}",
            "{% data_table text many rows %}",
            "{% notice 'info' text %}{% endnotice %}",
            "{% fact text text unit=text source=text %}",
            "{% disclosure text %}{% enddisclosure %}",
            "{% help text %}{{ text }}{% endhelp %}",
            "{% progress text text text note=text %}",
            "{% chart '<svg/>' text text many rows note=text %}",
            "{% empty text %}{% endempty %}",
            "{% code text text %}",
            "{% next_action text url=text %}{% endnext_action %}",
            "{% history events %}",
            "{% tile tile %}",
            "{% work_row waiting %}",
        ],
    )
    def test_what_somebody_typed_is_never_markup(self, template: str) -> None:
        text = "<img src=x onerror=alert(1)>\"'"
        pair = words(text, text)
        html = drawn(
            template,
            text=text,
            many=[text],
            rows=[[text]],
            events=[{"at": NOW, "who": text, "what": text, "note": text}],
            tile=Tile(title=pair, sentence=pair, url=text, figure=text, unit=pair, note=pair),
            waiting=Waiting(title=text, reason=pair, act=pair, url=text),
        )

        assert "<img" not in html
        assert "&lt;img" in html
        assert '="<' not in html

    @pytest.mark.parametrize(
        "template",
        [
            "{% state 'green' 'a' %}",
            "{% icon 'skull' %}",
            "{% button 'a' kind='huge' %}",
            "{% notice 'joy' %}{% endnotice %}",
        ],
    )
    def test_a_kind_that_no_part_has_is_told_to_its_author(self, template: str) -> None:
        with pytest.raises(TemplateSyntaxError, match="expected one of"):
            drawn(template)


class TestSigns:
    """States, buttons, icons."""

    def test_a_state_is_said_in_words(self) -> None:
        html = drawn('{% state "unproved" "미입증" "Unproved" %}')

        assert html == '<span class="krds-badge state-unproved">미입증</span>'

    @pytest.mark.parametrize("kind", STATES)
    def test_every_state_has_a_look(self, kind: str) -> None:
        assert f".state-{kind}" in SHEET
        assert f"state-{kind}" in drawn(f'{{% state "{kind}" "가" %}}')

    @pytest.mark.parametrize("name", ICONS)
    def test_an_icon_is_silent_and_among_those_that_are_kept(self, name: str) -> None:
        html = drawn(f'{{% icon "{name}" %}}')

        assert 'aria-hidden="true"' in html
        assert set(re.findall('class="([^"]+)"', html)[0].split()) <= KEPT

    def test_a_button_submits_and_an_address_makes_it_a_link(self) -> None:
        button = drawn('{% button "가" name="act" value="go" %}')
        link = drawn('{% button "가" href="/b" kind="secondary" small=True %}')

        assert button.startswith('<button type="submit"')
        assert 'name="act" value="go"' in button
        assert link == '<a class="krds-btn small secondary" href="/b">가</a>'


class TestWays:
    """Breadcrumb, tabs, steps, pages."""

    def test_the_way_here_begins_at_home_and_ends_at_the_page_itself(self) -> None:
        html = drawn('{% breadcrumb "방" "/room/" "수요" %}')

        assert re.findall(r'href="([^"]*)"', html) == ["/", "/room/"]
        assert '<span class="txt" aria-current="page">수요</span>' in html

    def test_the_tab_of_this_page_is_marked(self) -> None:
        html = drawn(
            '{% tabs "수요" %}{% tab "개요" url="/list" %}{% tab "질문" url="/list/q" count=3 %}'
            "{% endtabs %}",
            path="/list?page=2",
        )

        assert html.count('aria-current="page"') == 1
        assert 'href="/list" aria-current="page"' in html
        assert seen(html) == "개요 질문 3"

    def test_steps_say_which_are_done_and_where_one_stands(self) -> None:
        html = drawn("{% steps titles 2 %}", "en", titles=["Data", "Dates", "Preview"])

        assert seen(html).startswith("Step 2 of 3")
        assert re.findall(r"<li[^>]*>", html) == [
            '<li class="done">',
            '<li class="active" aria-current="step">',
            "<li>",
        ]
        assert "Step 1 done" in seen(html)

    def test_pages_keep_the_rest_of_the_address(self) -> None:
        page = Paginator(range(100), 10).page(2)
        html = drawn("{% pagination page %}", path="/list?q=a%26b&page=2&sort=-due", page=page)
        links = re.findall(r'href="([^"]*)"', html)

        assert links[0] == "?q=a%26b&amp;sort=-due"
        assert "?q=a%26b&amp;sort=-due&amp;page=3" in links
        assert "?q=a%26b&amp;sort=-due&amp;page=10" in links
        assert 'aria-current="page"' in html

    def test_the_first_page_of_a_bare_list_is_its_plain_address(self) -> None:
        page = Paginator(range(20), 10).page(2)

        assert 'rel="prev" href="/list"' in drawn("{% pagination page %}", page=page)

    def test_the_first_page_has_none_before_it_and_the_last_none_after(self) -> None:
        pages = Paginator(range(30), 10)
        first = drawn("{% pagination page %}", page=pages.page(1))
        last = drawn("{% pagination page %}", page=pages.page(3))

        assert re.findall('rel="([a-z]+)"', first + last) == ["next", "prev"]

    def test_one_page_needs_no_links(self) -> None:
        assert drawn("{% pagination page %}", page=Paginator(range(3), 10).page(1)) == ""

    def test_narrow_pages_leave_out_what_is_far(self) -> None:
        page = Paginator(range(240), 10).page(7)
        html = drawn("{% pagination page %}", "en", page=page)

        assert re.findall(r'<li class="far">.*?Page </span>(\d+)', html) == ["5", "9"]


class TestLists:
    """Tables, their heads, their files, their filters."""

    def test_a_table_has_a_name_and_scrolls_by_keyboard(self) -> None:
        html = drawn('{% table "수요" %}<tbody></tbody>{% endtable %}')

        assert 'role="region" aria-label="수요" tabindex="0"' in html
        assert "<caption>수요</caption>" in html

    def test_a_name_that_the_page_says_already_is_for_ears_alone(self) -> None:
        html = drawn('{% table "수요" plain=True %}<tbody></tbody>{% endtable %}')

        assert '<caption class="unseen">수요</caption>' in html

    @pytest.mark.parametrize(
        ("query", "link", "order"),
        [
            ("", "?sort=budget", None),
            ("?sort=budget", "?sort=-budget", "ascending"),
            ("?sort=-budget", "?sort=budget", "descending"),
            ("?sort=title", "?sort=budget", None),
            ("?q=a&page=4", "?q=a&amp;sort=budget", None),
        ],
    )
    def test_a_head_turns_the_order_round(self, query: str, link: str, order: str | None) -> None:
        html = drawn('{% th "예산" sort="budget" numeric=True %}', path=f"/list{query}")

        assert f'href="{link}"' in html
        assert (re.findall('aria-sort="([a-z]+)"', html) or [None]) == [order]
        assert 'scope="col" class="num"' in html

    def test_a_head_without_an_order_is_plain(self) -> None:
        assert drawn('{% th "기관" "Agency" %}', "en") == '<th scope="col">Agency</th>'

    def test_an_empty_table_says_so_across_its_columns(self) -> None:
        html = drawn('{% no_rows 4 "없습니다." "None." %}', "en")

        assert html == '<tr class="no-rows"><td colspan="4">None.</td></tr>'

    def test_a_table_of_plain_values_names_its_rows_and_rights_its_numbers(self) -> None:
        html = drawn(
            '{% data_table "점수" heads rows numeric="2" %}',
            heads=["해법", "점수"],
            rows=[["가람", 3]],
        )

        assert "<caption>점수</caption>" in html
        assert '<th scope="row">가람</th><td class="num">3</td>' in html
        assert '<th scope="col" class="num">점수</th>' in html

    @pytest.mark.parametrize(
        ("count", "language", "said"),
        [(1234, "ko", "모두 1,234건"), (1, "en", "1 result"), (0, "en", "0 results")],
    )
    def test_a_list_says_how_many_it_has(self, count: int, language: str, said: str) -> None:
        assert seen(drawn("{% list_head count %}", language, count=count)) == said

    def test_its_files_hold_the_same_view(self) -> None:
        html = drawn('{% list_head 3 formats="csv json" %}', path="/list?q=a&page=2")

        assert re.findall(r'href="([^"]*)" download>(\w+)', html) == [
            ("?q=a&amp;format=csv", "CSV"),
            ("?q=a&amp;format=json", "JSON"),
        ]

    def test_a_filter_keeps_the_order_and_can_be_taken_back(self) -> None:
        class Filter(forms.Form):
            q = forms.CharField()

        bare = drawn("{% filter_bar form %}", form=Filter())
        narrowed = drawn(
            "{% filter_bar form %}", "en", path="/list?q=a&sort=-due", form=Filter({"q": "a"})
        )

        assert 'name="q"' in bare
        assert 'class="required"' not in bare
        assert "모두 보기" not in bare
        assert '<input type="hidden" name="sort" value="-due">' in narrowed
        assert '<a class="krds-btn medium text" href="/list">Show all</a>' in narrowed
        assert 'method="get" action="/list"' in narrowed


class Demand(forms.Form):
    """What a form may ask."""

    title = forms.CharField(label="수요 이름", help_text="목록에 보입니다.")
    tier = forms.ChoiceField(
        label="방식", choices=[("T0", "파일"), ("T1", "모형")], widget=forms.RadioSelect
    )
    agency = forms.ChoiceField(label="기관", choices=[("a", "가")], required=False)
    about = forms.CharField(label="설명", widget=forms.Textarea, required=False)
    paper = forms.FileField(label="자료", required=False)
    agreed = forms.BooleanField(label="동의합니다.", required=False)
    origin = forms.CharField(widget=forms.HiddenInput)


class TestForms:
    """Every control has its name, its help and its errors, and keeps what was typed."""

    def test_each_control_has_its_label(self) -> None:
        html = drawn("{% fields form %}", form=Demand())
        controls = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', html))

        assert controls - set(re.findall(r'<label for="([^"]+)"', html)) == {"id_origin"}

    def test_choices_stand_in_a_group_with_a_name(self) -> None:
        html = drawn("{% field form.tier %}", form=Demand())

        assert re.search(r"<fieldset[^>]*>\s*<legend[^>]*>방식", html)
        assert seen(html).endswith("파일 모형")
        assert html.count('type="radio"') == 2

    def test_what_is_required_is_marked_for_eyes_and_machines(self) -> None:
        required = drawn("{% field form.title %}", form=Demand())
        optional = drawn("{% field form.about %}", form=Demand())

        assert 'class="required" aria-hidden="true"' in required
        assert " required" in re.findall(r"<input[^>]*>", required)[0]
        assert "required" not in optional
        assert "꼭 입력" in drawn("{% fields form %}", form=Demand())

    def test_help_is_tied_to_its_control(self) -> None:
        html = drawn("{% field form.title %}", form=Demand())

        assert 'aria-describedby="id_title-hint"' in html
        assert '<p class="form-hint" id="id_title-hint">목록에 보입니다.</p>' in html

    def test_errors_are_tied_to_their_control_and_what_was_typed_stays(self) -> None:
        form = Demand({"title": "", "about": "길게 쓴 설명", "agency": "z"})
        html = drawn("{% fields form %}", form=form)
        title = re.findall(r'<input[^>]*name="title"[^>]*>', html)[0]

        assert 'aria-describedby="id_title-hint id_title-error"' in title
        assert 'aria-invalid="true"' in title
        assert re.search(r'class="form-hint-invalid" id="id_title-error">[^<]+<', html)
        assert 'aria-describedby="id_tier-error"' in html
        assert "길게 쓴 설명" in html

    def test_the_summary_leads_to_every_fault_and_takes_the_focus(self) -> None:
        form = Demand({"agency": "z"})
        form.is_valid()
        form.add_error(None, "전체가 맞지 않습니다.")
        html = drawn("{% form_errors form %}", form=form)

        assert re.findall(r'href="#([^"]+)"', html) == ["id_title", "id_tier_0", "id_agency"]
        assert 'tabindex="-1" autofocus' in html
        assert "전체가 맞지 않습니다." in html
        # A hidden field cannot be led to; its fault is told all the same.
        assert html.count("<li>") == 5

    def test_a_form_without_faults_has_no_summary(self) -> None:
        assert drawn("{% form_errors form %}", form=Demand()) == ""

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("title", 'class="krds-input"'),
            ("agency", 'class="krds-form-select"'),
            ("about", "<textarea"),
            ("paper", 'class="file-input"'),
            ("agreed", 'type="checkbox"'),
        ],
    )
    def test_each_kind_of_control_looks_like_itself(self, name: str, expected: str) -> None:
        assert expected in drawn("{% field field %}", field=Demand()[name])

    def test_a_class_of_the_form_itself_stays(self) -> None:
        class Small(forms.Form):
            q = forms.CharField(widget=forms.TextInput(attrs={"class": "short"}))

        assert 'class="krds-input short"' in drawn("{% field form.q %}", form=Small())

    def test_help_behind_a_sign_opens_without_a_script(self) -> None:
        html = drawn('{% field form.title help_ko="뜻" help_en="meaning" %}', "en", form=Demand())
        target = re.findall(r'popovertarget="([^"]+)"', html)

        assert target == re.findall(r'id="(help-[^"]+)" popover', html)
        assert "meaning" in html


@pytest.mark.usefixtures("_noon")
class TestClocks:
    """How long is left, and since when."""

    @pytest.mark.parametrize(
        ("left", "ko", "en", "kind"),
        [
            (timedelta(days=3, hours=5), "3일 남음", "3 days left", "calm"),
            (timedelta(days=1), "1일 남음", "1 day left", "calm"),
            (timedelta(hours=5, minutes=59), "5시간 남음", "5 hours left", "soon"),
            (timedelta(minutes=12), "12분 남음", "12 min left", "soon"),
            (timedelta(0), "0분 남음", "0 min left", "soon"),
            (timedelta(hours=-1), "1시간 지남", "1 hour late", "late"),
            (timedelta(days=-2), "2일 지남", "2 days late", "late"),
        ],
    )
    def test_a_deadline_says_how_long_is_left(
        self, left: timedelta, ko: str, en: str, kind: str
    ) -> None:
        html = drawn("{% due moment %}", moment=NOW + left)

        assert seen(html).startswith(ko)
        assert f"due-{kind}" in html
        assert seen(drawn("{% due moment %}", "en", moment=NOW + left)).startswith(en)

    def test_no_deadline_is_said(self) -> None:
        assert seen(drawn("{% due moment %}", "en", moment=None)) == "No deadline"

    def test_a_moment_is_shown_in_the_time_of_the_country(self) -> None:
        assert drawn("{% when moment %}", moment=NOW) == (
            '<time datetime="2026-11-22T21:00:00+09:00">2026-11-22 21:00</time>'
        )
        assert drawn("{% when moment %}", moment=None) == "–"


class TestNumbers:
    """Won in tables, 억원 in text, and never both."""

    def test_money_in_a_table_is_to_the_won(self) -> None:
        assert drawn("{{ n|won }}", n=15_000_000_000) == "15,000,000,000"

    def test_money_in_text_is_read_at_once(self) -> None:
        assert drawn("{{ n|eok }}", n=15_000_000_000) == "150.0억원"
        assert drawn("{{ n|eok }}", "en", n=15_000_000_000) == "KRW 15.00 billion"

    def test_a_number_has_its_thousands_apart(self) -> None:
        assert drawn("{{ n|number }}", n=1_234_567) == "1,234,567"

    @pytest.mark.parametrize("form", ["won", "eok", "number"])
    def test_what_is_not_known_is_a_dash(self, form: str) -> None:
        assert drawn(f"{{{{ n|{form} }}}}", n=None) == "–"


class TestThings:
    """What a page about one thing is made of."""

    def test_a_fact_has_its_unit_and_its_proof(self) -> None:
        html = drawn('{% fact "사례" "Cases" 12 unit="건" source="/proof" %}', "en")

        assert seen(html) == "Cases 12 건 Source : Cases"
        assert 'href="/proof"' in html

    def test_a_fact_that_is_not_known_is_a_dash(self) -> None:
        assert seen(drawn('{% fact "기한" "Due" value %}', value=None)) == "기한 –"
        assert seen(drawn("{% fact title value %}", title="기한", value=None)) == "기한 –"
        assert seen(drawn('{% fact "사례" "Cases" 0 %}')) == "사례 0"

    def test_history_says_who_did_what_when(self) -> None:
        event = SimpleNamespace(at=NOW, who="김하늘", what=words("확정", "Confirmed"), note="")

        html = drawn("{% history events %}", "en", events=[event])
        assert seen(html) == "2026-11-22 21:00 Confirmed 김하늘"

    def test_the_next_action_is_a_link_or_a_form_of_its_own(self) -> None:
        link = drawn('{% next_action "확정하기" url="/a" %}<p>까닭</p>{% endnext_action %}')
        form = drawn('{% next_action "확정하기" url="/a" post=True %}{% endnext_action %}')

        assert '<a class="krds-btn medium primary" href="/a">확정하기</a>' in link
        assert "<p>까닭</p>" in link
        assert '<form method="post" action="/a"' in form
        assert "csrfmiddlewaretoken" in form

    def test_a_notice_says_its_kind_and_danger_interrupts(self) -> None:
        warning = drawn('{% notice "warning" "적음" %}<p>셋</p>{% endnotice %}')
        danger = drawn('{% notice "danger" "열" %}{% endnotice %}', "en")

        assert 'role="note"' in warning
        assert seen(warning) == "주의 적음 셋"
        assert 'role="alert"' in danger
        assert seen(danger) == "Danger 열"

    @pytest.mark.parametrize(
        ("kind", "ko", "en"),
        [
            ("info", "안내", "Note"),
            ("success", "완료", "Done"),
            ("warning", "주의", "Caution"),
            ("danger", "위험", "Danger"),
        ],
    )
    def test_each_kind_of_notice_is_said(self, kind: str, ko: str, en: str) -> None:
        template = f"{{% notice '{kind}' %}}{{% endnotice %}}"

        assert (seen(drawn(template)), seen(drawn(template, "en"))) == (ko, en)

    def test_a_disclosure_is_closed_unless_told(self) -> None:
        assert "<details" in drawn('{% disclosure "더" %}x{% enddisclosure %}')
        assert " open>" not in drawn('{% disclosure "더" %}x{% enddisclosure %}')
        assert " open>" in drawn('{% disclosure "더" open=True %}x{% enddisclosure %}')

    def test_machine_text_scrolls_by_keyboard(self) -> None:
        html = drawn('{% code log "기록" "Log" %}', "en", log="a < b")

        assert 'tabindex="0" role="region" aria-label="Log"' in html
        assert "a &lt; b" in html


class TestProgress:
    """A job tells how far it is, with htmx and without."""

    def test_it_asks_again_until_it_is_done(self) -> None:
        going = drawn('{% progress "채점" "Scoring" "/run/1" percent=41.6 %}', "en")
        done = drawn('{% progress "채점" "Scoring" "/run/1" done=True %}', "en")

        assert 'hx-get="/run/1" hx-trigger="every 2s" hx-swap="outerHTML"' in going
        assert 'href="/run/1">Refresh</a>' in going
        assert 'value="42"' in going
        assert "hx-" not in done
        assert seen(done) == "Scoring Done"

    def test_an_end_that_comes_while_one_waits_is_announced(self) -> None:
        template = '{% progress "채점" "Scoring" "/run/1" done=True %}'
        asked = RequestFactory().get("/run/1", headers={"HX-Request": "true"})

        assert 'role="alert"' in drawn(template, request=asked)
        assert 'role="alert"' not in drawn(template)
        assert 'role="alert"' not in drawn(
            '{% progress "채점" "Scoring" "/run/1" percent=3 %}', request=asked
        )

    def test_the_link_keeps_its_name_while_the_part_is_exchanged(self) -> None:
        names = [
            re.findall(
                r'<a id="([^"]+)"', drawn('{% progress "가" "a" url percent=n %}', url=url, n=n)
            )
            for url, n in (("/run/1", 3), ("/run/1", 4), ("/run/2", 3))
        ]

        assert names[0] == names[1] != names[2]

    def test_one_that_is_only_shown_asks_nobody(self) -> None:
        html = drawn('{% progress "채점" "Scoring" "" percent=3 %}')

        assert "hx-" not in html
        assert "<a" not in html

    def test_one_of_unknown_length_says_that_it_runs(self) -> None:
        html = drawn('{% progress "채점" "Scoring" "/run/1" %}', "en")

        assert "<progress" not in html
        assert "Running" in seen(html)

    def test_a_silent_one_says_since_when(self) -> None:
        html = drawn('{% progress "채점" "Scoring" "/r" since=since %}', "en", since=NOW)

        assert 'class="progress stale"' in html
        assert "Nothing heard since 2026-11-22 21:00" in seen(html)


class TestPictures:
    """A chart has its finding, its words and its table."""

    def test_a_picture_has_a_name_and_a_table(self) -> None:
        html = drawn(
            '{% chart svg "가람이 낫습니다." "한 점" heads rows numeric="2" note="n=3" %}',
            svg='<svg viewBox="0 0 1 1"></svg>',
            heads=["해법", "차이"],
            rows=[["가람", -0.04]],
        )

        assert "<figcaption>가람이 낫습니다.</figcaption>" in html
        assert 'role="img" aria-label="한 점"' in html
        assert '<svg viewBox="0 0 1 1"></svg>' in html
        assert '<td class="num">-0.04</td>' in html
        assert "n=3" in html

    def test_a_chart_is_drawn_for_wide_and_narrow_pages_in_the_readers_language(self) -> None:
        class Chart:
            def svg(self, language: str, *, width_px: int) -> str:
                return f"<svg>{language} {width_px}</svg>"

        html = drawn('{% chart chart "a" "b" %}', "en", chart=Chart())

        assert re.findall(r'<div class="(\w+)"><svg>(\w+ \d+)</svg>', html) == [
            ("wide", "en 640"),
            ("narrow", "en 328"),
        ]
        assert "<details" not in html


class TestFrontPage:
    """Tiles and what waits."""

    def test_a_tile_without_a_proof_says_so(self) -> None:
        bare = Tile(title=words("방", "Room"), sentence=words("한다", "Does"), url="/r/")
        proved = Tile(
            title=words("방", "Room"),
            sentence=words("한다", "Does"),
            url="/r/",
            figure="12",
            unit=words("건", "runs"),
            note=words("어제", "Yesterday"),
        )

        assert "Not proved yet" in seen(drawn("{% tile tile %}", "en", tile=bare))
        assert seen(drawn("{% tile tile %}", "en", tile=proved)) == "Room Does 12 runs Yesterday"

    def test_what_waits_has_its_clock_its_reason_and_one_act(self) -> None:
        waiting = Waiting(
            title="수요",
            reason=words("끝났습니다.", "Scored."),
            act=words("확정", "Confirm"),
            url="/d",
        )
        html = drawn("{% work_row waiting %}", "en", waiting=waiting)

        assert seen(html) == "No deadline 수요 Scored. Confirm : 수요"
