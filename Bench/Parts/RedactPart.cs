using System.Globalization;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Bench.Parts;

/// <summary>How fast text without secrets is found to have none, on one core.</summary>
internal static class RedactPart
{
    public static Part Create() =>
        new("redact", "Redaction on one thread, with as many configured secrets as a service has.", RunAsync);

    private static Task RunAsync(Measurement measurement)
    {
        var redactor = new Redactor(Enumerable.Range(0, 20).Select(number => $"configured-secret-number-{number:00}"));
        (string Name, string Text, double? Target)[] texts =
        [
            ("clean JSON, 1 KiB", SignedRequests.Body("evt_0123456789", 1024), 200),
            ("clean JSON, 64 KiB of many fields", Fields(64 * 1024), 200),
            ("a log line", "Delivery msg_0123456789 to endpoint 42 was answered 204 after 12 ms in attempt 1.", null),
        ];
        foreach (var (name, text, target) in texts)
        {
            if (!ReferenceEquals(redactor.Redact(text), text))
            {
                throw new InvalidOperationException($"{name} is not clean.");
            }

            Rate(redactor, text, measurement.Duration(1));
            var rates = Enumerable.Range(0, measurement.Rounds)
                .Select(_ => Rate(redactor, text, measurement.Duration(3))).ToList();
            measurement.Add(new(name, Rates.Median(rates), "MB/s", $"{Finding.Number(rates.Min())}–{Finding.Number(rates.Max())}",
                AtLeast: target));
        }

        return Task.CompletedTask;
    }

    private static double Rate(Redactor redactor, string text, TimeSpan duration)
    {
        var (bytes, start, size) = (0L, TimeProvider.System.GetTimestamp(), Encoding.UTF8.GetByteCount(text));
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            for (var times = 0; times < Math.Max(65536 / size, 1); times++)
            {
                redactor.Redact(text);
                bytes += size;
            }
        }

        return bytes / 1e6 / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    private static string Fields(int bytes)
    {
        var text = new StringBuilder("[");
        for (var number = 0; text.Length < bytes; number++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                {"id":"evt_{{number:D8}}","type":"invoice.paid","amount":{{number}},"currency":"eur","note":"Paid by card."},
                """);
        }

        text.Length--;
        return text.Append(']').ToString();
    }
}
