"""What is wrong with bytes that should tell of routes? One short reason, in both languages."""

from __future__ import annotations

from typing import Final, NamedTuple

from madang.kernel.words import Words, words

WHAT: Final[dict[str, Words]] = {
    "cut": words("필요한 길이보다 짧음", "it ends before what it announces"),
    "rest": words("내용 뒤에 남은 바이트", "bytes are left behind its content"),
    "attribute": words("속성이 영역을 넘음", "an attribute reaches beyond its block"),
    "flags": words(
        "속성의 플래그가 유형과 맞지 않음", "the flags of an attribute contradict its type"
    ),
    "path": words("AS_PATH 형식 오류", "its AS_PATH is malformed"),
    "no-path": words("AS_PATH 없음", "it has no AS_PATH"),
    "prefix": words("대역의 길이가 주소보다 김", "a prefix is longer than an address"),
    "reach": words(
        "MP_REACH 또는 MP_UNREACH 형식 오류", "its MP_REACH or MP_UNREACH is malformed"
    ),
    "peer": words("목록에 없는 피어 번호", "it names a peer that no index lists"),
    "peers": words("피어가 너무 많음", "it lists more peers than can be told apart"),
    "marker": words("BGP 메시지의 표지 오류", "the marker of a BGP message is wrong"),
    "length": words("길이 값이 범위를 벗어남", "a length is out of bounds"),
    "stream": words("압축이 끊기거나 깨짐", "the compressed stream is broken"),
    "large": words("읽을 수 있는 크기를 넘음", "there is more than may be read"),
    "version": words("알 수 없는 버전", "its version is unknown"),
    "kind": words("알 수 없는 종류", "its kind is unknown"),
    "family": words("알 수 없는 주소 체계", "its address family is unknown"),
    "many": words("경로가 너무 많음", "there are more routes than may be kept"),
    "unknown-peer": words("연결되지 않은 피어의 경로", "routes of a peer that is not up"),
}


class Malformed(Exception):
    """Bytes that are not what they claim to be.

    Args:
        code: A key of `WHAT`.
        detail: What was found, in numbers.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        self.code, self.detail = code, detail
        super().__init__(code, detail)

    @property
    def sentence(self) -> Words:
        """The reason for people."""
        end = f" ({self.detail})" if self.detail else ""
        return words(WHAT[self.code].ko + end, WHAT[self.code].en + end)


class Corrupt(NamedTuple):
    """A record that was left out."""

    offset: int
    """Its first byte in the (unpacked) stream, from 0."""
    sentence: Words
    """What is wrong with it."""
