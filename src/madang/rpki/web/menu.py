"""What does route security show outside its own pages? A tile, what is found, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.http import urlencode

from madang.kernel.words import words
from madang.portal.frame import Found, Tile, Waiting
from madang.rpki.engine.errors import ResourcesRefused
from madang.rpki.engine.resources.prefix import read_asn, read_prefix
from madang.rpki.web.models import Alarm, Member
from madang.rpki.web.services import authority, days, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.portal.access import Access

_MOST = 20


def home() -> Tile:
    """How many authorisations are believed, and what of the members' addresses they cover."""
    meta = world.meta()
    counted = days.whole()
    note = words("", "")
    if meta:
        at = world.moment(meta["at"]).astimezone(days.KOREA)
        note = words(f"{at:%Y-%m-%d %H:%M} 검증", f"Validated {at:%Y-%m-%d %H:%M} KST")
        if counted and counted[-1].v4_share is not None:
            share = f"{counted[-1].v4_share:.0%}"
            note = words(
                f"회원 IPv4 주소의 {share} 인가 · {note.ko}",
                f"{share} of members' IPv4 covered · {note.en}",
            )
    return Tile(
        title=words("인터넷 경로 보안", "Internet route security"),
        sentence=words(
            "누가 어느 주소를 광고할 수 있는지 서명으로 밝혀 경로 탈취와 대규모 장애를 막습니다.",
            "Who may announce which addresses, signed: against hijacks and large outages.",
        ),
        url=reverse("rpki:index"),
        figure=f"{meta['vrps']:,d}" if meta else "",
        unit=words("검증된 경로 인가", "validated authorisations"),
        note=note,
    )


def search(text: str, access: Access) -> list[Found]:
    """An announcement's prefix, payloads of an AS, members that the reader may see."""
    found = [*_prefixes(text), *_ases(text)]
    rows = Member.objects.select_related("organisation")
    if not access.everywhere("rpki.see"):
        rows = rows.filter(organisation__in=access.holding("rpki.see"))
    sought = text.casefold()
    found += [
        Found(title=each.organisation.name, kind=words("회원", "Member"),
              url=each.get_absolute_url(), excerpt=each.pk)
        for each in rows
        if sought in _names(each)
    ]  # fmt: skip
    return found[:_MOST]


def _names(member: Member) -> str:
    body = member.organisation
    return f"{member.pk} {body.name_ko} {body.name_en}".casefold()


def _prefixes(text: str) -> Iterator[Found]:
    try:
        prefix = read_prefix(text)
    except ResourcesRefused:
        return
    for each in world.covering(prefix)[:_MOST]:
        yield _found(str(prefix), each.vrp.asn, str(each.vrp))


def _ases(text: str) -> Iterator[Found]:
    if not text.strip().upper().startswith("AS"):
        return
    try:
        asn = read_asn(text)
    except ResourcesRefused:
        return
    sql = "select * from vrp where asn = ? order by family, address limit ?"
    for row in world.asked(sql, asn, _MOST):
        vrp = world.vrp(row)
        yield _found(str(vrp.prefix), asn, str(vrp))


def _found(prefix: str, asn: int, told: str) -> Found:
    asked = urlencode({"prefix": prefix, "asn": f"AS{asn}"})
    return Found(
        title=f"{prefix} · AS{asn}",
        kind=words("경로 인가", "Authorisation"),
        url=f"{reverse('rpki:why')}?{asked}",
        excerpt=told,
    )


def worklist(access: Access) -> Iterator[Waiting]:
    """Open alarms of the reader's members; what an operator must look at."""
    if access.user is None:
        return
    held = access.holding("rpki.publish")
    rows = Alarm.objects.filter(closed_at=None, member__organisation__in=held)
    for each in rows.select_related("member__organisation")[:_MOST]:
        assert each.member is not None
        yield Waiting(
            title=words(
                f"{each.member.organisation.name_ko}: {each.title.ko}",
                f"{each.member.organisation.name_en}: {each.title.en}",
            ),
            reason=each.sentence,
            act=words("확인하기", "Look at it"),
            url=each.member.get_absolute_url(),
        )
    if access.everywhere("rpki.operate"):
        yield from _of_the_office()


def _of_the_office() -> Iterator[Waiting]:
    count = Alarm.objects.filter(closed_at=None).count()
    if count:
        yield Waiting(
            title=words(f"경로 보안 경보 {count}건", f"{count} alarms of route security"),
            reason=words("아직 해소되지 않았습니다.", "They are still open."),
            act=words("경보 보기", "See the alarms"),
            url=reverse("rpki:alarms"),
        )
    refused = sum(each.refused for each in _own_in_trouble())
    if refused:
        yield Waiting(
            title=words(
                f"믿을 수 없는 우리 객체 {refused}건", f"{refused} objects of ours are refused"
            ),
            reason=words("검증기가 거부했습니다.", "The validator does not believe them."),
            act=words("객체 보기", "See the objects"),
            url=reverse("rpki:repositories"),
        )


def _own_in_trouble() -> list[world.Point]:
    place = authority.place()
    if place is None:
        return []
    return [each for each in world.in_trouble() if each.repository.startswith(place.module)]
