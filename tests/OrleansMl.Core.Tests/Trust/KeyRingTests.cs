using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Core.Tests.Trust;

public sealed class KeyRingTests
{
    private readonly FakeTimeProvider _time = new();

    private KeyRing Ring() => new(_time, Options.Create(new KeyRingOptions()));

    private static ApiKeyRing Of(long revision, params string[] secrets) =>
        new()
        {
            Revision = revision,
            Keys =
            [
                .. secrets.Select(secret => new ApiKeyCredential
                {
                    Digest = ApiKeyText.Digest(secret),
                    Key = new ApiKeySnapshot
                    {
                        Id = secret,
                        Name = secret,
                        Roles = [AccessRole.Reader],
                        Models = ["*"],
                        CreatedAt = DateTimeOffset.UnixEpoch,
                    },
                }),
            ],
        };

    private static KeyRingEntry? Find(KeyRing ring, string secret)
    {
        Span<byte> digest = stackalloc byte[32];
        ApiKeyText.Hash(secret, digest);
        return ring.Find(digest);
    }

    [Fact]
    public void An_older_copy_never_brings_a_key_back()
    {
        var ring = Ring();
        ring.Apply(Of(2, "a"), _time.GetTimestamp());
        ring.Apply(Of(1, "a", "b"), _time.GetTimestamp());

        Assert.NotNull(Find(ring, "a"));
        Assert.Null(Find(ring, "b"));
        Assert.Equal(2, ring.Revision);
    }

    [Fact]
    public void A_copy_is_believed_for_its_time_and_a_new_look_renews_it()
    {
        var ring = Ring();
        Assert.True(ring.IsStale);
        ring.Apply(Of(1, "a"), _time.GetTimestamp());
        Assert.False(ring.IsStale);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(ring.IsStale);
        ring.Apply(Of(1, "a"), _time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(ring.IsStale);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(ring.IsStale);
    }

    [Fact]
    public void A_secret_of_another_length_or_case_is_another()
    {
        var ring = Ring();
        ring.Apply(Of(1, "oml_a_S"), _time.GetTimestamp());

        foreach (var wrong in new[] { "oml_a_s", "oml_a_S ", "", new string('x', 5000) })
            Assert.Null(Find(ring, wrong));
    }

    [Fact]
    public void New_keys_differ_and_carry_their_id()
    {
        var id = ApiKeyText.NewId();
        var keys = Enumerable.Range(0, 100).Select(_ => ApiKeyText.NewKey(id)).ToList();

        Assert.Equal(100, keys.Distinct().Count());
        Assert.All(keys, key => Assert.StartsWith($"oml_{id}_", key, StringComparison.Ordinal));
        Assert.All(keys, key => Assert.Equal(56, key.Length));
    }

    [Theory]
    [InlineData("fashion", "fashion", true)]
    [InlineData("fashion", "fashion2", false)]
    [InlineData("team-*", "team-a", true)]
    [InlineData("team-*", "xteam-a", false)]
    [InlineData("*", "anything", true)]
    [InlineData("*-prod", "a-prod", true)]
    public void Patterns_permit_what_they_name(string pattern, string model, bool permitted) =>
        Assert.Equal(permitted, new ModelPatterns([pattern]).Permit(model));

    [Fact]
    public void No_pattern_permits_nothing_and_wrong_ones_are_named()
    {
        Assert.False(new ModelPatterns([]).Permit("m"));
        Assert.Single(ModelPatterns.Problems([]));
        Assert.Contains(
            "'A'",
            Assert.Single(ModelPatterns.Problems(["ok-*", "A"])),
            StringComparison.Ordinal
        );
    }
}
