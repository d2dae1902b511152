"""What goes in and comes out of a job is the same after a journey as JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.jobs import plain
from madang.kernel.jobs.errors import NotPlain

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)


@given(st.dictionaries(texts, values, max_size=5))
def test_what_passes_comes_back_from_json_as_it_was(value: dict[str, Any]) -> None:
    came = json.loads(plain.dumps(value, what="result"))

    assert came == value
    assert repr(came) == repr({key: came[key] for key in came})


@pytest.mark.parametrize(
    ("value", "place", "kind"),
    [
        ([1], "result", "list"),
        (None, "result", "NoneType"),
        ({"a": (1, 2)}, "result.a", "tuple"),
        ({"a": [{"b": {1, 2}}]}, "result.a[0].b", "set"),
        ({"a": [1.0, float("nan")]}, "result.a[1]", "a float that is not finite"),
        ({"a": float("-inf")}, "result.a", "a float that is not finite"),
        ({"a": np.float64(1.0)}, "result.a", "numpy.float64"),
        ({"a": np.arange(2)}, "result.a", "numpy.ndarray"),
        ({"a": b"x"}, "result.a", "bytes"),
        ({"a": {1: 2}}, "result.a", "keyed by int"),
        ({"a": "\ud800"}, "result.a", "text with a lone surrogate"),
        ({"\ud800": 1}, "result", "text with a lone surrogate"),
    ],
)
def test_what_json_would_change_is_refused_with_its_place(
    value: Any, place: str, kind: str
) -> None:
    with pytest.raises(NotPlain) as caught:
        plain.check(value, what="result")

    assert (caught.value.place, caught.value.kind) == (place, kind)
    assert str(caught.value).startswith(f"{place} is {kind}; expected plain JSON")


def test_a_value_without_bottom_is_refused_instead_of_overflowing() -> None:
    bottomless: dict[str, Any] = {}
    bottomless["again"] = bottomless

    with pytest.raises(NotPlain, match="nested more than 64 deep"):
        plain.check(bottomless, what="parameters")


def test_the_text_is_the_same_whatever_order_the_keys_came_in() -> None:
    assert plain.dumps({"나": 1, "b": 2}, what="x") == plain.dumps({"b": 2, "나": 1}, what="x")
    assert plain.dumps({"나": 1}, what="x") == '{"나": 1}'
