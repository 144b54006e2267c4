using OrleansMl.Engines.Onnx.Tests.Serving;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>A model whose outputs are its inputs.</summary>
/// <param name="Name">The model's.</param>
/// <param name="Inputs">Its inputs; each has an output of the same form, with <c>_out</c> behind the name.</param>
/// <param name="Labels">Names of classes.</param>
internal sealed record EchoModel(string Name, EchoInput[] Inputs, params string[] Labels)
{
    // ONNX's numbers of the protocol's datatypes.
    private static readonly (string Datatype, int Type)[] Types =
    [
        ("BOOL", 9),
        ("UINT8", 2),
        ("UINT16", 4),
        ("UINT32", 12),
        ("UINT64", 13),
        ("INT8", 3),
        ("INT16", 5),
        ("INT32", 6),
        ("INT64", 7),
        ("FP16", 10),
        ("FP32", 1),
        ("FP64", 11),
        ("BYTES", 8),
    ];

    public static IReadOnlyList<string> Datatypes { get; } =
    [.. Types.Select(type => type.Datatype)];

    public static IReadOnlyList<EchoModel> All { get; } =
    [
        .. Datatypes.Select(datatype => new EchoModel(
            $"echo-{datatype.ToLowerInvariant()}",
            [new("x", datatype, -1)]
        )),
        new("grid", [new("x", "FP32", -1, 3)], "a", "b", "c"),
        new("pair", [new("x", "FP32", -1, 2), new("k", "INT64", -1)]),
        new("open", [new("x", "FP64", -1, -1)]),
        new("image", [new("x", "UINT8", -1, 2, 2)]),
        new("texts", [new("t", "BYTES", -1, 1), new("b", "BOOL", -1)]),
        new("fixed", [new("x", "INT32", 2, 3)]),
        new("scalar", [new("x", "FP32")]),
    ];

    /// <summary>Brings it into the cluster as a client would.</summary>
    public async Task ImportAsync(InnerServer server)
    {
        var labels = string.Concat(
            Labels.Select((label, i) => $"{(i == 0 ? '?' : '&')}label={label}")
        );
        using var request = new InnerRequest(
            "POST",
            $"/api/v1/models/{Name}/import{labels}",
            [],
            OnnxBytes.Model(
                OnnxBytes.Graph([
                    .. Inputs.Select(input =>
                        OnnxBytes.Node("Identity", [input.Name], [$"{input.Name}_out"])
                    ),
                    .. Inputs.Select(input =>
                        OnnxBytes.Input(input.Name, TypeOf(input.Datatype), Shape(input))
                    ),
                    .. Inputs.Select(input =>
                        OnnxBytes.Output($"{input.Name}_out", TypeOf(input.Datatype), Shape(input))
                    ),
                ])
            ),
            isHttp2: false
        );
        await server.RunAsync(request.All);
        await request.EndAsync();
        if (request.StatusCode != 201)
            throw new InvalidOperationException(
                $"{Name} was not imported: {System.Text.Encoding.UTF8.GetString(request.Answer.Span)}"
            );
    }

    private static int TypeOf(string datatype) =>
        Types.First(type => type.Datatype == datatype).Type;

    private static object[] Shape(EchoInput input) =>
        [
            .. input.Shape.Select(
                (dimension, i) => dimension < 0 ? (object)$"{input.Name}{i}" : dimension
            ),
        ];
}
