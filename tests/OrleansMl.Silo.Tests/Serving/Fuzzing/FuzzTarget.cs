namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>A surface, and how its cases are made.</summary>
/// <param name="Name">As on the command line; the corpus's folder.</param>
/// <param name="Make">A request; how often it is wrong at each place where it can be, from 0.</param>
internal sealed record FuzzTarget(string Name, Func<FuzzRandom, double, FuzzCase> Make)
{
    // How often a request is wrong at a place: one that is wrong at many is refused by the first check.
    private static readonly double[] Wrongness = [0, 0, 0.05, 0.2, 0.6];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("json", HttpGrammar.Json),
        new("binary", HttpGrammar.Binary),
        new("grpc", GrpcGrammar.Call),
    ];

    /// <summary>The case of a number: made by the grammar or taken from the corpus, then changed or left as it is.</summary>
    public FuzzCase Case(ulong seed, ulong number, IReadOnlyList<FuzzCase> corpus)
    {
        var random = new FuzzRandom(seed, number);
        var request =
            corpus.Count > 0 && random.Chance(0.25)
                ? random.Pick(corpus)
                : Make(random, random.Pick(Wrongness));
        return random.Chance(0.5)
            ? Mutations.Apply(
                random,
                request,
                corpus.Count > 0 ? random.Pick(corpus) : Make(random, 0)
            )
            : request;
    }
}
