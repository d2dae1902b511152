"""An ONNX file runs only if it is nothing but operators of the allow-list."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from madang.trials.engine.onnx_check import MOST_NODES, OPERATORS, refusal
from tests.trials.engine import onnx_models


@pytest.mark.parametrize(
    "model", [onnx_models.line(), onnx_models.matrix(), onnx_models.mixing(), onnx_models.tiled()]
)
def test_a_model_of_allowed_operators_passes(model):
    assert refusal(model.SerializeToString()) == ("", "")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (onnx_models.bomb(), ("operator", "ConstantOfShape")),
        (onnx_models.operator("RandomNormalLike"), ("operator", "RandomNormalLike")),
        (onnx_models.operator("Bernoulli"), ("operator", "Bernoulli")),
        (onnx_models.sub_graph(), ("operator", "If")),
        (onnx_models.operator("Sleep", "com.evil"), ("domain", "com.evil")),
        (onnx_models.operator("Abs", "com.microsoft"), ("domain", "com.microsoft")),
        (onnx_models.external(), ("external_data", "two")),
        (onnx_models.external("weights.bin"), ("external_data", "two")),
        (onnx_models.with_function(), ("functions", "")),
        (onnx_models.training(), ("functions", "")),
        (onnx_models.many_nodes(MOST_NODES + 1), ("too_many_nodes", str(MOST_NODES + 1))),
    ],
)
def test_each_way_to_do_harm_has_its_own_word(model, said):
    found = refusal(model.SerializeToString())

    assert found == said or (said[0] == "external_data" and found[0] in (said[0], "not_onnx"))


def test_external_data_in_a_constant_is_found_too():
    assert refusal(onnx_models.external_constant().SerializeToString())[0] in (
        "external_data",
        "not_onnx",
    )


def _with_branch():
    """An allowed operator that carries a graph."""
    node = helper.make_node("Identity", ["x"], ["predictions"])
    node.attribute.append(helper.make_attribute("body", onnx_models.line().graph))
    return onnx_models.of([node], [onnx_models.X], [onnx_models.Y])


def test_a_sub_graph_is_refused_even_in_an_allowed_operator():
    assert refusal(_with_branch().SerializeToString())[0] in ("subgraph", "not_onnx")


@pytest.mark.parametrize(
    ("model", "token"),
    [
        (onnx_models.external(), "external_data"),
        (onnx_models.external_constant(), "external_data"),
        (_with_branch(), "subgraph"),
    ],
)
def test_these_are_found_even_where_the_librarys_own_check_is_mild(monkeypatch, model, token):
    monkeypatch.setattr("onnx.checker.check_model", lambda _: None)

    assert refusal(model.SerializeToString())[0] == token


def test_as_many_nodes_as_allowed_pass():
    assert refusal(onnx_models.many_nodes(MOST_NODES).SerializeToString()) == ("", "")


@pytest.mark.parametrize("content", [b"", b"no model", b"\x80\x04.", b"\x08\x08" * 9])
def test_what_is_no_model_is_refused(content):
    assert refusal(content) == ("not_onnx", "")


def test_an_operator_whose_output_is_missing_is_no_model():
    model = onnx_models.line()
    del model.graph.node[1]

    assert refusal(model.SerializeToString())[0] == "not_onnx"


def test_nothing_random_stateful_or_unbounded_is_allowed():
    unsafe = {
        "If", "Loop", "Scan", "SequenceMap", "ConstantOfShape", "Range", "Expand", "Tile", "Pad",
        "Resize", "Upsample", "RandomNormal", "RandomUniform", "RandomNormalLike", "Multinomial",
        "RandomUniformLike", "Bernoulli", "Dropout", "EyeLike", "OneHot", "NonZero", "Optional",
    }  # fmt: skip

    assert not unsafe & OPERATORS


LINE = onnx_models.line().SerializeToString()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(LINE) - 1), st.integers(0, 255)), max_size=3))
def test_a_damaged_file_is_judged_and_never_a_crash(changes):
    content = bytearray(LINE)
    for place, value in changes:
        content[place] = value

    token, name = refusal(bytes(content))

    assert isinstance(token, str)
    assert isinstance(name, str)
