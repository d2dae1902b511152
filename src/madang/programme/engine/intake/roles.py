"""What can a column of an execution record be for, and what do agencies call such a column?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from madang.kernel.words import Words, words

Role: TypeAlias = Literal[
    "line",
    "voucher",
    "day",
    "granted",
    "disbursed",
    "confirmed",
    "amount",
    "kind",
    "recipient",
    "recipient_number",
    "evidence",
    "evidence_file",
    "corrects",
    "memo",
]
ROLES: tuple[Role, ...] = get_args(Role)
AMOUNTS: tuple[Role, ...] = ("granted", "disbursed", "confirmed", "amount")
TITLES: Mapping[Role, Words] = {
    "line": words("항목", "line"),
    "voucher": words("전표번호", "voucher"),
    "day": words("일자", "day"),
    "granted": words("교부액", "granted"),
    "disbursed": words("집행액", "disbursed"),
    "confirmed": words("실집행액", "confirmed"),
    "amount": words("금액", "amount"),
    "kind": words("구분", "kind"),
    "recipient": words("지급처", "recipient"),
    "recipient_number": words("사업자등록번호", "recipient's number"),
    "evidence": words("증빙 지문", "evidence digest"),
    "evidence_file": words("증빙 파일", "evidence file"),
    "corrects": words("정정 대상 전표", "voucher corrected"),
    "memo": words("적요", "memo"),
}
"""What a reader is told that a column was taken for."""
SYNONYMS: Mapping[Role, str] = {
    "line": (
        "사업코드 사업id 사업번호 세부사업코드 세부사업id 내역사업코드 내역사업 "
        "세부사업 세부사업명 내역사업명 사업명 사업 과제코드 예산과목 예산코드 line "
        "lineid projectid project"
    ),
    "voucher": (
        "전표번호 전표 결의번호 지출결의번호 결의서번호 지출결의서번호 집행번호 "
        "증빙번호 거래번호 관리번호 이체번호 voucher voucherno voucherid vouchernumber"
    ),
    "day": (
        "집행일자 집행일 지출일자 지출일 지급일자 지급일 결의일자 결의일 거래일자 "
        "거래일 사용일자 사용일 이체일자 이체일 교부일자 교부일 전표일자 일자 날짜 date "
        "paidon day"
    ),
    "granted": "교부액 교부금액 교부 보조금교부액 교부결정액 granted",
    "disbursed": (
        "집행액 집행금액 집행 지출액 지출금액 지급액 지급금액 사용금액 사용액 disbursed spent"
    ),
    "confirmed": "실집행액 실집행금액 실집행 확인액 집행확정액 정산확정액 정산액 confirmed",
    "amount": "금액 합계금액 공급대가 이체금액 결제금액 amount amountkrw",
    "kind": "구분 집행구분 유형 단계 종류 kind type",
    "recipient": (
        "지급처 거래처 거래처명 거래처상호 수령인 수취인 예금주 업체명 수행기관 "
        "수행기관명 보조사업자 보조사업자명 집행기관 기관명 공급자 가맹점 가맹점명 "
        "recipient payee supplier"
    ),
    "recipient_number": (
        "사업자등록번호 사업자번호 거래처사업자번호 고유번호 recipientnumber businessno"
    ),
    "evidence": "증빙지문 증빙해시 증빙sha256 sha256 해시 해시값 evidence evidencedigest digest",
    "evidence_file": "증빙파일 증빙파일명 첨부파일 첨부 증빙 증빙자료 evidencefile file",
    "corrects": "정정대상 정정대상전표 원전표번호 원전표 취소전표 corrects",
    "memo": "적요 비고 내용 집행내용 집행내역 사용내역 용도 비목 세목 memo note description",
}
"""Role → headings of that meaning, without blanks, signs, brackets and capitals."""
ROLE_OF: Mapping[str, Role] = {
    word: role for role, listed in SYNONYMS.items() for word in listed.split()
}
"""Heading → role."""
