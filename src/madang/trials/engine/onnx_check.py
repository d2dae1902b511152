"""May this ONNX file run at all? Sent into the jail as source; never imported by the product.

ONNX is not safe by itself: 117 bytes can ask for 8 GB, external data can name any path, loops need
not end, and random operators make scores irreproducible. So: an allow-list of operators, two
domains, no sub-graphs, no functions, no external data, limits on nodes; and even then the file
runs in the jail only. The parser runs in the jail as well, since it reads what a stranger wrote.
"""

import json
import os
import re

JOB = os.environ.get("MADANG_JOB", "/job")
MOST_NODES = 20_000
DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
OPERATORS = frozenset(
    """
    Abs Acos Add And ArgMax ArgMin ArrayFeatureExtractor Asin Atan AveragePool BatchNormalization
    Binarizer Cast CategoryMapper Ceil Celu Clip Concat Constant Conv Cos Cosh CumSum Div Einsum
    Elu Equal Erf Exp FeatureVectorizer Flatten Floor Gather GatherElements GatherND Gelu Gemm
    GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSigmoid HardSwish Hardmax Identity
    Imputer InstanceNormalization IsInf IsNaN LabelEncoder LayerNormalization LeakyRelu Less
    LessOrEqual LinearClassifier LinearRegressor Log LogSoftmax LpNormalization MatMul Max MaxPool
    Mean Min Mish Mod Mul Neg Normalizer Not OneHotEncoder Or PRelu Pow Reciprocal ReduceL1
    ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
    ReduceSumSquare Relu Reshape Round SVMClassifier SVMRegressor Scaler Selu Sigmoid Sign Sin Sinh
    Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Tan Tanh ThresholdedRelu Transpose
    TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor Unsqueeze Where Xor
    """.split()
)


def refusal(content):
    """A token of a closed list with a name from the file, or an empty token where it may run."""
    import onnx

    try:
        model = onnx.load_model_from_string(content)
        onnx.checker.check_model(model)
    except Exception:  # noqa: BLE001 - whatever a hostile file makes the parser raise
        return "not_onnx", ""
    graph = model.graph
    if model.functions or model.training_info:
        return "functions", ""
    if len(graph.node) > MOST_NODES:
        return "too_many_nodes", str(len(graph.node))
    tensors = list(graph.initializer)
    for node in graph.node:
        if node.domain not in DOMAINS:
            return "domain", node.domain
        if node.op_type not in OPERATORS:
            return "operator", node.op_type
        for attribute in node.attribute:
            if attribute.HasField("g") or attribute.graphs:
                return "subgraph", node.op_type
            tensors += [*attribute.tensors, *([attribute.t] if attribute.HasField("t") else [])]
    for tensor in tensors:
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            return "external_data", tensor.name
    return "", ""


def main():
    """Check the one file and write the verdict."""
    with open(os.path.join(JOB, "in", "model.onnx"), "rb") as file:
        token, name = refusal(file.read())
    with open(os.path.join(JOB, "out", "check.json"), "w", encoding="utf-8") as file:
        json.dump({"refused": token, "name": re.sub("[^A-Za-z0-9_.:/-]", "?", name)[:60]}, file)


if __name__ == "__main__":
    main()
