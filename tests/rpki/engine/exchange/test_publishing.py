"""Publication messages of others are understood, and ours are read back (RFC 8181)."""

from __future__ import annotations

import pytest

from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange import publishing
from madang.rpki.engine.publication.changes import FileChange, digest
from tests.rpki.engine.exchange import messages

CHANGES = publishing.ChangeQuery(
    (
        FileChange("rsync://localhost/a.roa", b"new"),
        FileChange("rsync://localhost/b.roa", b"newer", digest(b"old")),
        FileChange("rsync://localhost/c.roa", None, digest(b"old")),
    )
)


@pytest.mark.parametrize("query", [publishing.ListQuery(), CHANGES, publishing.ChangeQuery(())])
def test_queries_are_read_again(query: publishing.Query) -> None:
    assert publishing.read_query(publishing.write(query)) == query


@pytest.mark.parametrize(
    "reply",
    [
        publishing.SuccessReply(),
        publishing.ListReply({}),
        publishing.ListReply({"rsync://localhost/a.roa": digest(b"x")}),
        publishing.ErrorReply("permission_failure", "not yours <&>"),
    ],
)
def test_replies_are_read_again(reply: publishing.Reply) -> None:
    assert publishing.read_reply(publishing.write(reply)) == reply


@pytest.mark.shared
def test_messages_of_others_are_understood() -> None:
    stored = {
        path.split("/")[1]: content
        for path, content in messages.stored().items()
        if path.startswith("publication/")
    }

    query = publishing.read_query(stored["krill_publish_query_result.xml"])
    listed = publishing.read_reply(stored["krill_list_reply_result.xml"])
    error = publishing.read_reply(stored["krill_error_reply_result.xml"])

    assert isinstance(query, publishing.ChangeQuery)
    assert [each.content is None for each in query.changes].count(True) >= 1
    assert list(listed.files) == ["rsync://host/path/cms-ta.cer", "rsync://host/path/pdu.200.der"]
    assert isinstance(error, publishing.ErrorReply)
    assert error.code in publishing.CODES
    assert publishing.read_query(stored["krill_list_query_result.xml"]) == publishing.ListQuery()
    assert publishing.read_query(stored["rpki-rs_publish-empty.xml"]).changes == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'version="4"', b'version="3"'),
        (b'type="query"', b'type="reply"'),
        (b"<withdraw", b"<destroy"),
        (b'uri="rsync://localhost/a.roa"', b""),
        (b">bmV3<", b">bmV3!<"),
    ],
)
def test_a_spoilt_query_is_refused(old: bytes, new: bytes) -> None:
    content = publishing.write(CHANGES)
    assert old in content

    with pytest.raises(ExchangeRefused):
        publishing.read_query(content.replace(old, new))


def test_a_withdrawal_names_what_it_withdraws() -> None:
    content = publishing.write(CHANGES).replace(b'c.roa" hash=', b'c.roa" other=')

    with pytest.raises(ExchangeRefused):
        publishing.read_query(content)
