"""Run a firm's solution inside the jail. Sent there as source; never imported by the product.

It stands on the fixed environment alone (no `madang`), reads `in/`, writes `out/` and reports how
far it came: a phase, the name of a known exception, a line in the firm's own file. No message and
no value, since both can carry rows.
"""

import base64
import importlib
import json
import os
import sys
import traceback

JOB = os.environ.get("MADANG_JOB", "/job")
EXTRA = "/runtime/extra"
KNOWN = (
    "ArithmeticError AssertionError AttributeError EOFError FloatingPointError ImportError "
    "IndexError KeyError LookupError MemoryError ModuleNotFoundError NameError "
    "NotImplementedError OSError OverflowError PermissionError RecursionError RuntimeError "
    "StopIteration SyntaxError SystemError TimeoutError TypeError UnicodeDecodeError "
    "UnicodeEncodeError ValueError ZeroDivisionError "
).split()


class Disobedient(Exception):
    """The solution breaks the protocol; the argument is a token of a closed list."""


def path(*steps):
    """A path below the job's folder."""
    return os.path.join(JOB, *steps)


def read_json(name):
    """One of the documents that the platform handed in."""
    with open(path("in", name), encoding="utf-8") as file:
        return json.load(file)


def read_table(name):
    """A pandas table: numbers as float64 with NaN, categories and texts as str with None."""
    import numpy as np
    import pandas as pd

    document = read_json(name)
    columns = {}
    for column in document["columns"]:
        if "base64" in column:
            values = np.frombuffer(base64.b64decode(column["base64"]), dtype="<f8").copy()
        else:
            values = np.array(column["values"], dtype=object)
        columns[column["name"]] = values
    return pd.DataFrame(columns, index=range(document["rows"]))


def write_answers(answers, task, rows):
    """Answers as the platform reads them; a wrong shape is told apart from a crash."""
    if task["outputs"]["kind"] == "texts":
        texts = answers.tolist() if hasattr(answers, "tolist") else list(answers)
        with open(path("out", "predictions.json"), "w", encoding="utf-8") as file:
            json.dump(
                [text[0] if isinstance(text, list) and len(text) == 1 else text for text in texts],
                file,
            )
        return
    import numpy as np

    width = len(task["outputs"]["columns"])
    try:
        table = np.asarray(getattr(answers, "values", answers), dtype="<f8")
    except (TypeError, ValueError):
        raise Disobedient("not_numbers") from None
    if table.ndim == 1 and width == 1:
        table = table[:, None]
    if table.shape != (rows, width):
        raise Disobedient("shape")
    with open(path("out", "predictions.npy"), "wb") as file:
        np.lib.format.write_array(file, np.ascontiguousarray(table), version=(1, 0))


def load_solution():
    """The firm's module `solution`, with its other files importable beside it.

    Packages that the demand declares stand behind the runtime's own: they can hide none of it.
    """
    sys.path.insert(0, path("code"))
    sys.path.append(EXTRA)
    return importlib.import_module("solution")  # noqa: TID251 - no product stands in the jail


def run_python(task, status):
    """T2: fit where the solution can, then predict, or act where the task is a replay."""
    status("import")
    solution = load_solution()
    model = None
    if hasattr(solution, "fit"):
        status("fit")
        model = solution.fit(read_table("fit_inputs.json"), read_table("fit_outcomes.json"), task)
    if task["kind"] == "replay":
        converse(
            lambda observation, memory: solution.act(model, observation, memory, task), status
        )
        return
    status("predict")
    inputs = read_table("inputs.json")
    answers = solution.predict(model, inputs, task)
    status("write")
    write_answers(answers, task, len(inputs))


def converse(act, status):
    """A replay: one observation in, one action out, until all cases are over."""
    import jail

    status("act")
    memory = {}
    while True:
        message = json.loads(jail.receive())
        if message["observation"] is None:
            return
        if message.get("case") is not None:
            memory = {}
        jail.send(json.dumps({"action": act(message["observation"], memory)}).encode())


def onnx_feeds(session, inputs, task):
    """What the model asks for: one (n, p) matrix, or one (n, 1) tensor for each column by name."""
    import numpy as np

    wanted = session.get_inputs()
    codes = {c["name"]: {level: i for i, level in enumerate(c["levels"])} for c in task["columns"]}

    def numeric(column):
        values = inputs[column["name"]]
        if column["levels"]:
            return np.array(
                [codes[column["name"]].get(v, np.nan) for v in values], dtype="float64"
            )
        return np.asarray(values, dtype="float64")

    if len(wanted) == 1 and wanted[0].name not in codes:
        usable = [c for c in task["columns"] if c["kind"] != "text"]
        matrix = np.column_stack([numeric(c) for c in usable])
        return {wanted[0].name: matrix.astype(onnx_type(wanted[0].type))}
    feeds = {}
    for each in wanted:
        column = next((c for c in task["columns"] if c["name"] == each.name), None)
        if column is None:
            raise Disobedient("unknown_input")
        if each.type == "tensor(string)":
            values = np.array([v or "" for v in inputs[each.name]], dtype=object)
        else:
            values = numeric(column).astype(onnx_type(each.type))
        feeds[each.name] = values.reshape(-1, 1)
    return feeds


def onnx_type(name):
    """The numpy type of an ONNX input type that the platform feeds."""
    types = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(int64)": "int64"}
    if name not in types:
        raise Disobedient("input_type")
    return types[name]


def run_onnx(task, status):
    """T1: load, run on all rows, then in another order and batch: rows must be independent."""
    import numpy as np
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    status("load")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    with open(path("in", "model.onnx"), "rb") as file:
        session = onnxruntime.InferenceSession(
            file.read(), options, providers=["CPUExecutionProvider"]
        )
    inputs = read_table("inputs.json")
    feeds = onnx_feeds(session, inputs, task)
    status("predict")
    answers = onnx_answers(session, feeds, task)
    rows = len(inputs)
    order = np.arange(rows)[::-1]
    for half in (order[: rows // 2], order[rows // 2 :]):
        if len(half):
            part = onnx_answers(
                session, {name: value[half] for name, value in feeds.items()}, task
            )
            same = (
                part == answers[half]
                if part.dtype == object
                else np.isclose(part, answers[half], rtol=1e-4, atol=1e-5, equal_nan=True)
            )
            if not np.all(same):
                raise Disobedient("rows_depend_on_each_other")
    status("write")
    write_answers(answers, task, rows)


def onnx_answers(session, feeds, task):
    """The output named `predictions`, else the first whose shape fits."""
    import numpy as np

    rows = len(next(iter(feeds.values())))
    width = max(1, len(task["outputs"]["columns"]))
    names = [output.name for output in session.get_outputs()]
    wanted = ["predictions"] if "predictions" in names else names
    for values in session.run(wanted, feeds):
        if isinstance(values, np.ndarray) and values.size == rows * width:
            return values.reshape(rows, width) if width > 1 else values.reshape(rows)
    raise Disobedient("shape")


def own_line(fault):
    """The last line of the firm's own code in the traceback: file name and number only."""
    lines = [
        (os.path.basename(frame.filename), frame.lineno)
        for frame in traceback.extract_tb(fault.__traceback__)
        if os.path.dirname(frame.filename).startswith(path("code"))
    ]
    return lines[-1] if lines else ("", 0)


def known_type(fault):
    """The nearest well-known class: a firm's own class name could carry anything."""
    return next(
        (kind.__name__ for kind in type(fault).__mro__ if kind.__name__ in KNOWN), "Exception"
    )


def main():
    """Run, and report how far it came."""
    import jail  # the module that the jail offers to what runs in it

    task = read_json("task.json")
    phase = ["start"]

    def status(name):
        phase[0] = name

    try:
        (run_onnx if task["tier"] == "onnx" else run_python)(task, status)
    except Disobedient as refused:
        jail.report({"phase": phase[0], "disobedient": str(refused)})
        sys.exit(1)
    except BaseException as fault:
        file, line = own_line(fault)
        jail.report(
            {"phase": phase[0], "exception": known_type(fault), "file": file, "line": line}
        )
        raise
    jail.report({"phase": "done"})


if __name__ == "__main__":
    main()
