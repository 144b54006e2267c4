using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Serving.Events;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving.Events;

public sealed class PostgreSqlEventsTests(PostgresServer postgres)
    : EventsContract(DatabaseProvider.PostgreSql, postgres)
{
    [Fact]
    public async Task Another_process_hears_of_what_is_published()
    {
        await using var other = Db.Build();
        var signals = other.GetRequiredService<EventSignals>();
        var listener = other.GetServices<IHostedService>().OfType<EventListener>().Single();
        await Db.Get<IEventLog>().PutTopicAsync("news", TopicSpec.Default, Token);
        var listening = signals.NextAsync("news");
        await listener.StartAsync(Token);
        await listening;
        var heard = signals.NextAsync("news");

        await Db.Get<IEventLog>().PublishAsync("news", [Message("1")], Token);

        await heard.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
        await listener.StopAsync(Token);
    }
}
