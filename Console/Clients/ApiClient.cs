using System.Net.Http.Headers;
using System.Text.Json;
using Polly;

namespace Aspire.Webhooks.Console.Clients;

/// <summary>Calls of a service's API with the token of whoever has signed in. Only reads are repeated.</summary>
public abstract class ApiClient(HttpClient http, string service)
{
    // What a page shows may be nested as deeply as a sender likes.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, MaxDepth = 2048,
    };

    protected Task<ApiAnswer<T>> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : class => SendAsync<T>(HttpMethod.Get, path, null, cancellationToken);

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
