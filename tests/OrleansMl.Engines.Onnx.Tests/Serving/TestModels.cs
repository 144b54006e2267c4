using static OrleansMl.Engines.Onnx.Tests.Serving.OnnxBytes;

namespace OrleansMl.Engines.Onnx.Tests.Serving;

/// <summary>Small models, each one thing that the engine must cope with.</summary>
internal static class TestModels
{
    /// <summary>x FP32 N×3 → y = x + x.</summary>
    public static byte[] Doubling() =>
        Model(
            Graph(
                Node("Add", ["x", "x"], ["y"]),
                Input("x", OnnxBytes.Float, "N", 3),
                Output("y", OnnxBytes.Float, "N", 3)
            )
        );

    /// <summary>t BYTES N×1 → itself, and b BOOL N → its numbers as FP32.</summary>
    public static byte[] TextsAndFlags() =>
        Model(
            Graph(
                Node("Identity", ["t"], ["same"]),
                Node("Cast", ["b"], ["number"], IntegerAttribute("to", OnnxBytes.Float)),
                Input("t", Text, "N", 1),
                Input("b", Bool, "N"),
                Output("same", Text, "N", 1),
                Output("number", OnnxBytes.Float, "N")
            )
        );

    /// <summary>x FP32 N×3 → x·W of W 3×4, which an input of another width can't go through.</summary>
    public static byte[] Product() =>
        Model(
            Graph(
                Node("MatMul", ["x", "w"], ["y"]),
                Constant(
                    "w",
                    OnnxBytes.Float,
                    [3, 4],
                    Raw([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12f])
                ),
                Input("x", OnnxBytes.Float, "N", "M"),
                Output("y", OnnxBytes.Float, "N", 4)
            )
        );

    /// <summary>x FP32 N×300 → 700 hidden units → y N×150: products large enough to be cut into blocks and shared by threads.</summary>
    public static byte[] Dense() =>
        Model(
            Graph(
                Node("MatMul", ["x", "w"], ["h"]),
                Node("Relu", ["h"], ["r"]),
                Node("MatMul", ["r", "v"], ["y"]),
                Constant("w", OnnxBytes.Float, [300, 700], Raw(Weights(300 * 700, 3))),
                Constant("v", OnnxBytes.Float, [700, 150], Raw(Weights(700 * 150, 5))),
                Input("x", OnnxBytes.Float, "N", 300),
                Output("y", OnnxBytes.Float, "N", 150)
            )
        );

    /// <summary>Values of all magnitudes below 1, whose sums depend on their order.</summary>
    public static float[] Weights(int count, int seed) =>
        [.. Enumerable.Range(1, count).Select(i => (float)Math.Sin(i * (seed + 0.37)))];

    /// <summary>x FP32 N×3 → softmax over the rows: each sees all the others.</summary>
    public static byte[] Across() =>
        Model(
            Graph(
                Node("Softmax", ["x"], ["y"], IntegerAttribute("axis", 0)),
                Input("x", OnnxBytes.Float, "N", 3),
                Output("y", OnnxBytes.Float, "N", 3)
            )
        );

    /// <summary>Gives a sequence.</summary>
    public static byte[] Sequence() =>
        Model(
            Graph(
                Node("SequenceConstruct", ["x", "x"], ["pair"]),
                Input("x", OnnxBytes.Float, 1),
                SequenceOutput("pair", OnnxBytes.Float)
            )
        );

    /// <summary>x BF16 1 → its number as FP32, and itself.</summary>
    public static byte[] Brain() =>
        Model(
            Graph(
                Node("Cast", ["x"], ["y"], IntegerAttribute("to", OnnxBytes.Float)),
                Node("Identity", ["x"], ["same"]),
                Input("x", BFloat16, 1),
                Output("y", OnnxBytes.Float, 1),
                Output("same", BFloat16, 1)
            )
        );

    /// <summary>Takes a type that the protocol doesn't have.</summary>
    public static byte[] FloatOfEightBits() =>
        Model(
            Graph(
                Node("Cast", ["x"], ["y"], IntegerAttribute("to", OnnxBytes.Float)),
                Input("x", Float8, 1),
                Output("y", OnnxBytes.Float, 1)
            ),
            opset: 19
        );

    /// <summary>Gives the bytes of the file "other" beside it away.</summary>
    public static byte[] Reading() =>
        Model(
            Graph(
                Node("Add", ["x", "w"], ["y"]),
                ExternalConstant("w", "other"),
                Input("x", OnnxBytes.Float, 3),
                Output("y", OnnxBytes.Float, 3)
            )
        );

    /// <summary>Adds one for ever.</summary>
    public static byte[] Endless() =>
        Model(
            Graph(
                Node(
                    "Loop",
                    ["trips", "on", "x"],
                    ["y"],
                    GraphAttribute(
                        "body",
                        Graph(
                            Node("Identity", ["go"], ["still"]),
                            Node("Add", ["v", "one"], ["next"]),
                            Constant("one", OnnxBytes.Float, [1], Raw(1f)),
                            Input("i", OnnxBytes.Int64),
                            Input("go", Bool),
                            Input("v", OnnxBytes.Float, 1),
                            Output("still", Bool),
                            Output("next", OnnxBytes.Float, 1)
                        )
                    )
                ),
                Constant("trips", OnnxBytes.Int64, [], Raw(long.MaxValue)),
                Constant("on", Bool, [], [1]),
                Input("x", OnnxBytes.Float, 1),
                Output("y", OnnxBytes.Float, 1)
            )
        );
}
