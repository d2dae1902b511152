"""Messages come in over the web, and only those of known senders are answered."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.authority.doors import Doors
from madang.rpki.engine.authority.listening import listening
from madang.rpki.engine.authority.parentage import Parentage
from madang.rpki.engine.errors import ExchangeRefused, Unreachable
from madang.rpki.engine.exchange.post import PUBLICATION, UP_DOWN, post
from madang.rpki.engine.resources.blocks import read_resources
from tests.rpki.engine.authority.kin import PUBLISH, UP, Kin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.rpki.engine.authority.land import Land


@pytest.fixture
def kin(land: Land, tmp_path: Path) -> Kin:
    land.found()
    return Kin(land, tmp_path, resources=read_resources("10.1.0.0/20"))


@pytest.fixture
def here(kin: Kin) -> Iterator[str]:
    with listening(Doors(kin.delegation, kin.service), "127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}"


def test_a_child_is_certified_and_publishes_over_the_web(kin: Kin, here: str) -> None:
    def over_the_web(uri: str, message: bytes, media_type: str) -> bytes:
        address = uri.replace(UP, f"{here}/up/").replace(PUBLISH, f"{here}/publish/")
        return post(address, message, media_type)

    kin.post = over_the_web
    publisher = kin.registry.publishers[""]
    kin.registry.publishers[""] = type(publisher)(
        publisher.repository, publisher.speaker, over_the_web
    )
    Parentage(kin.registry, over_the_web).refresh("kid", by="kid")

    found = [uri for uri in kin.land.catalogue.digests() if "/kid/" in uri]
    assert sorted(uri[-4:] for uri in found) == [".crl", ".mft"]


def test_strangers_and_strange_paths_get_a_status_alone(here: str) -> None:
    for path in ("/up/one/kid", "/publish/kid"):
        with pytest.raises(Unreachable, match="403"):
            post(here + path, b"no message", UP_DOWN)
    for path in ("/up/one/nobody", "/up/nobody/kid", "/", "/up/one", "/publish", "/x/../up/a/b"):
        with pytest.raises(Unreachable, match="404"):
            post(here + path, b"x", PUBLICATION)
    with pytest.raises(Unreachable, match="403"):
        post(f"{here}/publish/nobody", b"x", PUBLICATION)
    with pytest.raises(ExchangeRefused):
        post("ftp://127.0.0.1/x", b"x", PUBLICATION)
    with pytest.raises(Unreachable):
        post("http://127.0.0.1:1/x", b"x", PUBLICATION)


@pytest.mark.parametrize("length", ["", "x", "-1", "99999999999999", str(1 << 30), "１"])
def test_a_length_that_cannot_be_is_refused_unread(here: str, length: str) -> None:
    line = http.client.HTTPConnection(here.removeprefix("http://"), timeout=10)
    line.putrequest("POST", "/up/one/kid")
    if length:
        line.putheader("Content-Length", length.encode())
    line.endheaders()

    assert line.getresponse().status in (411, 413)
    line.close()
