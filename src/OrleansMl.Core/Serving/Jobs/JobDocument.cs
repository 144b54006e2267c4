using System.Diagnostics.CodeAnalysis;
using OrleansMl.Contracts.Serving.Jobs;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>The definition of a batch job, YAML or JSON: a model over the rows of a dataset version.</summary>
public sealed record JobDocument
{
    private const int MaxName = 201;
    private const int DaySeconds = 24 * 60 * 60;

    internal static readonly ObjectRule Keys = new(
        new KeyRule(
            "model",
            new TextRule(
                "a model: name, name@version or name@alias",
                MaxName,
                "^[a-z0-9][a-z0-9._-]*(@[a-z0-9][a-z0-9._-]*)?$"
            ),
            "The model; an alias is resolved when the job is submitted."
        )
        {
            Required = true,
        },
        new KeyRule(
            "dataset",
            new TextRule(
                "a dataset: name, name@version or name@latest",
                MaxName,
                "^[a-z0-9][a-z0-9._-]*(@([1-9][0-9]{0,8}|latest))?$"
            ),
            "The dataset; the latest version when the job is submitted."
        )
        {
            Required = true,
        },
        new KeyRule("split", new ChoiceRule("train", "validation", "test"), "Its rows to score.")
        {
            Unset = "all rows",
        },
        new KeyRule(
            "keep",
            new ListRule(new TextRule("a column's name", 200), 0, 1_000),
            "Its columns that stand beside the outputs."
        )
        {
            Default = new List<object>(),
        },
        new KeyRule(
            "prefix",
            new TextRule("a text of 1 to 50 characters", 50),
            "Put before the outputs' names."
        )
        {
            Unset = "none",
        },
        new KeyRule(
            "output",
            new TextRule("a dataset's name", 100, "^[a-z0-9][a-z0-9._-]*$"),
            "The dataset of which the scored rows become the next version."
        )
        {
            Unset = "parts to download",
        },
        new KeyRule(
            "chunk_rows",
            new IntegerRule(1, 1_000_000),
            "Rows after which what was done is recorded."
        )
        {
            Unset = "8,192, fewer for wide rows and more for very many",
        },
        new KeyRule(
            "keep_seconds",
            new IntegerRule(60, 3_650L * DaySeconds),
            "How long what the job made is kept after its end."
        )
        {
            Unset = "the silo's OrleansMl:Jobs:KeepResults",
        }
    );

    /// <summary>The model.</summary>
    public required ModelStepReference Model { get; init; }

    /// <summary>The dataset.</summary>
    public required DatasetReference Dataset { get; init; }

    /// <summary>Its rows to score; null: all.</summary>
    public string? Split { get; init; }

    /// <summary>Columns to keep.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>Put before the outputs' names.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The dataset to make a version of.</summary>
    public string? Output { get; init; }

    /// <summary>Rows of a chunk; null: chosen.</summary>
    public int? ChunkRows { get; init; }

    /// <summary>How long what it made is kept.</summary>
    public TimeSpan? KeepFor { get; init; }

    /// <summary>Reads a definition; false with every error when something is wrong.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out JobDocument? document,
        out IReadOnlyList<ConfigurationError> errors
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        var reading = new ConfigReading(PipelineLimits.Document);
        var values = ConfigDocumentReader.Read(text, reading.Limits, reading) is { } root
            ? Keys.Read(root, "", reading) as ConfigValues
            : null;
        errors = reading.Errors();
        document = values is null || reading.Failed ? null : Bind(values);
        return document is not null;
    }

    /// <summary>The ask, with names as they stand.</summary>
    public BatchAsk ToAsk() =>
        new()
        {
            Model = Model.Model,
            Reference = Model.Reference,
            Dataset = Dataset.Name,
            DatasetVersion = Dataset.Version,
            Split = Split,
            Keep = Keep,
            Prefix = Prefix,
            Output = Output,
            ChunkRows = ChunkRows,
            KeepFor = KeepFor,
        };

    internal static JobDocument Bind(ConfigValues values)
    {
        var dataset = values.Text("dataset").Split('@');
        return new JobDocument
        {
            Model = ModelStepReference.Parse(values.Text("model"))!.Value,
            Dataset = new DatasetReference(
                dataset[0],
                dataset.Length == 1 || dataset[1] == "latest" ? null : int.Parse(dataset[1])
            ),
            Split = values.OptionalText("split"),
            Keep = values.List<string>("keep"),
            Prefix = values.OptionalText("prefix") ?? "",
            Output = values.OptionalText("output"),
            ChunkRows = (int?)values.OptionalLong("chunk_rows"),
            KeepFor = values.OptionalLong("keep_seconds") is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : null,
        };
    }
}
