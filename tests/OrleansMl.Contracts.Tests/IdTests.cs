using System.Text.Json;
using CsCheck;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Contracts.Tests;

public sealed class IdTests
{
    private static readonly Gen<string> Names =
        from first in Gen.Char["abcxyz019"]
        from rest in Gen.String[Gen.Char["abcxyz019._-"], 0, ResourceName.MaxLength - 1]
        select first + rest;

    [Fact]
    public void A_model_version_reads_back_what_it_writes() =>
        Gen.Select(Names, Gen.Int[1, int.MaxValue])
            .Sample(
                (name, version) =>
                {
                    var id = new ModelVersionId(name, version);
                    return ModelVersionId.Parse(id.ToString()) == id && RoundTrip(id) == id;
                }
            );

    [Fact]
    public void A_dataset_version_reads_back_what_it_writes() =>
        Gen.Select(Names, Gen.Int[1, int.MaxValue])
            .Sample(
                (name, version) =>
                {
                    var id = new DatasetVersionId(name, version);
                    return DatasetVersionId.Parse(id.ToString()) == id && RoundTrip(id) == id;
                }
            );

    [Fact]
    public void An_artifact_id_is_the_sha256_of_its_bytes()
    {
        var id = ArtifactId.Of("abc"u8);
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", id.Hex);
        Assert.Equal(id, RoundTrip(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("churn")]
    [InlineData("churn@")]
    [InlineData("churn@0")]
    [InlineData("churn@-1")]
    [InlineData("churn@+1")]
    [InlineData("churn@ 1")]
    [InlineData("churn@99999999999")]
    [InlineData("Churn@1")]
    [InlineData("-churn@1")]
    [InlineData("a/b@1")]
    [InlineData("../b@1")]
    [InlineData("@1")]
    public void Text_that_is_no_version_is_refused_with_the_form_that_is_expected(string text)
    {
        Assert.False(ModelVersionId.TryParse(text, null, out _));
        var error = Assert.Throws<FormatException>(() => ModelVersionId.Parse(text));
        Assert.Contains("name@version", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("ba78")]
    [InlineData("../../../../../../../../../../../../../../../../../../etc/passwd0")]
    public void Text_that_is_no_digest_is_no_artifact_id(string text) =>
        Assert.Throws<FormatException>(() => ArtifactId.Parse(text));

    [Fact]
    public void A_name_of_101_characters_is_refused_naming_the_limit()
    {
        var error = Assert.Throws<FormatException>(() => new TrainingRunId(new string('a', 101)));
        Assert.Contains("1 to 100 characters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_keys_of_json_objects_too()
    {
        var byId = new Dictionary<ModelVersionId, int> { [new("churn", 7)] = 1 };
        var json = JsonSerializer.Serialize(byId, ContractsJson.Options);
        Assert.Equal("""{"churn@7":1}""", json);
        Assert.Equal(
            byId,
            JsonSerializer.Deserialize<Dictionary<ModelVersionId, int>>(json, ContractsJson.Options)
        );
    }

    private static T? RoundTrip<T>(T value) =>
        JsonSerializer.Deserialize<T>(
            JsonSerializer.Serialize(value, ContractsJson.Options),
            ContractsJson.Options
        );
}
