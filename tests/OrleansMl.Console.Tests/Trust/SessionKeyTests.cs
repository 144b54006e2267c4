using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Console.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Console.Tests.Trust;

public sealed class SessionKeyTests
{
    private static readonly ClusterKey First = new(
        "k1",
        RandomNumberGenerator.GetBytes(32),
        default
    );
    private static readonly ClusterKey Second = new(
        "k2",
        RandomNumberGenerator.GetBytes(32),
        default
    );

    [Fact]
    public async Task What_one_silo_protects_another_of_the_cluster_reads_and_no_other_cluster()
    {
        await using var one = await StartAsync(new Keys(First));
        await using var two = await StartAsync(new Keys(First));
        await using var stranger = await StartAsync(new Keys(Second));

        var text = Protector(one).Protect([1, 2, 3]);

        Assert.Equal([1, 2, 3], Protector(two).Unprotect(text));
        Assert.Throws<CryptographicException>(() => Protector(stranger).Unprotect(text));
    }

    [Fact]
    public async Task A_new_secret_protects_and_the_old_one_still_reads()
    {
        var keys = new Keys(First);
        await using var silo = await StartAsync(keys);
        var old = Protector(silo).Protect([1]);

        keys.Secrets = [Second, First];
        await silo.GetRequiredService<ClusterKeyRepository>()
            .StartingAsync(TestContext.Current.CancellationToken);

        Assert.Equal([1], Protector(silo).Unprotect(old));
        await using var later = await StartAsync(new Keys(Second));
        // The ring of keys is read anew behind the first use after the change.
        while (!CanRead(Protector(later), Protector(silo).Protect([2])))
            await Task.Yield();
        Assert.Equal([2], Protector(later).Unprotect(Protector(silo).Protect([2])));
    }

    private static bool CanRead(IDataProtector protector, byte[] text)
    {
        TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        try
        {
            protector.Unprotect(text);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static IDataProtector Protector(IServiceProvider silo) =>
        silo.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    private static async Task<ServiceProvider> StartAsync(IClusterKeys keys)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        services.AddSingleton(keys);
        services.AddOrleansMlConsole();
        var provider = services.BuildServiceProvider();
        await provider
            .GetRequiredService<ClusterKeyRepository>()
            .StartingAsync(TestContext.Current.CancellationToken);
        Assert.IsType<ClusterKeyManager>(provider.GetRequiredService<IKeyManager>());
        return provider;
    }

    private sealed class Keys(ClusterKey key) : IClusterKeys
    {
        public IReadOnlyList<ClusterKey> Secrets { get; set; } = [key];

        public Task<IReadOnlyList<ClusterKey>> ReadAsync(CancellationToken cancellationToken) =>
            Task.FromResult(Secrets);

        public Task<string?> AddAsync(string newest, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
