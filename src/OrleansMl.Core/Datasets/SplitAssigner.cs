using System.Globalization;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>
/// Puts rows into splits, one after another, by a policy. With a column to stratify by, every value of it keeps its shares
/// to within one row in every split and after every row; else by the row's hash, or by a random sequence over positions.
/// Not thread-safe.
/// </summary>
public sealed class SplitAssigner
{
    private readonly SplitKind _kind;
    private readonly ulong _seed;
    private readonly double _test;
    private readonly double _validation;
    private readonly StratifiedSplits? _strata;
    private ulong _position;

    /// <summary>Makes an assigner.</summary>
    /// <param name="policy">A policy that passes <see cref="Check"/>; Given without a column to stratify by has nothing to assign.</param>
    /// <param name="testGiven">The source names its test rows: those assigned here are only trained on or validate.</param>
    /// <param name="rowsBefore">Rows of the version appended to, so that a random sequence goes on where it ended.</param>
    /// <param name="statisticsBefore">Statistics of the version appended to, so that strata go on from the counts that they have.</param>
    public SplitAssigner(
        SplitPolicy policy,
        bool testGiven = false,
        long rowsBefore = 0,
        IReadOnlyList<SplitStatistics>? statisticsBefore = null
    )
    {
        Check(policy);
        _kind = policy.Kind;
        _seed = Mix((ulong)policy.Seed);
        _test = testGiven ? 0 : policy.Test;
        _validation = policy.Validation;
        _position = (ulong)rowsBefore;
        if (policy.StratifyBy is { } column)
        {
            _strata = new StratifiedSplits(1 - _test - _validation, _validation, _test, _seed);
            foreach (var split in statisticsBefore ?? [])
                if (
                    DatasetSplits.TryParse(split.Split, out var number)
                    && !(testGiven && number == DatasetSplits.Test)
                )
                    foreach (var known in split.Columns.Where(c => c.Column == column))
                    foreach (var value in known.Values)
                        _strata.AddKnown(value.Value, number, value.Count);
        }
    }

    /// <summary>Refuses shares that can't be: below 0, or that leave nothing to train on.</summary>
    /// <exception cref="InvalidInputException">The message names the key, what was expected and what came.</exception>
    public static void Check(SplitPolicy policy)
    {
        CheckShare("validation", policy.Validation);
        CheckShare("test", policy.Test);
        if (policy.Validation + policy.Test >= 1)
            throw new InvalidInputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"splits: validation {policy.Validation} and test {policy.Test} leave no rows to train on; expected a sum below 1."
                )
            );
        if (!Enum.IsDefined(policy.Kind))
            throw new InvalidInputException(
                $"splits: expected the kind hash, random or given, got {(int)policy.Kind}."
            );
        if (policy.Column is not null && policy.Kind != SplitKind.Given)
            throw new InvalidInputException(
                $"splits: the column '{policy.Column}' names the split only with the kind given, got {policy.Kind}; set the kind to given or leave the column out."
            );
        if (policy.StratifyBy is not null && policy.Kind == SplitKind.Given)
            throw new InvalidInputException(
                $"splits: stratifyBy '{policy.StratifyBy}' has no use with the kind given; leave one of them out."
            );
    }

    /// <summary>The next row's split: 0 train, 1 validation, 2 test.</summary>
    /// <param name="rowHash">A hash of the row's content; used by the hash policy alone.</param>
    /// <param name="stratum">The row's value of the column to stratify by, empty when it is missing; used when stratifying.</param>
    public byte Assign(ulong rowHash, ReadOnlySpan<char> stratum)
    {
        var position = _position++;
        if (_strata is not null)
            return _strata.Assign(stratum);
        var u = ToUnit(_kind == SplitKind.Hash ? Mix(rowHash ^ _seed) : Mix(position + _seed));
        if (u < _test)
            return DatasetSplits.Test;
        return u < _test + _validation ? DatasetSplits.Validation : DatasetSplits.Train;
    }

    // The finalizer of SplitMix64 over a Weyl sequence: neighbouring inputs give unrelated outputs.
    internal static ulong Mix(ulong z)
    {
        z = unchecked((z + 1) * 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }

    private static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    private static void CheckShare(string key, double share)
    {
        if (!(share >= 0 && share < 1))
            throw new InvalidInputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"splits.{key}: expected a share from 0 to below 1, got {share}."
                )
            );
    }
}
