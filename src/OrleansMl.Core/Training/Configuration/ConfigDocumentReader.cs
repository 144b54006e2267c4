using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>
/// Reads one YAML document into nodes that know their places. It holds the limits on size, depth and aliases, and refuses
/// what would make the meaning unclear: keys twice, several documents, tags.
/// </summary>
internal sealed class ConfigDocumentReader
{
    private readonly TrainingConfigLimits _limits;
    private readonly ConfigReading _reading;
    private readonly Dictionary<string, ConfigNode> _anchors = [];
    private long _nodes;
    private int _line = 1;
    private int _column = 1;

    private ConfigDocumentReader(TrainingConfigLimits limits, ConfigReading reading)
    {
        _limits = limits;
        _reading = reading;
    }

    /// <summary>The document's root, or null when errors were reported that leave nothing to look at.</summary>
    public static ConfigNode? Read(string yaml, TrainingConfigLimits limits, ConfigReading reading)
    {
        var bytes = Encoding.UTF8.GetByteCount(yaml);
        if (bytes > limits.MaxDocumentBytes)
        {
            reading.Report(
                1,
                1,
                "",
                $"the document has {bytes:N0} bytes, at most {limits.MaxDocumentBytes:N0} are allowed."
            );
            return null;
        }

        var reader = new ConfigDocumentReader(limits, reading);
        try
        {
            return reader.ReadStream(new Parser(new StringReader(yaml)));
        }
        catch (StopReadingException stop)
        {
            reading.Report(stop.Line, stop.Column, "", stop.Message);
            return null;
        }
        catch (YamlException e)
        {
            var (line, column) = Place(e.Start);
            reading.Report(line, column, "", $"this is no well-formed YAML: {Tidy(e.Message)}");
            return null;
        }
        catch (Exception e)
            when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // YamlDotNet's scanner gives up on some malformed documents without an error of its own.
            reading.Report(
                reader._line,
                reader._column,
                "",
                "this is no well-formed YAML somewhere after this place."
            );
            return null;
        }
    }

    private static string Tidy(string message)
    {
        // YamlDotNet puts the place in front in its ToString only, but some messages span lines.
        var text = message.ReplaceLineEndings(" ").Trim();
        return text.EndsWith('.') ? text : text + ".";
    }

    private ConfigNode? ReadStream(Parser parser)
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            _reading.Report(
                1,
                1,
                "",
                "the document is empty; expected a mapping with name, model, dataset, input_features and output_features."
            );
            return null;
        }
        parser.Consume<DocumentStart>();
        var root = ReadNode(parser, 0);
        parser.Consume<DocumentEnd>();
        if (!parser.TryConsume<StreamEnd>(out _) && parser.Current is { } next)
        {
            var (line, column) = Place(next.Start);
            _reading.Report(
                line,
                column,
                "",
                "a second document begins here; a configuration is one document, so remove the '---' and what follows."
            );
            return null;
        }
        return root;
    }

    private ConfigNode ReadNode(Parser parser, int depth)
    {
        var (line, column) = Place(parser.Current!.Start);
        (_line, _column) = (line, column);
        if (depth > _limits.MaxDepth)
        {
            throw new StopReadingException(
                line,
                column,
                $"the nesting is deeper than {_limits.MaxDepth} levels."
            );
        }
        Count(1, line, column);

        if (parser.TryConsume<AnchorAlias>(out var alias))
            return Resolve(alias, depth, line, column);

        if (parser.Current is NodeEvent { Tag.IsEmpty: false } tagged)
        {
            throw new StopReadingException(
                line,
                column,
                $"the tag '{tagged.Tag}' has no meaning here; write the plain value."
            );
        }

        ConfigNode node;
        AnchorName anchor;
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            anchor = scalar.Anchor;
            node = ToScalar(scalar);
        }
        else if (parser.TryConsume<SequenceStart>(out var sequence))
        {
            anchor = sequence.Anchor;
            var items = new List<ConfigNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(ReadNode(parser, depth + 1));
            node = new ConfigSequence(line, column, items);
        }
        else
        {
            anchor = parser.Consume<MappingStart>().Anchor;
            node = ReadMapping(parser, depth, line, column);
        }

        // Registered only now that it is complete: an alias inside its own anchor finds nothing.
        if (!anchor.IsEmpty)
            _anchors[anchor.Value] = node;
        return node;
    }

    private ConfigMapping ReadMapping(Parser parser, int depth, int line, int column)
    {
        var entries = new List<KeyValuePair<ConfigScalar, ConfigNode>>();
        var places = new Dictionary<string, ConfigScalar>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(parser, depth + 1);
            var value = ReadNode(parser, depth + 1);
            if (key is not ConfigScalar name)
            {
                _reading.Report(
                    key.Line,
                    key.Column,
                    "",
                    $"a key must be a single word, got {key.Kind}."
                );
            }
            else if (places.TryGetValue(name.Text, out var first))
            {
                _reading.Report(
                    name.Line,
                    name.Column,
                    "",
                    $"the key '{name.Text}' is there twice, first on line {first.Line}; remove one."
                );
            }
            else
            {
                places.Add(name.Text, name);
                entries.Add(new(name, value));
            }
        }
        return new ConfigMapping(line, column, entries);
    }

    private ConfigNode Resolve(AnchorAlias alias, int depth, int line, int column)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
        {
            throw new StopReadingException(
                line,
                column,
                $"the alias '*{alias.Value}' refers to no anchor that ends before it."
            );
        }
        Count(node.Size, line, column);
        if (depth + node.Depth > _limits.MaxDepth)
        {
            throw new StopReadingException(
                line,
                column,
                $"with this alias the nesting is deeper than {_limits.MaxDepth} levels."
            );
        }
        return node;
    }

    private void Count(long nodes, int line, int column)
    {
        _nodes += nodes;
        if (_nodes > _limits.MaxNodes)
        {
            throw new StopReadingException(
                line,
                column,
                $"the document has more than {_limits.MaxNodes:N0} nodes, with every alias written out."
            );
        }
    }

    private static ConfigScalar ToScalar(Scalar scalar)
    {
        var (line, column) = Place(scalar.Start);
        return new ConfigScalar(line, column, scalar.Value, scalar.Style is not ScalarStyle.Plain);
    }

    private static (int Line, int Column) Place(Mark mark) =>
        ((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    /// <summary>Ends the reading: what follows can't be made sense of, or would cost too much.</summary>
    private sealed class StopReadingException(int line, int column, string message)
        : Exception(message)
    {
        public int Line => line;

        public int Column => column;
    }
}
