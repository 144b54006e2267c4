using System.Text;
using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Tests.Training.Configuration;

/// <summary>Documents made to hurt: each is refused with an error, quickly and without using memory.</summary>
public sealed class TrainingConfigLimitsTests
{
    [Fact]
    public void A_document_over_a_mebibyte_is_refused_unread()
    {
        var yaml = "model: " + new string('m', 1024 * 1024);

        var error = Assert.Throws<InvalidInputException>(() => TrainingConfigParser.Parse(yaml));

        Assert.Contains(
            "the document has 1,048,583 bytes, at most 1,048,576 are allowed",
            error.Message
        );
    }

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        var yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            var uses = string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10));
            yaml.Append($"a{i}: &a{i} [{uses}]\n");
        }

        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingConfigParser.Parse(yaml.ToString())
        );

        Assert.Contains("more than 100,000 nodes, with every alias written out", error.Message);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(100_000)]
    public void Nesting_too_deep_is_refused(int depth)
    {
        var yaml = "model: " + new string('[', depth) + new string(']', depth);

        var error = Assert.Throws<InvalidInputException>(() => TrainingConfigParser.Parse(yaml));

        Assert.Contains("the nesting is deeper than 32 levels", error.Message);
    }

    [Fact]
    public void Nesting_through_aliases_is_counted_too()
    {
        var yaml = new StringBuilder("a0: &a0 [x]\n");
        for (var i = 1; i < 40; i++)
            yaml.Append($"a{i}: &a{i} [*a{i - 1}]\n");

        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingConfigParser.Parse(yaml.ToString())
        );

        Assert.Contains("with this alias the nesting is deeper than 32 levels", error.Message);
    }

    [Fact]
    public void A_list_of_too_many_layers_is_refused()
    {
        var hidden = string.Join(", ", Enumerable.Repeat("8", 65));

        var error = Assert.Throws<InvalidInputException>(() =>
            TrainingConfigParser.Parse(
                RepositoryFiles
                    .Example("iris-mlp.yaml")
                    .Replace("hidden: [16, 16]", $"hidden: [{hidden}]")
            )
        );

        Assert.Contains("expected a list of 0 to 64 values", error.Message);
    }

    [Fact]
    public void Any_damage_to_a_document_gives_a_config_or_errors_and_nothing_else()
    {
        var originals = RepositoryFiles
            .Examples()
            .Select(e => RepositoryFiles.Example(e.Data))
            .ToArray();
        var alphabet = "{}[]:,-#&*!|>'\"%@`? \n\tae019.~\u00e9\u2028\ud800\0".ToCharArray();
        Gen.Select(
                Gen.Int[0, originals.Length - 1].Select(i => originals[i]),
                Gen.Select(
                    Gen.Int[0, 3000],
                    Gen.Int[0, alphabet.Length - 1].Select(i => alphabet[i]),
                    Gen.Int[0, 2]
                ).Array[1, 6]
            )
            .Sample(
                (original, edits) =>
                {
                    var text = new StringBuilder(original);
                    foreach (var (at, character, kind) in edits)
                    {
                        var place = at % text.Length;
                        if (kind == 0)
                            text.Insert(place, character);
                        else if (kind == 1)
                            text[place] = character;
                        else
                            text.Remove(place, Math.Min(at % 7, text.Length - place - 1));
                    }

                    var parsed = TrainingConfigParser.TryParse(
                        text.ToString(),
                        out var config,
                        out var errors
                    );

                    Assert.Equal(parsed, config is not null);
                    Assert.Equal(parsed, errors.Count == 0);
                    Assert.All(errors, e => Assert.True(e.Line >= 1 && e.Column >= 1));
                },
                iter: 3_000
            );
    }
}
