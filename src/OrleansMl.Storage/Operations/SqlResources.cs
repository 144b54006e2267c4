using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace OrleansMl.Storage.Operations;

/// <summary>The SQL that is embedded in this assembly, by database.</summary>
internal static class SqlResources
{
    private const string KeyMark = "-- key: ";

    /// <summary>The migrations, in order: <c>0001-name.sql</c>, …</summary>
    public static IReadOnlyList<SqlMigration> Migrations(string folder) =>
        [
            .. Names(folder)
                .Where(name => char.IsAsciiDigit(name[0]))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    var sql = Read(folder, name);
                    var digest = SHA256.HashData(Encoding.UTF8.GetBytes(sql));
                    return new SqlMigration(
                        int.Parse(name.AsSpan(0, 4)),
                        name[5..^4],
                        sql,
                        Convert.ToHexStringLower(digest)
                    );
                }),
        ];

    /// <summary>The queries that Orleans' providers run, by key: each begins with a line <c>-- key: NAME</c>.</summary>
    public static IReadOnlyDictionary<string, string> OrleansQueries(string folder)
    {
        var queries = new Dictionary<string, string>();
        foreach (
            var name in Names(folder)
                .Where(name => name.StartsWith("queries-", StringComparison.Ordinal))
        )
        {
            var sections = Read(folder, name).Split(KeyMark, StringSplitOptions.RemoveEmptyEntries);
            foreach (var section in sections)
            {
                var end = section.IndexOf('\n', StringComparison.Ordinal);
                queries.Add(section[..end].Trim(), section[end..].Trim());
            }
        }
        return queries;
    }

    private static IEnumerable<string> Names(string folder)
    {
        var prefix = $"Sql/{folder}/";
        return Assembly
            .GetExecutingAssembly()
            .GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => name[prefix.Length..]);
    }

    private static string Read(string folder, string name)
    {
        using var stream = Assembly
            .GetExecutingAssembly()
            .GetManifestResourceStream($"Sql/{folder}/{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
