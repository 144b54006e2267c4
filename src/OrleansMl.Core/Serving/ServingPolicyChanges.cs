using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving;

/// <summary>What a change of a serving policy changed, for the audit log.</summary>
public static class ServingPolicyChanges
{
    // A policy's sections are some hundred characters; the log cuts what is longer than it takes.
    private const int MaxSection = 800;

    /// <summary>The revisions, and each changed section before and after as JSON.</summary>
    public static string Describe(long revision, ServingPolicy before, ServingPolicySnapshot after)
    {
        ArgumentNullException.ThrowIfNull(after);
        var was = JsonSerializer.SerializeToElement(before, ContractsJson.Options);
        var now = JsonSerializer.SerializeToElement(after.Policy, ContractsJson.Options);
        var changes = was.EnumerateObject()
            .Concat(now.EnumerateObject())
            .Select(section => section.Name)
            .Distinct()
            .Select(name => (Name: name, Was: Text(was, name), Now: Text(now, name)))
            .Where(section => section.Was != section.Now)
            .Select(section => $"{section.Name}: {Cut(section.Was)} -> {Cut(section.Now)}");
        return string.Join("; ", [$"revision {revision} -> {after.Revision}", .. changes]);
    }

    private static string Text(JsonElement policy, string section) =>
        policy.TryGetProperty(section, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.GetRawText()
            : "none";

    private static string Cut(string text) =>
        text.Length <= MaxSection ? text : string.Concat(text.AsSpan(0, MaxSection), "…");
}
