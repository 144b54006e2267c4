using System.Text.RegularExpressions;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>docs/operations.md names everything that an operator can meet.</summary>
public sealed partial class OperationsPageTests
{
    private static readonly string Page = File.ReadAllText(
        Path.Combine(SourceTree.Root, "docs", "operations.md")
    );

    [Fact]
    public void Every_instrument_is_named()
    {
        var instruments = SourceTree
            .Files("*.cs")
            .Where(path => path.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(path =>
                Instrument().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, path)))
            )
            .Select(match => match.Groups["name"].Value)
            .Distinct()
            .ToList();
        Assert.Contains("oml.worker.attempts", instruments);
        Assert.All(
            instruments,
            name => Assert.Contains($"`{name}`", Page, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Every_outcome_and_phase_is_named() =>
        Assert.All(
            Enum.GetNames<AttemptOutcome>().Concat(Enum.GetNames<TrainingRunPhase>()),
            name => Assert.Contains($"`{name}`", Page, StringComparison.Ordinal)
        );

    [Fact]
    public void Every_error_code_of_the_gateway_stands_in_its_page()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "http-api.md"));
        var codes = House
            .Load("OrleansMl.Gateway")
            .GetType("OrleansMl.Gateway.Operations.ErrorCodes", throwOnError: true)!
            .GetFields()
            .Select(field => (string)field.GetRawConstantValue()!)
            .ToList();
        Assert.NotEmpty(codes);
        Assert.All(codes, code => Assert.Contains($"`{code}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_rule_about_names_can_fail() =>
        Assert.DoesNotContain("`oml.never.was`", Page, StringComparison.Ordinal);

    [GeneratedRegex(
        @"Create(Counter|Gauge|Histogram|UpDownCounter|ObservableGauge)<\w+>\(\s*""(?<name>[\w.]+)""",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Instrument();
}
