using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Turns measurements after a closed window into alerts that are raised, stay, or are cleared.</summary>
/// <param name="model">The model.</param>
/// <param name="standing">The alerts that stand and are judged.</param>
/// <param name="streaks">What <see cref="AlertChanges.Streaks"/> was after the window before.</param>
/// <param name="now">When.</param>
internal sealed class AlertJudge(
    string model,
    IReadOnlyList<AlertSnapshot> standing,
    IReadOnlyDictionary<string, int> streaks,
    DateTimeOffset now
)
{
    private readonly Dictionary<string, int> _streaks = [];
    private readonly List<AlertSnapshot> _stays = [];
    private readonly List<AlertSnapshot> _raised = [];
    private readonly List<AlertSnapshot> _cleared = [];

    /// <summary>Judges one measurement.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="version">The version that was measured.</param>
    /// <param name="feature">The input or output; null: the whole model.</param>
    /// <param name="value">The measurement; null: too little is known to say either way.</param>
    /// <param name="key">Names rule and what is measured, for the streak.</param>
    /// <param name="id">The id that an alert raised now would have.</param>
    public void Judge(
        AlertRule rule,
        int version,
        string? feature,
        double? value,
        string key,
        string id
    )
    {
        var streak = streaks.GetValueOrDefault(key);
        var there = standing.FirstOrDefault(a =>
            a.Rule == rule.Name && a.Feature == feature && a.Version == version
        );
        if (value is not { } measured)
        {
            if (streak > 0)
                _streaks[key] = streak;
            if (there is not null)
                _stays.Add(there);
            return;
        }
        var isPast = rule.Above is { } most ? measured > most : measured < rule.Below;
        if (!isPast)
        {
            if (there is not null)
                _cleared.Add(there with { Value = measured, ClearedAt = now });
            return;
        }
        _streaks[key] = streak + 1;
        if (there is not null)
        {
            _stays.Add(there with { Value = measured });
        }
        else if (streak + 1 >= rule.ForWindows)
        {
            var alert = new AlertSnapshot
            {
                Id = id,
                Model = model,
                Version = version,
                Rule = rule.Name,
                Measure = rule.Measure,
                Feature = feature,
                Value = measured,
                Bound = rule.Above ?? rule.Below!.Value,
                RaisedAt = now,
            };
            _stays.Add(alert);
            _raised.Add(alert);
        }
    }

    /// <summary>All together; alerts that nothing was judged for are cleared with a reason.</summary>
    public AlertChanges Changes()
    {
        _cleared.AddRange(
            standing
                .Where(a => !_stays.Any(s => s.Id == a.Id) && !_cleared.Any(c => c.Id == a.Id))
                .Select(a =>
                    a with
                    {
                        ClearedAt = now,
                        Reason = "The policy has no such rule any more.",
                    }
                )
        );
        return new AlertChanges(_stays, _raised, _cleared, _streaks);
    }
}
