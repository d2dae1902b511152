from __future__ import annotations

import ssl

import pytest

from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.rtr.transport import tls_context
from tests.rpki.engine.rtr.certificates import certificate


def test_routers_are_asked_for_a_certificate_only_where_an_issuer_is_given(tmp_path):
    authority = certificate(tmp_path, "ca")
    certificate(tmp_path, "cache", authority)
    files = tmp_path / "cache.pem", tmp_path / "cache.key"

    assert tls_context(*files).verify_mode == ssl.CERT_NONE
    asking = tls_context(*files, clients=tmp_path / "ca.pem")
    assert asking.verify_mode == ssl.CERT_REQUIRED
    assert asking.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("files", [("absent", "a.key"), ("a.pem", "b.key"), ("b.key", "b.key")])
def test_files_that_do_not_serve_are_named(tmp_path, files):
    certificate(tmp_path, "a")
    certificate(tmp_path, "b")

    with pytest.raises(SettingRefused, match=files[0]):
        tls_context(tmp_path / files[0], tmp_path / files[1])
