"""Values that can be changed are declared with their source, or not at all."""

from __future__ import annotations

import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.explain import changing

WHOLE = """
- column: albumin_g_dl
  to: 4.0
  direction: higher
  low: 3.0
  high: 5.0
  source: Example 2020
  caution: {ko: 예시, en: An example}
- column: smoking
  to: "no"
  levels: ["no", "yes"]
  source: Example 2021
  caution: {ko: 예시, en: An example}
"""


def test_a_list_is_read_and_made() -> None:
    rows = changing.read(WHOLE)
    found = [changing.modifiable(each) for each in rows]

    assert [each.column for each in found] == ["albumin_g_dl", "smoking"]
    assert found[0].caution.en == "An example"
    assert found[1].levels == ("no", "yes")
    assert changing.read("  ") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  source: Example 2020\n", ""),
        ("source: Example 2020", "source: ' '"),
        ("to: 4.0", "to: 9.0"),
        ("to: 4.0", "to: [4]"),
        ("  direction: higher\n", ""),
        ("{ko: 예시, en: An example}", "{ko: 예시}"),
        ("{ko: 예시, en: An example}", "예시"),
        ("direction: higher", "towards: higher"),
        (WHOLE, "albumin"),
        (WHOLE, "[1, 2]"),
        (WHOLE, "{"),
    ],
)
def test_what_is_not_declared_in_full_is_refused(old: str, new: str) -> None:
    assert old in WHOLE
    with pytest.raises(InputError):
        changing.read(WHOLE.replace(old, new, 1))
