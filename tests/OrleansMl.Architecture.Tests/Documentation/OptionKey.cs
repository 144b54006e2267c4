namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>A key of the configuration.</summary>
/// <param name="Path">Section and names, with colons.</param>
/// <param name="Type">What kind of value it takes.</param>
/// <param name="Default">Its default, as Markdown.</param>
/// <param name="Meaning">Its doc comment.</param>
internal sealed record OptionKey(string Path, string Type, string Default, string Meaning);
