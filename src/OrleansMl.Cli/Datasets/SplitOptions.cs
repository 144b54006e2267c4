using System.CommandLine;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Cli.Datasets;

/// <summary>Options that say how rows are split; none given leaves the policy to the gateway.</summary>
internal sealed class SplitOptions
{
    private readonly Option<string?> _kind = new("--split-by")
    {
        Description =
            "hash (of the row and the seed: the default), random (by the seed), or a column's name that gives each row's split.",
        HelpName = "hash|random|COLUMN",
    };

    private readonly Option<long?> _seed = new("--seed") { Description = "Seed of the split." };

    private readonly Option<double?> _validation = new("--validation")
    {
        Description = "Share of the rows that validate.",
    };

    private readonly Option<double?> _test = new("--test")
    {
        Description = "Share of the rows that test; unused when the files name their test rows.",
    };

    private readonly Option<string?> _stratify = new("--stratify")
    {
        Description = "Column whose values keep their shares in every split.",
        HelpName = "COLUMN",
    };

    public void AddTo(Command command)
    {
        command.Add(_kind);
        command.Add(_seed);
        command.Add(_validation);
        command.Add(_test);
        command.Add(_stratify);
    }

    public SplitPolicy? Read(ParseResult arguments)
    {
        var kind = arguments.GetValue(_kind);
        var seed = arguments.GetValue(_seed);
        var validation = arguments.GetValue(_validation);
        var test = arguments.GetValue(_test);
        var stratify = arguments.GetValue(_stratify);
        if (kind is null && seed is null && validation is null && test is null && stratify is null)
            return null;
        var policy = new SplitPolicy();
        return policy with
        {
            Kind = kind switch
            {
                null or "hash" => SplitKind.Hash,
                "random" => SplitKind.Random,
                _ => SplitKind.Given,
            },
            Column = kind is null or "hash" or "random" ? null : kind,
            Seed = seed ?? policy.Seed,
            Validation = validation ?? policy.Validation,
            Test = test ?? policy.Test,
            StratifyBy = stratify,
        };
    }
}
