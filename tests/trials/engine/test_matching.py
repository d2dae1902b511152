"""Demands and companies find each other for reasons that are told."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.trials.engine.demand_text import read_demand
from madang.trials.engine.matching import (
    WEIGHTS,
    Company,
    Past,
    Rarity,
    Wanted,
    companies_for,
    demands_for,
    match,
    subject_words,
)
from tests.trials.engine.test_demand import CLASSIFICATION

CANCER = Wanted(
    name="cancer",
    task="prognosis.survival",
    kinds={"number": 4, "category": 3},
    subjects=("예측", "유방암", "재발", "환자"),
    tiers=("onnx", "python"),
    sector="의료",
)
ROADS = Wanted(
    name="roads",
    task="trials.classification",
    kinds={"text": 1},
    subjects=("도로", "민원", "분류"),
    tiers=("python",),
    sector="행정",
)
STROKE = replace(CANCER, name="stroke", subjects=("예측", "뇌졸중", "환자"))
NEWCOMER = Company(name="newcomer")
VETERAN = Company(
    name="veteran",
    past=(Past(demand=STROKE, tier="onnx", result="adopted"),),
)


def reason(part, demand=CANCER, company=VETERAN, **more):
    """One reason of a match."""
    return next(each for each in match(demand, company, **more).reasons if each.part == part)


class TestParts:
    @pytest.mark.parametrize(
        ("company", "share"),
        [
            (VETERAN, 1.0),
            (replace(NEWCOMER, tasks=("prognosis.survival",)), 0.5),
            (
                Company(
                    name="c", past=(Past(demand=replace(STROKE, task="prognosis.x"), tier="onnx"),)
                ),
                0.3,
            ),
            (NEWCOMER, 0.0),
        ],
    )
    def test_the_same_kind_of_task(self, company, share):
        assert reason("task", company=company).share == share

    def test_words_in_common_count_by_the_shorter_list(self):
        # 예측 and 환자 of the three words that the company knows.
        found = reason("subject")

        assert found.share == pytest.approx(2 / 3)
        assert found.words.ko == "함께 나오는 주제어 2개: 예측, 환자"

    def test_a_rare_word_counts_more(self):
        rarity = Rarity.of([CANCER, STROKE, ROADS, *([STROKE] * 5)])
        rare = replace(NEWCOMER, subjects=("유방암", "전화"))
        common = replace(NEWCOMER, subjects=("환자", "전화"))

        assert (
            reason("subject", company=rare, rarity=rarity).share
            > reason("subject", company=common, rarity=rarity).share
        )
        assert rarity.worth("유방암") == pytest.approx(math.log(1 + 8 / 1))
        assert rarity.worth("환자") == pytest.approx(math.log(1 + 8 / 7))

    @pytest.mark.parametrize(
        ("result", "same", "other"),
        [
            ("adopted", 1.0, 0.5),
            ("passed", 0.8, 0.4),
            ("beat_baseline", 0.5, 0.25),
            ("below_baseline", 0.1, 0.05),
            ("none", 0.0, 0.0),
        ],
    )
    def test_the_best_public_result_counts_half_in_another_task(self, result, same, other):
        company = Company(name="c", past=(Past(demand=STROKE, tier="onnx", result=result),))

        assert reason("results", company=company).share == same
        assert reason("results", demand=ROADS, company=company).share == other

    def test_the_best_of_several_results_is_told(self):
        company = replace(
            VETERAN,
            past=(
                Past(demand=ROADS, tier="python", result="passed"),
                Past(demand=STROKE, tier="onnx", result="beat_baseline"),
            ),
        )

        assert reason("results", company=company).words.en == (
            "beat the baseline in stroke, the same task"
        )

    def test_columns_of_like_kinds(self):
        assert reason("data").share == pytest.approx(1)
        assert reason("data", demand=ROADS).share == 0
        # (4, 3) against (4, 0): cosine 16 / (5 · 4).
        numbers = replace(
            VETERAN, past=(Past(demand=replace(STROKE, kinds={"number": 4}), tier="onnx"),)
        )
        assert reason("data", company=numbers).share == pytest.approx(0.8)

    def test_the_tier_and_the_sector(self):
        assert reason("tier").share == 1
        assert reason("tier", company=replace(NEWCOMER, tiers=("onnx",))).share == 1
        assert reason("tier", demand=ROADS).share == 0
        assert reason("sector").share == 1
        assert reason("sector", demand=ROADS).share == 0
        assert reason("sector", demand=replace(CANCER, sector="")).share == 0


class TestScore:
    def test_it_is_the_sum_of_what_is_told(self):
        found = match(CANCER, VETERAN)

        assert found.score == pytest.approx(sum(r.weight * r.share for r in found.reasons))
        assert {r.part: r.weight for r in found.reasons} == dict(WEIGHTS)
        assert sum(WEIGHTS.values()) == pytest.approx(1)

    def test_what_counts_most_is_told_first(self):
        points = [r.weight * r.share for r in match(CANCER, VETERAN).reasons]

        assert points == sorted(points, reverse=True)

    def test_a_newcomer_has_a_match_with_every_reason_too(self):
        found = match(CANCER, NEWCOMER)

        assert (found.score, len(found.reasons)) == (0.0, 6)
        assert all(each.words.ko and each.words.en for each in found.reasons)

    @given(st.randoms())
    def test_the_order_of_the_facts_is_nothing(self, chance: random.Random):
        demands = [CANCER, ROADS, *(replace(ROADS, name=f"r{n}") for n in range(4))]
        companies = [VETERAN, NEWCOMER, replace(NEWCOMER, name="another")]
        first = (demands_for(VETERAN, demands), companies_for(CANCER, companies))
        for each in (demands, companies):
            chance.shuffle(each)
        turned = replace(CANCER, subjects=tuple(chance.sample(CANCER.subjects, 4)))

        assert (demands_for(VETERAN, demands), companies_for(CANCER, companies)) == first
        assert match(turned, VETERAN) == match(CANCER, VETERAN)


class TestOrder:
    def test_the_best_fit_comes_first_and_equals_by_name(self):
        found = demands_for(VETERAN, [ROADS, replace(ROADS, name="a-roads"), CANCER])

        assert [each.demand for each in found] == ["cancer", "a-roads", "roads"]

    def test_demands_that_it_took_part_in_are_left_out(self):
        assert demands_for(VETERAN, [STROKE]) == ()

    def test_companies_in_their_order(self):
        found = companies_for(CANCER, [NEWCOMER, VETERAN])

        assert [each.company for each in found] == ["veteran", "newcomer"]


class TestWords:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("환자의 재발을 예측하는 모형", ("모형", "예측", "재발", "환자")),
            ("예측합니다. 예측한다, 예측할 것", ("예측",)),
            ("병원에서 데이터가 쌓입니다", ("데이터", "병원")),
            # 가, 이 and 도 end nouns too.
            ("전문가 난이도 평가 속도", ("난이도", "속도", "전문가", "평가")),
            ("환자가 환자를", ("환자",)),
            (
                "Predict the time, and the RISK of recurrence",
                ("predict", "recurrence", "risk", "time"),
            ),
            ("", ()),
            ("10 % · 3 가 나", ()),
        ],
    )
    def test_nouns_without_what_stands_behind_them(self, text, found):
        assert subject_words(text) == found

    def test_letters_typed_one_by_one_are_the_same_word(self):
        assert subject_words("\u1112\u116a\u11ab\u110c\u1161") == ("환자",)

    @given(st.text(max_size=80))
    def test_any_text_gives_sorted_words_once_each(self, text):
        found = subject_words(text)

        assert list(found) == sorted(set(found))


def test_a_demand_is_seen_by_its_title_problem_and_columns():
    wanted = Wanted.of(read_demand(CLASSIFICATION.encode()), sector="유통")

    assert (wanted.name, wanted.task, wanted.sector) == (
        "churn",
        "trials.classification",
        "유통",
    )
    assert wanted.kinds == {"category": 1, "number": 1}
    assert {"이탈", "예측", "churn", "나이", "age"} <= set(wanted.subjects)


def test_it_comes_back_from_a_row_as_it_was():
    assert Company.from_plain(VETERAN.plain()) == VETERAN
