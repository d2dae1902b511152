"""Small Korean texts for tests, written for them: complaints, public notices, questions."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl

PLACES = (
    "시청역 앞", "중앙시장 골목", "한빛초등학교 정문", "강변 산책로", "제2공단 입구",
    "솔숲마을 어귀", "버스터미널 뒤편", "구민회관 맞은편", "느티나무공원", "동문로 사거리",
)  # fmt: skip
ENDINGS = (
    "빠른 조치를 부탁드립니다.", "언제 처리되는지 알려 주세요.", "확인해 주시기 바랍니다.",
    "벌써 세 번째 말씀드립니다.", "담당자 연락을 기다리겠습니다.", "주민들이 많이 불편해합니다.",
)  # fmt: skip
CORES = {
    "교통": (
        "신호등이 고장 나서 차들이 뒤엉키고 있습니다.",
        "불법 주차한 차량 때문에 버스가 지나가지 못합니다.",
        "횡단보도 표시가 지워져 아이들이 위험합니다.",
        "과속 방지턱이 너무 높아 차가 긁힙니다.",
        "마을버스 배차 간격이 길어 출근이 어렵습니다.",
        "도로에 구멍이 생겨 오토바이가 넘어졌습니다.",
    ),
    "환경": (
        "밤마다 쓰레기를 태우는 냄새가 심합니다.",
        "하천에 기름띠가 떠다니고 물고기가 죽었습니다.",
        "공사장 먼지 때문에 창문을 열 수 없습니다.",
        "재활용품 수거가 보름 넘게 밀려 있습니다.",
        "음식물 쓰레기통 주변에 벌레가 들끓습니다.",
        "공장 굴뚝에서 검은 연기가 나옵니다.",
    ),
    "복지": (
        "혼자 사시는 할머니께 도시락 지원이 필요합니다.",
        "장애인 활동 지원 시간을 늘려 달라는 신청입니다.",
        "기초연금 신청 서류를 어디에 내는지 궁금합니다.",
        "어린이집 대기 순번이 몇 달째 그대로입니다.",
        "한부모 가정 양육비 지원 대상인지 알고 싶습니다.",
        "경로당 난방비 지원이 올해는 끊겼다고 합니다.",
    ),
    "세금": (
        "자동차세 고지서가 두 번 나와 이중으로 냈습니다.",
        "재산세 감면 대상인데 적용되지 않았습니다.",
        "지방세 납부 확인서를 온라인으로 떼고 싶습니다.",
        "주민세 가산금이 왜 붙었는지 설명이 없습니다.",
        "취득세 환급을 신청했는데 입금되지 않았습니다.",
        "체납 안내문이 전에 살던 사람 이름으로 옵니다.",
    ),
}


def complaints(cases: int = 160) -> pl.DataFrame:
    """id, channel, text and class of complaints; classes of unequal size, in mixed order."""
    rng = np.random.default_rng(11)
    weights = {"교통": 0.4, "환경": 0.3, "복지": 0.2, "세금": 0.1}
    labels = rng.choice(list(weights), cases, p=list(weights.values()))
    # Every class is there at least eight times, whatever the draw.
    labels[:32] = np.repeat(list(weights), 8)
    rng.shuffle(labels)
    texts = [
        f"{rng.choice(PLACES)} {rng.choice(CORES[label])} {rng.choice(ENDINGS)}"
        for label in labels
    ]
    return pl.DataFrame(
        {
            "id": [f"m{row:04d}" for row in rng.permutation(cases)],
            "channel": rng.choice(["전화", "누리집", "방문"], cases),
            "text": texts,
            "kind": labels,
        }
    )


AGENCIES = ("가람시청", "누리군청", "다온구청", "라온교육청", "마루보건소", "바다해양청")
WORKS = (
    "통학로 정비", "노후 상수관 교체", "어린이 과학교실 운영", "전기버스 구매", "하천 수질 조사",
    "도서관 장서 확충", "경로당 보수", "재난 방송 설비 점검",
)  # fmt: skip


def notices(cases: int = 120) -> pl.DataFrame:
    """id, text, and what stands in it: agency, amount (absent in a quarter) and closing day."""
    rng = np.random.default_rng(12)
    rows = []
    for row in range(cases):
        agency, work = rng.choice(AGENCIES), rng.choice(WORKS)
        amount = f"{rng.integers(10, 990) * 100:,}만 원" if rng.random() < 0.75 else None
        day = f"2025년 {rng.integers(7, 13)}월 {rng.integers(1, 29)}일"
        paid = f" 사업비는 {amount}입니다." if amount else " 사업비는 추후 알려 드립니다."
        about = rng.choice(
            ["제출처는 본청 민원실입니다.", "문의는 누리집 게시판에 남겨 주십시오."]
        )
        head = f"{agency} 공고 제{row + 1}호. {work} 사업자를 모집합니다."
        text = f"{head}{paid} 마감은 {day}까지입니다. {about}"
        rows.append((f"n{row:04d}", text, agency, amount, day))
    schema = dict.fromkeys(("id", "text", "agency", "amount", "closes"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def questions(cases: int = 120) -> pl.DataFrame:
    """id, passage, question and accepted answers (between bars); three questions a passage."""
    rng = np.random.default_rng(13)
    firsts, seconds = ("가온", "나래", "다솜", "라라", "마중", "바람", "새솔", "아름"), (
        "도서관", "체육관", "박물관", "수목원", "문화원",
    )  # fmt: skip
    rows = []
    for first, second in itertools.islice(itertools.product(firsts, seconds), cases // 3 + 1):
        name, year, seats = first + second, rng.integers(1950, 2020), rng.integers(3, 90) * 10
        head, street = rng.choice(["김", "이", "박", "최"]), rng.choice(PLACES)
        director = f"{head}{rng.choice(['하늘', '보람', '슬기', '기쁨'])}"
        passage = (
            f"{name}은 {year}년에 문을 열었다. 첫 관장은 {director} 씨이다. "
            f"{street}에 있으며 좌석은 모두 {seats}석이다."
        )
        rows += [
            (passage, f"{name}이 문을 연 해는 언제입니까?", f"{year}년|{year}"),
            (passage, f"{name}의 첫 관장은 누구입니까?", f"{director}|{director} 씨"),
            (passage, f"{name}의 좌석은 모두 몇 석입니까?", f"{seats}석|{seats}"),
        ]
    order = rng.permutation(cases)
    return pl.DataFrame(
        [(f"q{row:04d}", *rows[place]) for row, place in enumerate(order)],
        schema=["id", "passage", "question", "answers"],
        orient="row",
    )
