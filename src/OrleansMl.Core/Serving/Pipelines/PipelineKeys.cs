using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>Every key of a pipeline's document: the parser and the page in docs are read off these.</summary>
internal static class PipelineKeys
{
    public const string Model = "model";
    public const string Cascade = "cascade";
    public const string Average = "average";
    public const string Vote = "vote";
    public const string Merge = "merge";
    public const string Softmax = "softmax";
    public const string Argmax = "argmax";
    public const string Threshold = "threshold";
    public const string Scale = "scale";
    public const string Select = "select";
    public const string Constant = "constant";

    private const int MaxText = 2_000;

    private static readonly string[] Datatypes =
    [
        "BOOL",
        "UINT8",
        "UINT16",
        "UINT32",
        "UINT64",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "FP16",
        "FP32",
        "FP64",
        "BYTES",
    ];

    private static readonly TextRule Reference = new("a value, step.output or inputs.name", 500);

    private static readonly TextRule ModelReference = new(
        "a model: name, name@version or name@alias",
        201,
        "^[a-z0-9][a-z0-9._-]*(@[a-z0-9][a-z0-9._-]*)?$"
    );

    private static readonly NumberRule AnyNumber = new(-1e30, 1e30);

    private static readonly KeyRule Input = new("input", Reference, "The value it works on.")
    {
        Required = true,
    };

    private static readonly KeyRule ModelKey = new("model", ModelReference, "The model.")
    {
        Required = true,
    };

    private static readonly KeyRule Bindings = new(
        "inputs",
        new MapRule("the model's inputs", Reference, 1_000),
        "Where each of the model's inputs comes from."
    )
    {
        Unset = "the caller's input of the same name",
    };

    private static readonly KeyRule Members = new(
        "of",
        new ListRule(Reference, 2, PipelineLimits.MaxMembers),
        "The members' values, of one datatype and shape."
    )
    {
        Required = true,
    };

    private static readonly KeyRule Weights = new(
        "weights",
        new ListRule(new NumberRule(0, 1e9, aboveMinimum: true), 2, PipelineLimits.MaxMembers),
        "A weight a member, in their order."
    )
    {
        Unset = "all the same",
    };

    private static readonly ObjectRule Stage = new(
        ModelKey,
        Bindings,
        new KeyRule(
            "accept",
            new TextRule("a condition", MaxText),
            "Rows for which it holds take this stage's answer; the others go on to the next stage. All stages but the last have it."
        )
    );

    private static readonly VariantRule Step = new(
        "What the step does.",
        Model,
        [
            new KeyRule(
                "name",
                new TextRule(
                    "a name of 1 to 64 letters, digits, '_' and '-', beginning with a letter, not 'inputs'",
                    64,
                    "^[A-Za-z][A-Za-z0-9_-]*$"
                ),
                "The step's name, unique in the pipeline."
            )
            {
                Required = true,
            },
            new KeyRule(
                "when",
                new TextRule("a condition", MaxText),
                "Only rows for which it holds take the step."
            )
            {
                Unset = "every row that its inputs have",
            },
            new KeyRule(
                "otherwise",
                new TextRule("a step's name", 64),
                "Only rows that did not take that step, which has a condition, take this one."
            ),
        ],
        (Model, [ModelKey, Bindings]),
        (
            Cascade,
            [
                new KeyRule(
                    "stages",
                    new ListRule(Stage, 2, PipelineLimits.MaxMembers),
                    "Models from the cheapest to the surest."
                )
                {
                    Required = true,
                },
                new KeyRule(
                    "outputs",
                    new ListRule(new TextRule("an output's name", 200), 1, 100),
                    "Outputs that every stage's model has, of the same type."
                )
                {
                    Required = true,
                },
            ]
        ),
        (Average, [Members, Weights]),
        (Vote, [Members, Weights]),
        (
            Merge,
            [
                new KeyRule(
                    "first_of",
                    new ListRule(Reference, 2, PipelineLimits.MaxMembers),
                    "Each row comes from the first of these that has it."
                )
                {
                    Required = true,
                },
            ]
        ),
        (Softmax, [Input]),
        (
            Argmax,
            [
                Input,
                new KeyRule(
                    "labels",
                    new ListRule(new TextRule("a label", 1_000), 1, PipelineLimits.MaxValues),
                    "Gives these texts in place of numbers, one a column."
                ),
            ]
        ),
        (
            Threshold,
            [
                Input,
                new KeyRule("at", AnyNumber, "The smallest value that is true.")
                {
                    Required = true,
                },
            ]
        ),
        (
            Scale,
            [
                Input,
                new KeyRule("multiply", AnyNumber, "First multiplied by this.") { Default = 1.0 },
                new KeyRule("add", AnyNumber, "Then this is added.") { Default = 0.0 },
            ]
        ),
        (
            Select,
            [
                Input,
                new KeyRule(
                    "columns",
                    new ListRule(new IntegerRule(0, int.MaxValue), 1, PipelineLimits.MaxValues),
                    "Columns to keep, from 0, in this order."
                )
                {
                    Required = true,
                },
            ]
        ),
        (
            Constant,
            [
                new KeyRule(
                    "datatype",
                    new ChoiceRule("FP32", "FP64", "INT32", "INT64"),
                    "The values' datatype."
                )
                {
                    Default = "FP32",
                },
                new KeyRule(
                    "values",
                    new ListRule(AnyNumber, 1, PipelineLimits.MaxValues),
                    "Every row's values."
                )
                {
                    Required = true,
                },
            ]
        )
    );

    private static readonly ObjectRule DeclaredInput = new(
        new KeyRule("datatype", new ChoiceRule(Datatypes), "Its datatype.") { Required = true },
        new KeyRule(
            "shape",
            new ListRule(new IntegerRule(-1, int.MaxValue), 0, 8),
            "Its dimensions past the rows; -1 is variable."
        )
        {
            Required = true,
        }
    );

    public static ObjectRule Document { get; } =
        new(
            new KeyRule(
                "description",
                new TextRule($"a text of 1 to {MaxText} characters", MaxText),
                "What it is for."
            ),
            new KeyRule("inputs", new MapRule("names", DeclaredInput, 1_000), "What callers give.")
            {
                Unset = "what the models that use it take",
            },
            new KeyRule(
                "steps",
                new ListRule(Step, 1, PipelineLimits.MaxSteps),
                "The steps, in any order."
            )
            {
                Required = true,
            },
            new KeyRule(
                "outputs",
                new MapRule("names", Reference, 100),
                "What callers get, and which value it is."
            )
            {
                Required = true,
            },
            new KeyRule(
                "task",
                new ChoiceRule("classification", "binary", "regression", "unknown"),
                "What kind of answer the outputs are."
            )
            {
                Unset = "that of the models where they agree",
            },
            new KeyRule(
                "class_labels",
                new ListRule(new TextRule("a label", 1_000), 1, PipelineLimits.MaxValues),
                "Labels by class index."
            )
            {
                Unset = "those of the models where they agree",
            }
        );
}
