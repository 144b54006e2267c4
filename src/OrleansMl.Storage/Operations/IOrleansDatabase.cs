using System.Data.Common;

namespace OrleansMl.Storage.Operations;

/// <summary>What Orleans' AdoNet clustering, persistence and reminders are given: <c>options.Invariant</c> and <c>options.DataSource</c>.</summary>
public interface IOrleansDatabase
{
    /// <summary>The provider's name as Orleans knows it.</summary>
    string Invariant { get; }

    /// <summary>Opens connections, waiting out a short absence of the database. Owned by the container.</summary>
    DbDataSource DataSource { get; }
}
