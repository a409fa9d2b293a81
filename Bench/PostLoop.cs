using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Aspire.Webhooks.Bench;

/// <summary>
/// The least that a sender can do: as many loops as it has places, each posting the same body with one HttpClient.
/// </summary>
internal static class PostLoop
{
    private const string Name = "post-loop";

    /// <summary>Posts per second from a process of its own.</summary>
    public static async Task<double> MeasureAsync(Stores stores, Uri url, int loops, TimeSpan duration)
    {
        var own = new Uri($"http://127.0.0.1:{Stores.UnusedPort()}");
        string[] arguments =
        [
            "exec", typeof(PostLoop).Assembly.Location, Name, url.ToString(), loops.ToString(CultureInfo.InvariantCulture),
            duration.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        ];
        await using var process = await ChildProcess.StartAsync(stores.Folder, Repository.Folder, "dotnet", arguments, own,
            ready: null, []);
        return double.Parse(await process.EndedAsync(), CultureInfo.InvariantCulture);
    }

    public static Command Create()
    {
        var (url, loops, seconds) = (new Argument<string>("url"), new Argument<int>("loops"), new Argument<double>("seconds"));
        var command = new Command(Name) { url, loops, seconds };
        command.Hidden = true;
        command.SetAction(result => RunAsync(new Uri(result.GetValue(url)!), result.GetValue(loops), result.GetValue(seconds)));
        return command;
    }

    /// <summary>Posts for a tenth of the time to warm up, then for the time, and writes the rate.</summary>
    private static async Task<int> RunAsync(Uri url, int loops, double seconds)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var body = Encoding.UTF8.GetBytes(SignedRequests.Body("msg_0123456789", 1024));
        await CountAsync(TimeSpan.FromSeconds(seconds / 10));
        var start = TimeProvider.System.GetTimestamp();
        var count = await CountAsync(TimeSpan.FromSeconds(seconds));
        var rate = count / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(rate.ToString(CultureInfo.InvariantCulture));
        return 0;

        async Task<long> CountAsync(TimeSpan duration)
        {
            var began = TimeProvider.System.GetTimestamp();
            return (await Task.WhenAll(Enumerable.Range(0, loops).Select(async _ =>
            {
                var posted = 0L;
                do
                {
                    using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
                    using var answer = await client.PostAsync(url, content);
                    answer.EnsureSuccessStatusCode();
                    posted++;
                }
                while (TimeProvider.System.GetElapsedTime(began) < duration);

                return posted;
            }))).Sum();
        }
    }
}
