"""Set-up files of others are read, ours are read back, and what cannot be is refused."""

from __future__ import annotations

import pytest

from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange import setting_up
from tests.rpki.engine.exchange import messages

IDENTITY = messages.speaker("child").certificate


@pytest.mark.parametrize(
    "message",
    [
        setting_up.ChildRequest("bob", IDENTITY, "t"),
        setting_up.ParentResponse("https://localhost/up", "bob", "alice", IDENTITY),
        setting_up.PublisherRequest("bob/2", IDENTITY),
        setting_up.RepositoryResponse(
            "http://localhost/pub", "bob", "rsync://localhost/repo/bob/",
            "https://localhost/notification.xml", IDENTITY,
        ),
        setting_up.RepositoryResponse("http://a/", "bob", "rsync://localhost/b/", "", IDENTITY),
    ],
)  # fmt: skip
def test_what_is_written_is_read_again(message: setting_up.SetUp) -> None:
    assert setting_up.read(setting_up.write(message)) == message


@pytest.mark.shared
def test_files_of_others_are_read_unless_their_base64_is_wrong() -> None:
    found, refused = {}, []
    for path, content in messages.stored().items():
        if path.startswith(("set-up/", "set-up-old/")):
            try:
                found[path.split("/")[1]] = setting_up.read(content)
            except ExchangeRefused:
                refused.append(path.split("/")[1])

    assert sorted(refused) == [
        "krill_arin-pre-rfc8183-parent-response.xml",  # another namespace
        # RFC 8183, appendix A: a handle is of letters, digits, `-`, `_` and `/`.
        "krill_child_request_with_unicode_space_entity_reference_in_handle.xml",
        "krill_publisher_request_invalid_base64.xml",
    ]
    answer = found["krill_repository.response.xml"]
    assert answer.publisher == "A91872ED0000"
    assert answer.base == "rsync://rpki.sub.apnic.net/repository/A91872ED0000/"
    assert answer.notify == "https://rrdp.sub.apnic.net/notification.xml"
    assert found["krill_child_request_compact.xml"].identity == (
        found["krill_child_request_with_whitespace.xml"].identity
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'version="1"', b'version="2"'),
        (b'child_handle="bob"', b'child_handle="../bob"'),
        (b'child_handle="bob"', b""),
        (b"http://", b"file://"),
        (b"child_bpki_ta", b"other_bpki_ta"),
        (b"child_request", b"another"),
        (b"MII", b"MIX"),
    ],
)
def test_a_spoilt_file_is_refused(old: bytes, new: bytes) -> None:
    content = setting_up.write(setting_up.ChildRequest("bob", IDENTITY))
    assert old in content

    with pytest.raises(ExchangeRefused):
        setting_up.read(content.replace(old, new))


def test_a_service_has_an_address_of_the_web() -> None:
    content = setting_up.write(
        setting_up.ParentResponse("file:///etc/passwd", "bob", "alice", IDENTITY)
    )

    with pytest.raises(ExchangeRefused):
        setting_up.read(content)
