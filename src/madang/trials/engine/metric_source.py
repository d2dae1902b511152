"""Is this source a plain computation? The small part of Python in which a metric may be written.

The jail is the wall around a metric; this list is for its reviewer. What is left when classes,
loops without an end, other modules, underscores and every name that is not listed here are refused
can be read from top to bottom in a few minutes.
"""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRY = "metric"
"""The function that is called: metric(outcomes, answers)."""
PARAMETERS = ("outcomes", "answers")
MOST_NODES = 4000

_NODES = (
    *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign),
    *(ast.AnnAssign, ast.For, ast.If, ast.IfExp, ast.Expr, ast.Pass, ast.Break, ast.Continue),
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.keyword, ast.Name),
    *(ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Dict, ast.Set),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Constant),
    *(ast.Import, ast.alias, ast.Load, ast.Store),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)
BUILTINS = frozenset(
    "abs all any bool dict enumerate float int len list max min range reversed round set sorted "
    "str sum tuple zip True False None".split()
)
METHODS = frozenset(
    "T all any argmax argmin argsort astype clip copy count cumprod cumsum endswith flatten get "
    "index item items keys lower max mean min ndim nonzero prod ravel repeat replace reshape "
    "round searchsorted shape size split squeeze startswith std strip sum take tolist transpose "
    "upper values var".split()
)
NUMPY = frozenset(
    "abs absolute add all any arange arccos arcsin arctan arctan2 argmax argmin argsort argwhere "
    "array asarray atleast_1d average bincount bool_ ceil clip column_stack concatenate copysign "
    "corrcoef cos cosh count_nonzero cov cumprod cumsum diff digitize divide dot e equal exp "
    "expm1 fabs flatnonzero flip float64 floor fmax fmin full full_like greater greater_equal "
    "histogram hypot inf int64 interp isclose isfinite isin isinf isnan less less_equal linspace "
    "log log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor max maximum "
    "mean median min minimum mod multiply nan nan_to_num nanmax nanmean nanmedian nanmin nanstd "
    "nansum nanvar negative nonzero not_equal ones ones_like outer percentile pi power prod ptp "
    "quantile ravel repeat reshape round searchsorted select sign sin sinh sort sqrt square "
    "squeeze stack std subtract sum take tan tanh tile transpose trapezoid unique var vstack "
    "where zeros zeros_like".split()
)
"""No `empty`: memory that nobody wrote differs from run to run."""
MODULES = {
    "numpy": NUMPY,
    "math": frozenset(name for name in vars(math) if not name.startswith("_")),
}


class SourceFault(NamedTuple):
    """One thing in a source that a metric may not hold."""

    line: int
    found: Words


def source_faults(source: str) -> list[SourceFault]:
    """Everything in the source that is not allowed, by line; nothing of it is executed."""
    try:
        tree = ast.parse(source)
    except SyntaxError as fault:
        return [SourceFault(fault.lineno or 1, words("문법 오류", "a syntax error"))]
    except (ValueError, RecursionError, MemoryError):  # a NUL, or nesting without an end
        return [SourceFault(1, words("읽을 수 없는 원본", "an unreadable source"))]
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        return [SourceFault(1, words("너무 긴 원본", "a source that is too long"))]
    found = [*_shape(tree), *_Reader(tree).faults()]
    return sorted(set(found), key=lambda fault: fault.line)


def named_columns(source: str) -> set[str]:
    """Every text that stands in the source: it can ask for no column that it does not name."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _shape(tree: ast.Module) -> Iterator[SourceFault]:
    """At its top a source holds imports, constants and functions, `metric` among them."""
    for node in tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        plain = (ast.Import, ast.FunctionDef, ast.Assign, ast.AnnAssign)
        if not (isinstance(node, plain) or is_docstring):
            yield SourceFault(
                node.lineno,
                words("함수 밖의 명령문", "a statement outside of functions"),
            )
    entries = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == ENTRY]
    if not entries or tuple(each.arg for each in entries[-1].args.args) != PARAMETERS:
        yield SourceFault(
            entries[-1].lineno if entries else 1,
            words(
                f"{ENTRY}({', '.join(PARAMETERS)}) 함수가 없음",
                f"no function {ENTRY}({', '.join(PARAMETERS)})",
            ),
        )


class _Reader:
    """Reads a source with the names that each function knows."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._modules = {
            (alias.asname or alias.name): alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._known = functions | set(self._modules) | _stored(tree.body) | BUILTINS

    def faults(self) -> Iterator[SourceFault]:
        """What is not allowed anywhere, then what each scope does not know."""
        for node in ast.walk(self._tree):
            if not isinstance(node, _NODES):
                yield _refused(node)
            elif isinstance(node, ast.Import):
                yield from self._imports(node)
            elif isinstance(node, ast.Attribute):
                yield from self._attribute(node)
            elif isinstance(node, ast.FunctionDef):
                yield from self._function(node)
            elif isinstance(node, ast.Constant) and not isinstance(
                node.value, bool | int | float | str | None
            ):
                yield _refused(node)
        outside = [node for node in self._tree.body if not isinstance(node, ast.FunctionDef)]
        for node in outside:
            yield from self._scope(node, set())

    def _imports(self, node: ast.Import) -> Iterator[SourceFault]:
        for alias in node.names:
            if alias.name not in MODULES:
                yield SourceFault(
                    node.lineno,
                    words(f"가져오기 {alias.name[:40]!r}", f"the import {alias.name[:40]!r}"),
                )

    def _attribute(self, node: ast.Attribute) -> Iterator[SourceFault]:
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        allowed = MODULES.get(self._modules.get(owner, ""), METHODS)
        if not isinstance(node.ctx, ast.Load) or node.attr not in allowed:
            shown = f"{owner}.{node.attr}"[:60]
            yield SourceFault(
                node.lineno, words(f"허용되지 않은 이름 {shown!r}", f"the name {shown!r}")
            )

    def _function(self, node: ast.FunctionDef) -> Iterator[SourceFault]:
        given = node.args
        odd = given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs
        if odd or given.defaults or node.decorator_list or node not in self._tree.body:
            yield SourceFault(
                node.lineno,
                words(
                    f"단순하지 않은 함수 {node.name[:40]!r}",
                    f"the function {node.name[:40]!r}, which is not a plain one",
                ),
            )
        own = {each.arg for each in given.args} | _stored(node.body)
        for each in node.body:
            yield from self._scope(each, own)
        # Annotations are computed too, when the function is made.
        for annotation in (node.returns, *(each.annotation for each in given.args)):
            if annotation is not None:
                yield from self._scope(annotation, set())

    def _scope(self, tree: ast.AST, own: set[str]) -> Iterator[SourceFault]:
        """Every name that is read is known, and none begins with an underscore."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and (
                node.id.startswith("_")
                or (isinstance(node.ctx, ast.Load) and node.id not in own | self._known)
            ):
                yield SourceFault(
                    node.lineno,
                    words(f"허용되지 않은 이름 {node.id[:40]!r}", f"the name {node.id[:40]!r}"),
                )


def _stored(body: list[ast.stmt]) -> set[str]:
    """Names that these statements give a value to, functions within left aside."""
    return {
        node.id
        for statement in body
        if not isinstance(statement, ast.FunctionDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _refused(node: ast.AST) -> SourceFault:
    kind = type(node).__name__
    return SourceFault(
        getattr(node, "lineno", 1), words(f"허용되지 않은 문법 {kind}", f"the syntax {kind}")
    )
