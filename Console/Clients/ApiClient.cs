using System.Net.Http.Headers;
using System.Text.Json;
using Polly;

namespace Aspire.Webhooks.Console.Clients;

/// <summary>Calls the API of a service with the token of the signed-in person. Only reads are retried.</summary>
public abstract class ApiClient(HttpClient http, string service)
{
    // Payloads are nested as deeply as their senders like.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, MaxDepth = 2048,
    };

    protected Task<ApiAnswer<T>> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : class => SendAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    protected Task<ApiAnswer<SeriesAnswer>> GetSeriesAsync(
        string path, string name, SeriesPeriod period, CancellationToken cancellationToken) =>
        GetAsync<SeriesAnswer>(
            QueryText.Of(path, ("name", name), ("by", period.By), ("since", QueryText.Of(period.Since))), cancellationToken);

    protected Task<ApiAnswer<T>> PostAsync<T>(string path, object? body, CancellationToken cancellationToken)
        where T : class => SendAsync<T>(HttpMethod.Post, path, body, cancellationToken);

    protected async Task<ApiAnswer<T>> SendAsync<T>(
        HttpMethod method, string path, object? body, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, Json));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            return answer.IsSuccessStatusCode
                ? new(bytes.Length == 0 ? new NoContent() as T : JsonSerializer.Deserialize<T>(bytes, Json), null)
                : new(null, ProblemOf((int)answer.StatusCode, bytes));
        }
        catch (Exception exception) when (IsOutage(exception) && !cancellationToken.IsCancellationRequested)
        {
            return new(null, new(0, $"The {service} cannot be reached.", "Try again in a moment. If it stays so, see its log."));
        }
        catch (JsonException)
        {
            return new(null, new(0, $"The {service} answered something that cannot be read."));
        }
    }

    private static bool IsOutage(Exception exception) =>
        exception is HttpRequestException or ExecutionRejectedException or OperationCanceledException;

    private static ApiProblem ProblemOf(int status, byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<ApiProblem>(body, Json) is { } problem
                ? problem with { Status = status }
                : new(status, null);
        }
        catch (JsonException)
        {
            return new(status, null);
        }
    }
}
