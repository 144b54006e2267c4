using System.Globalization;
using System.Text.Json.Nodes;
using NJsonSchema;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Tests.Training.Configuration;

public sealed class TrainingConfigSchemaTests
{
    public static TheoryData<string> Examples => RepositoryFiles.Examples();

    [Fact]
    public void The_published_schema_is_what_the_parser_reads() =>
        RepositoryFiles.AssertGenerated(
            RepositoryFiles.PathOf("docs", "schema", "training-run.schema.json"),
            TrainingConfigSchema.ToJson()
        );

    [Fact]
    public void The_reference_in_the_documentation_is_what_the_parser_reads()
    {
        const string Begin = "<!-- keys: generated -->\n";
        const string End = "<!-- end of keys -->";
        var path = RepositoryFiles.PathOf("docs", "training.md");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = text.IndexOf(End, StringComparison.Ordinal);

        RepositoryFiles.AssertGenerated(
            path,
            text[..from] + TrainingConfigReference.ToMarkdown() + text[to..]
        );
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Every_example_is_valid_by_the_parser_and_by_the_schema(string example)
    {
        var yaml = RepositoryFiles.Example(example);

        var parsed = TrainingConfigParser.TryParse(yaml, out _, out var errors);

        Assert.True(parsed, string.Join('\n', errors));
        Assert.Empty(await ValidateAsync(yaml));
    }

    [Theory]
    [InlineData("name: image", "nmae: image")]
    [InlineData("type: image", "type: picture")]
    [InlineData("type: cnn", "type: rnn")]
    [InlineData("channels: [16, 32]", "channels: 16")]
    [InlineData("channels: [16, 32]", "channels: []")]
    [InlineData("channels: [16, 32]", "channels: [16, 1000000000]")]
    [InlineData("channels: [16, 32]", "channels: [16, 1.5]")]
    [InlineData("channels: [16, 32]", "channels: [16, 32], blocks: 2")]
    [InlineData("hidden: [128]", "hidden: [1000000000]")]
    [InlineData("batch_norm: true", "batch_norm: yes")]
    [InlineData("batch_norm: true", "batch_norm: \"true\"")]
    [InlineData("epochs: 3", "epochs: 0")]
    [InlineData("epochs: 3", "epochs: three")]
    [InlineData("epochs: 3", "epochs: \"3\"")]
    [InlineData("epochs: 3", "epochs: ")]
    [InlineData("learning_rate: 0.005", "learning_rate: 0")]
    [InlineData("learning_rate: 0.005", "learning_rate: -1")]
    [InlineData("learning_rate: 0.005", "learning_rate: 0.005, momentum: 0.9")]
    [InlineData("seed: 42", "seed: -42")]
    [InlineData("model: fashion", "model: Fashion")]
    [InlineData("model: fashion", "model: 7")]
    [InlineData("dataset: fashion", "dataset: fashion@0")]
    [InlineData("dataset: fashion", "dataset: fashion@newest")]
    [InlineData("model: fashion", "modell: fashion")]
    [InlineData("keep: 2", "keep: 101")]
    [InlineData("alias: champion", "alias: Champion!")]
    public async Task What_is_wrong_fails_in_the_parser_and_in_the_schema(string from, string to)
    {
        var yaml = FlowStyled(RepositoryFiles.Example("fashion-cnn.yaml")).Replace(from, to);
        Assert.Contains(to, yaml);

        var parsed = TrainingConfigParser.TryParse(yaml, out var config, out var errors);

        Assert.False(parsed);
        Assert.Null(config);
        Assert.NotEmpty(errors);
        Assert.NotEmpty(await ValidateAsync(yaml));
    }

    [Fact]
    public async Task Every_default_in_the_schema_is_allowed_by_it()
    {
        var schema = JsonNode.Parse(TrainingConfigSchema.ToJson())!;
        var checkedDefaults = 0;
        foreach (var node in Descend(schema).OfType<JsonObject>())
        {
            if (node["default"] is not { } value || !node.ContainsKey("description"))
                continue;
            var rule = await JsonSchema.FromJsonAsync(
                node.ToJsonString(),
                TestContext.Current.CancellationToken
            );
            Assert.Empty(rule.Validate(value.ToJsonString()));
            checkedDefaults++;
        }
        Assert.True(checkedDefaults > 50);
    }

    /// <summary>Puts the encoder on one line, so that the cases above can add keys with commas.</summary>
    private static string FlowStyled(string yaml)
    {
        var start = yaml.IndexOf("    encoder:", StringComparison.Ordinal);
        var end = yaml.IndexOf("output_features", StringComparison.Ordinal);
        return yaml[..start]
            + "    encoder: { type: cnn, channels: [16, 32], batch_norm: true, hidden: [128] }\n"
            + yaml[end..];
    }

    private static IEnumerable<JsonNode> Descend(JsonNode node) =>
        node switch
        {
            JsonObject o => o.Where(p => p.Value is not null && p.Key != "default")
                .SelectMany(p => Descend(p.Value!))
                .Prepend(node),
            JsonArray a => a.SelectMany(i => Descend(i!)).Prepend(node),
            _ => [node],
        };

    private static async Task<IEnumerable<NJsonSchema.Validation.ValidationError>> ValidateAsync(
        string yaml
    )
    {
        var schema = await JsonSchema.FromJsonAsync(
            TrainingConfigSchema.ToJson(),
            TestContext.Current.CancellationToken
        );
        var reading = new ConfigReading(TrainingConfigLimits.Default);
        var root = ConfigDocumentReader.Read(yaml, TrainingConfigLimits.Default, reading);
        return schema.Validate(ToJson(root!)?.ToJsonString() ?? "null");
    }

    private static JsonNode? ToJson(ConfigNode node) =>
        node switch
        {
            ConfigMapping m => new JsonObject(
                m.Entries.Select(e => KeyValuePair.Create(e.Key.Text, ToJson(e.Value)))
            ),
            ConfigSequence s => new JsonArray([.. s.Items.Select(ToJson)]),
            ConfigScalar { IsNull: true } => null,
            ConfigScalar { Boolean: { } flag } => flag,
            ConfigScalar { Number: { } } scalar
                when long.TryParse(scalar.Text, CultureInfo.InvariantCulture, out var whole) =>
                whole,
            ConfigScalar { Number: { } number } => number,
            ConfigScalar scalar => scalar.Text,
            _ => throw new ArgumentException($"unknown node {node}", nameof(node)),
        };
}
