"""What must a report of a prediction model say? The 52 sub-items of TRIPOD+AI in our own words.

Numbers, sections and what an item is for (development D, evaluation E) are those of the statement;
the short titles and hints are ours. For the binding text read the source. `about` is the key under
which `about.yaml` may answer; items without one are answered by the record alone.

Source: Collins GS, Moons KGM, Dhiman P, et al. TRIPOD+AI statement. BMJ 2024;385:e078378, table 2.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from madang.kernel.words import Words, words

SOURCE = "Collins GS, Moons KGM, Dhiman P, et al. BMJ 2024;385:e078378 (TRIPOD+AI)"


class Item(NamedTuple):
    """One sub-item."""

    number: str
    section: str
    title: Words
    applies: Literal["D", "E", "D;E"]
    about: str = ""
    """Key in `about.yaml`; empty where only the record answers."""


SECTIONS = {
    "title": words("제목", "Title"),
    "abstract": words("초록", "Abstract"),
    "introduction": words("서론", "Introduction"),
    "methods": words("방법", "Methods"),
    "open science": words("개방 과학", "Open science"),
    "involvement": words("환자·시민 참여", "Patient and public involvement"),
    "results": words("결과", "Results"),
    "discussion": words("고찰", "Discussion"),
}


def _item(
    number: str, section: str, titles: tuple[str, str], applies: Literal["D", "E", "D;E"], key: str
) -> Item:
    return Item(number, section, words(*titles), applies, key)


ITEMS: tuple[Item, ...] = (
    _item("1", "title", ("연구 제목", "Title"), "D;E", "title"),
    _item("2", "abstract", ("초록", "Abstract"), "D;E", "abstract"),
    _item("3a", "introduction", ("의료 맥락과 근거", "Context, rationale"), "D;E", "background"),
    _item(
        "3b", "introduction", ("대상, 목적, 사용자", "Target, purpose, users"), "D;E", "purpose"
    ),
    _item("3c", "introduction", ("건강 불평등", "Health inequalities"), "D;E", "inequalities"),
    _item("4", "introduction", ("연구 목표", "Objectives"), "D;E", "objectives"),
    _item("5a", "methods", ("자료 출처, 대표성", "Data sources"), "D;E", "data_source"),
    _item("5b", "methods", ("자료 수집 날짜", "Dates"), "D;E", "dates"),
    _item("6a", "methods", ("기관과 환경", "Setting, centres"), "D;E", "setting"),
    _item("6b", "methods", ("선정·제외 기준", "Eligibility"), "D;E", "eligibility"),
    _item("6c", "methods", ("받은 치료", "Treatments"), "D;E", "treatments"),
    _item("7", "methods", ("자료 준비, 품질 확인", "Data preparation"), "D;E", "data_preparation"),
    _item("8a", "methods", ("결과의 정의, 시점", "Outcome, horizon"), "D;E", "outcome"),
    _item("8b", "methods", ("결과 평가자", "Outcome assessors"), "D;E", "outcome_assessors"),
    _item(
        "8c", "methods", ("결과 평가의 눈가림", "Blinding to outcome"), "D;E", "outcome_blinding"
    ),
    _item("9a", "methods", ("예측 변수의 선택", "Choice of predictors"), "D", "predictor_choice"),
    _item("9b", "methods", ("예측 변수의 정의", "Predictors defined"), "D;E", "predictors"),
    _item(
        "9c", "methods", ("예측 변수 평가자", "Predictor assessors"), "D;E", "predictor_assessors"
    ),
    _item("10", "methods", ("표본 크기", "Sample size"), "D;E", "sample_size"),
    _item("11", "methods", ("결측값", "Missing data"), "D;E", "missing_data"),
    _item("12a", "methods", ("자료의 쓰임, 분할", "Use of the data"), "D", ""),
    _item("12b", "methods", ("예측 변수 처리", "Handling predictors"), "D", ""),
    _item("12c", "methods", ("모형, 조율, 내부 검증", "Model building"), "D", "rationale"),
    _item("12d", "methods", ("기관 사이의 차이", "Clusters: how"), "D;E", ""),
    _item("12e", "methods", ("성능 지표", "Measures"), "D;E", ""),
    _item("12f", "methods", ("모형 갱신 방법", "Updating: how"), "E", ""),
    _item("12g", "methods", ("예측값 계산 방법", "Computing predictions"), "E", ""),
    _item("13", "methods", ("불균형 처리", "Class imbalance"), "D;E", ""),
    _item("14", "methods", ("공정성 조치", "Fairness"), "D;E", "fairness"),
    _item("15", "methods", ("모형의 출력", "Model output"), "D", ""),
    _item("16", "methods", ("개발과 평가의 차이", "Training v evaluation"), "D;E", "differences"),
    _item("17", "methods", ("윤리 심의", "Ethical approval"), "D;E", "ethics"),
    _item("18a", "open science", ("연구비", "Funding"), "D;E", "funding"),
    _item("18b", "open science", ("이해 상충", "Conflicts of interest"), "D;E", "conflicts"),
    _item("18c", "open science", ("연구 계획서", "Protocol"), "D;E", "protocol"),
    _item("18d", "open science", ("연구 등록", "Registration"), "D;E", "registration"),
    _item("18e", "open science", ("자료 공개", "Data sharing"), "D;E", "data_sharing"),
    _item("18f", "open science", ("분석 코드 공개", "Code sharing"), "D;E", "code_sharing"),
    _item("19", "involvement", ("환자·시민 참여", "Involvement"), "D;E", "involvement"),
    _item("20a", "results", ("참여자 흐름", "Flow of participants"), "D;E", "flow"),
    _item("20b", "results", ("참여자 특성", "Characteristics"), "D;E", "characteristics"),
    _item("20c", "results", ("개발 자료와 비교", "Compared with training"), "E", ""),
    _item("21", "results", ("분석별 환자와 사건", "Numbers analysed"), "D;E", ""),
    _item("22", "results", ("모형 전체와 이용 조건", "Full model, access"), "D", "access"),
    _item("23a", "results", ("성능과 신뢰구간", "Performance"), "D;E", ""),
    _item("23b", "results", ("기관별 성능 차이", "Clusters: results"), "D;E", ""),
    _item("24", "results", ("모형 갱신 결과", "Updating: results"), "E", ""),
    _item("25", "discussion", ("해석", "Interpretation"), "D;E", "interpretation"),
    _item("26", "discussion", ("한계", "Limitations"), "D;E", "limitations"),
    _item("27a", "discussion", ("나쁜 입력의 처리", "Poor input data"), "D", "input_quality"),
    _item("27b", "discussion", ("사용자의 몫, 전문성", "Users' part, skill"), "D", "users"),
    _item("27c", "discussion", ("다음 연구", "Next steps"), "D;E", "next_steps"),
)
