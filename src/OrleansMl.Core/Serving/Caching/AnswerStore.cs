using OrleansMl.Contracts.Models;

namespace OrleansMl.Core.Serving.Caching;

/// <summary>
/// Kept answers, bounded by bytes: segmented least recently used. An answer that comes is on trial; the first hit makes it one of the protected,
/// which hold four fifths of the room. Answers on trial go first, so that many calls that never repeat push out none that do. Not thread-safe.
/// </summary>
internal sealed class AnswerStore(long maxBytes)
{
    private readonly Dictionary<RequestDigest, LinkedListNode<CachedAnswer>> _answers = [];
    private readonly LinkedList<CachedAnswer> _trial = new();
    private readonly LinkedList<CachedAnswer> _protected = new();
    private readonly long _maxProtected = maxBytes / 5 * 4;
    private long _protectedBytes;

    public long Bytes { get; private set; }

    public int Count => _answers.Count;

    /// <summary>Answers that went for want of room.</summary>
    public long Evictions { get; private set; }

    /// <summary>Answers that went because they were too old.</summary>
    public long Expirations { get; private set; }

    /// <summary>The answer, held once more for who takes it; null: there is none, or none any more.</summary>
    public CachedAnswer? Take(RequestDigest key, long now)
    {
        if (!_answers.TryGetValue(key, out var node))
            return null;
        if (now >= node.Value.ExpiresAt)
        {
            Expirations++;
            Remove(node);
            return null;
        }
        Promote(node);
        node.Value.Memory.Hold();
        return node.Value;
    }

    /// <summary>Keeps an answer in place of one with the same key; false when it is larger than all the room.</summary>
    public bool TryAdd(CachedAnswer answer)
    {
        if (answer.Bytes > maxBytes)
            return false;
        if (_answers.TryGetValue(answer.Key, out var there))
            Remove(there);
        while (Bytes + answer.Bytes > maxBytes)
        {
            Evictions++;
            Remove((_trial.Last ?? _protected.Last)!);
        }
        _answers[answer.Key] = _trial.AddFirst(answer);
        Bytes += answer.Bytes;
        return true;
    }

    /// <summary>Lets a version's answers go.</summary>
    public void Drop(ModelVersionId version)
    {
        foreach (var node in _answers.Values.Where(node => node.Value.Version == version).ToList())
            Remove(node);
    }

    /// <summary>Lets all go.</summary>
    public void Clear()
    {
        foreach (var node in _answers.Values.ToList())
            Remove(node);
    }

    private void Promote(LinkedListNode<CachedAnswer> node)
    {
        var answer = node.Value;
        if (!answer.IsProtected)
        {
            answer.IsProtected = true;
            _protectedBytes += answer.Bytes;
        }
        node.List!.Remove(node);
        _protected.AddFirst(node);
        while (_protectedBytes > _maxProtected && _protected.Last is { } oldest && oldest != node)
        {
            oldest.Value.IsProtected = false;
            _protectedBytes -= oldest.Value.Bytes;
            _protected.Remove(oldest);
            _trial.AddFirst(oldest);
        }
    }

    private void Remove(LinkedListNode<CachedAnswer> node)
    {
        var answer = node.Value;
        _answers.Remove(answer.Key);
        if (answer.IsProtected)
            _protectedBytes -= answer.Bytes;
        node.List!.Remove(node);
        Bytes -= answer.Bytes;
        answer.Memory.Release();
    }
}
