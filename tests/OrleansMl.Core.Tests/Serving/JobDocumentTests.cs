using CsCheck;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Tests.Training.Configuration;

namespace OrleansMl.Core.Tests.Serving;

public sealed class JobDocumentTests
{
    [Fact]
    public void The_example_is_read_whole()
    {
        Assert.True(
            JobDocument.TryParse(RepositoryFiles.Example("batch-scoring.yaml"), out var job, out _)
        );

        Assert.Equal("fashion@champion", job.Model.ToString());
        Assert.Equal(("fashion", (int?)null), (job.Dataset.Name, job.Dataset.Version));
        Assert.Equal(("test", "predicted_", "fashion-scored"), (job.Split, job.Prefix, job.Output));
        Assert.Equal(["label"], job.Keep);
    }

    [Theory]
    [InlineData("{dataset: d}", "the key 'model' is missing")]
    [InlineData("{model: m, dataset: D}", "expected a dataset")]
    [InlineData("{model: m, dataset: d@0}", "expected a dataset")]
    [InlineData("{model: m, dataset: d, split: some}", "expected one of train, validation, test")]
    [InlineData("{model: m, dataset: d, outputs: o}", "did you mean 'output'?")]
    [InlineData("{model: m, dataset: d, chunk_rows: 0}", "from 1 to 1,000,000")]
    [InlineData("{model: m, dataset: d, keep_seconds: 1}", "from 60")]
    public void What_is_wrong_is_said_with_its_place(string text, string expected)
    {
        Assert.False(JobDocument.TryParse(text, out _, out var errors));

        Assert.Contains(expected, errors[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_come_back_from_a_file_as_they_were_and_no_cut_file_is_read() =>
        Gen.Select(Gen.Byte.Array[0, 50], Gen.Byte.Array[0, 50], Gen.Int[0, 200])
            .Sample(
                (a, b, cut) =>
                {
                    InferenceTensor[] tensors = [Tensor("ä \"x\"", a), Tensor("", b)];
                    var file = TensorFile.Write(tensors);
                    var read = TensorFile.Read(file);
                    Assert.Equal(tensors.Select(t => t.Name), read.Select(t => t.Name));
                    Assert.Equal(a, read[0].Data.ToArray());
                    Assert.Equal(b, read[1].Data.ToArray());
                    Assert.Equal(tensors[1].Shape, read[1].Shape);
                    if (cut < file.Length)
                        Assert.ThrowsAny<Exception>(() => TensorFile.Read(file.AsMemory(0, cut)));
                }
            );

    private static InferenceTensor Tensor(string name, byte[] data) =>
        new()
        {
            Name = name,
            Datatype = "UINT8",
            Shape = [data.Length],
            Data = data,
        };
}
