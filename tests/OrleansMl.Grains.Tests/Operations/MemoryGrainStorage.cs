using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Contracts;

namespace OrleansMl.Grains.Tests.Operations;

/// <summary>Grain storage as the real ones: JSON by the contracts' options, refused by etag, shared by all silos of a test, failing by plan.</summary>
internal sealed class MemoryGrainStorage(FaultPlan faults) : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (byte[] Json, int Version)> _rows = new();

    public int Writes { get; private set; }

    /// <summary>Size of a grain's state as JSON; 0 when there is none.</summary>
    public int SizeOf(string grainId) =>
        _rows.TryGetValue(grainId, out var row) ? row.Json.Length : 0;

    /// <summary>Another activation, elsewhere, writes the same state: this one is out of date from now on.</summary>
    public void WriteElsewhere(string grainId) =>
        _rows.AddOrUpdate(
            grainId,
            _ => throw new InvalidOperationException(),
            (_, row) => (row.Json, row.Version + 1)
        );

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (faults.Down)
            throw new IOException("injected: the storage is down");
        if (_rows.TryGetValue(grainId.ToString(), out var row))
        {
            grainState.State = JsonSerializer.Deserialize<T>(row.Json, ContractsJson.Options)!;
            grainState.ETag = row.Version.ToString(CultureInfo.InvariantCulture);
            grainState.RecordExists = true;
        }
        else
        {
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
        }
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        faults.ApplyAsync(
            $"state {grainId}",
            () =>
            {
                var key = grainId.ToString();
                var version = Check(key, grainState.ETag) + 1;
                _rows[key] = (
                    JsonSerializer.SerializeToUtf8Bytes(grainState.State, ContractsJson.Options),
                    version
                );
                Writes++;
                grainState.ETag = version.ToString(CultureInfo.InvariantCulture);
                grainState.RecordExists = true;
                return Task.CompletedTask;
            }
        );

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        faults.ApplyAsync(
            $"clear {grainId}",
            () =>
            {
                var key = grainId.ToString();
                Check(key, grainState.ETag);
                _rows.TryRemove(key, out _);
                grainState.ETag = null;
                grainState.RecordExists = false;
                return Task.CompletedTask;
            }
        );

    private int Check(string key, string? etag)
    {
        var version = _rows.TryGetValue(key, out var row) ? row.Version : 0;
        var expected = etag is null ? 0 : int.Parse(etag, CultureInfo.InvariantCulture);
        return version == expected
            ? version
            : throw new InconsistentStateException(
                $"{key} is at version {version}, the writer expected {expected}"
            );
    }
}
