using System.Data;
using System.Data.Common;

namespace OrleansMl.Storage.Operations;

/// <summary>Shorthand over ADO.NET commands with named parameters.</summary>
internal static class DatabaseCommands
{
    public static DbCommand CreateCommand(
        this DbConnection connection,
        string sql,
        params ReadOnlySpan<(string Name, object? Value)> parameters
    )
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is this assembly's own; values go through parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Bind(name, value);
        return command;
    }

    /// <summary>Adds a parameter; a null is a null text, because PostgreSQL wants every parameter typed.</summary>
    public static void Bind(this DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        if (value is null)
            parameter.DbType = DbType.String;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    public static async Task<int> RunAsync(
        this DbConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = connection.CreateCommand(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs one statement with many sets of values, in one round trip where the driver can.</summary>
    /// <returns>Rows changed by all.</returns>
    public static async Task<int> RunManyAsync(
        this DbConnection connection,
        string sql,
        IReadOnlyCollection<(string Name, object? Value)[]> rows,
        CancellationToken cancellationToken
    )
    {
        if (rows.Count == 0)
            return 0;
        if (!connection.CanCreateBatch)
        {
            var changed = 0;
            await using var command = connection.CreateCommand(sql);
            foreach (var row in rows)
            {
                command.Parameters.Clear();
                foreach (var (name, value) in row)
                    command.Bind(name, value);
                changed += await command.ExecuteNonQueryAsync(cancellationToken);
            }
            return changed;
        }
        await using var batch = connection.CreateBatch();
        foreach (var row in rows)
        {
            var command = batch.CreateBatchCommand();
#pragma warning disable CA2100 // The text is this assembly's own; values go through parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in row)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                if (value is null)
                    parameter.DbType = DbType.String;
                parameter.Value = value ?? DBNull.Value;
                command.Parameters.Add(parameter);
            }
            batch.BatchCommands.Add(command);
        }
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row; null without rows.</summary>
    public static async Task<object?> ScalarAsync(
        this DbConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = connection.CreateCommand(sql, parameters);
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is DBNull ? null : value;
    }

    public static async Task<List<T>> QueryAsync<T>(
        this DbConnection connection,
        string sql,
        Func<DbDataReader, T> read,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = connection.CreateCommand(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }
}
