using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>Servers that give no completion: what is tried again, when, and what is said of it.</summary>
public sealed class ModelErrorTests(TestStack stack, SharedAgent agent) : IClassFixture<SharedAgent>
{
    private static readonly (string, string) AtOnce = ("Webhooks:Jobs:Task:Sources:github:Retries:0", "00:00:00.001");

    [Theory]
    [InlineData(
        400,
        """{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}""",
        "This model's maximum context length is 8192 tokens.")]
    [InlineData(
        400, """{"object":"error","message":"The prompt is too long.","type":"BadRequestError","code":400}""",
        "The prompt is too long.")]
    [InlineData(
        401, """{"error":{"message":"Incorrect API key provided: sk-test-0123456789abcdefghijklmnop."}}""",
        "Incorrect API key provided: ***redacted***.")]
    [InlineData(402, """{"error":"Insufficient credits"}""", "Insufficient credits")]
    [InlineData(403, "<html>Forbidden</html>", "<html>Forbidden</html>")]
    [InlineData(404, """{"error":{"message":"The model 'scripted' does not exist."}}""", "The model 'scripted' does not exist.")]
    [InlineData(413, """[{"error":{"code":413,"message":"Too large.","status":"INVALID_ARGUMENT"}}]""", "Too large.")]
    [InlineData(422, """{"detail":[{"loc":["body","tools"],"msg":"field required"}]}""", "field required")]
    public async Task A_question_that_would_fail_again_buries_the_task_in_the_servers_own_words(
        int status, string body, string words)
    {
        var setup = agent.Answering(
            new ModelAnswer(null) { Status = status, Body = body, RetryAfter = "1" });

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal(("buried", 1, $"The model's server answered {status}: {words}"), (job.State, job.Attempt, job.LastError));
        Assert.Single(setup.Model.Requests);
        Assert.Equal(["prompt"], task.Steps.Select(step => step.Kind), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"error":{"message":"Your prompt is too long.","type":"invalid_request_error"}}""", "Your prompt is too long.")]
    [InlineData("""{"error":{"message":"No such model.","code":404}}""", "No such model.")]
    [InlineData(
        """{"choices":[{"finish_reason":"error","message":{"content":""},"error":{"code":"403","message":"Moderated."}}]}""",
        "Moderated.")]
    public async Task An_error_under_status_200_counts_as_the_status_that_it_names(string body, string words)
    {
        var setup = agent.Answering(new ModelAnswer(null) { Body = body });

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        var error = $"The model's server answered 200 without a completion: {words}";
        Assert.Equal(("buried", 1, error), (job.State, job.Attempt, job.LastError));
    }

    [Theory]
    [InlineData(200, """{"error":{"message":"Overloaded."}}""", "answered 200 without a completion: Overloaded.")]
    [InlineData(200, """{"error":{"message":"Slow down.","code":429}}""", "answered 200 without a completion: Slow down.")]
    [InlineData(200, """{"id":"1","choices":[]}""", """answered 200 without a completion: {"id":"1","choices":[]}""")]
    [InlineData(200, """{"choices":null}""", """answered 200 without a completion: {"choices":null}""")]
    [InlineData(
        200, """{"choices":[{"error":{"code":502,"message":"The provider left."}}]}""",
        "answered 200 without a completion: The provider left.")]
    [InlineData(200, "<html>Sign in</html>", "answered 200 without a completion: <html>Sign in</html>")]
    [InlineData(200, """{"choices":[{"message":{"content":"Do""", "answered 200 without a completion: ")]
    [InlineData(200, "", "answered 200 without a completion.")]
    [InlineData(302, "", "answered 302.")]
    [InlineData(408, """{"error":{"message":"Timed out.","type":"invalid_request_error"}}""", "answered 408: Timed out.")]
    [InlineData(409, "", "answered 409.")]
    [InlineData(429, """{"error":{"message":"Slow down."}}""", "answered 429: Slow down.")]
    [InlineData(500, """{"error":{"message":"We are sorry.","code":400}}""", "answered 500: We are sorry.")]
    [InlineData(
        529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", "answered 529: Overloaded")]
    public async Task Any_other_failure_is_one_attempt_with_one_request_and_the_servers_own_words(
        int status, string body, string words)
    {
        var asked = 0;
        var setup = agent.Answering(
            _ => Interlocked.Increment(ref asked) == 1 ? new ModelAnswer(null) { Status = status, Body = body } : "Done.");

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.True(("done", 2) == (job.State, job.Attempt), $"{job.State} {job.Attempt} {job.LastError}");
        Assert.StartsWith($"ModelServerException: The model's server {words}", job.LastError, StringComparison.Ordinal);
        Assert.Equal(2, setup.Model.Requests.Count);
    }

    [Fact]
    public async Task A_servers_words_are_redacted_before_they_are_cut()
    {
        var words = $"{new string('x', 990)} {ModelServer.Key} {new string('y', 100_000)}";
        var setup = agent.Answering(new ModelAnswer(words) { Status = 400 });

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal($"The model's server answered 400: {new string('x', 990)} ***redact", job.LastError);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_given_up()
    {
        var setup = agent.Answering(new ModelAnswer(new string('x', 9 * 1024 * 1024)));

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal(("buried", 2), (job.State, job.Attempt));
        Assert.Contains("8388608", job.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_does_not_answer_to_the_end_is_given_up_after_the_timeout(bool begins)
    {
        await using var server = await MerchantServer.StartAsync(async (request, context) =>
        {
            if (request.Number > 1)
            {
                await context.Response.WriteAsync("""{"choices":[{"message":{"content":"Done."}}]}""");
                return;
            }

            if (begins)
            {
                await context.Response.WriteAsync("""{"choices":""");
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        await using var model = await ModelServer.StartAsync();
        await using var setup = await AgentSetup.StartAsync(
            stack, model, AtOnce, ("Webhooks:OpenAI:BaseUrl", server.Url.AbsoluteUri), ("Webhooks:OpenAI:Timeout", "00:00:03"));

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal(("done", 2, 2), (job.State, job.Attempt, server.All.Count));
        Assert.Contains("exceeded the configured timeout of 0:00:03", job.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_does_not_pass_the_key_on()
    {
        await using var other = await MerchantServer.StartAsync();
        await using var server = await MerchantServer.StartAsync((_, context) =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = other.Url.AbsoluteUri;
            return Task.CompletedTask;
        });
        await using var model = await ModelServer.StartAsync();
        await using var setup = await AgentSetup.StartAsync(
            stack, model, AtOnce, ("Webhooks:OpenAI:BaseUrl", server.Url.AbsoluteUri));

        var task = await setup.RunAsync("{}");

        var job = await Tables.JobAsync(setup.Database, task.Id);
        Assert.Equal(("buried", "ModelServerException: The model's server answered 307."), (job.State, job.LastError));
        Assert.Equal(0, other.Connections);
    }

    [Theory]
    [InlineData(429, "30", 30)]
    [InlineData(503, "30", 30)]
    [InlineData(500, "99999999", 60)]
    [InlineData(429, "Fri, 31 Dec 2100 23:59:59 GMT", 60)]
    [InlineData(408, "30", 0)]
    [InlineData(429, "soon", 0)]
    [InlineData(429, "Fri, 31 Dec 1999 23:59:59 GMT", 0)]
    public async Task A_server_can_ask_for_a_longer_wait_than_the_schedules_up_to_a_limit(
        int status, string retryAfter, int seconds)
    {
        var asked = 0;
        var failure = new ModelAnswer(null) { Status = status, RetryAfter = retryAfter };
        await using var model = await ModelServer.StartAsync(_ => Interlocked.Increment(ref asked) == 1 ? failure : "Done.");
        await using var setup = await AgentSetup.StartAsync(stack, model, AtOnce, ("Webhooks:OpenAI:MaxRetryAfter", "00:01:00"));

        var eventId = await setup.AddAsync("{}");

        if (seconds == 0)
        {
            var ended = await setup.EndedAsync(eventId);
            Assert.Equal("done", (await Tables.JobAsync(setup.Database, ended.Id)).State);
            return;
        }

        var failed = await Eventually.GetAsync("the question has failed", async () =>
        {
            await using var db = Tables.Open(setup.Database);
            return db.Jobs.SingleOrDefault(job => job.Kind == "task" && job.Failures == 1 && job.State == "pending");
        });
        var wait = await Sql.ScalarAsync<double>(
            setup.Database, $"select extract(epoch from due_at - now())::float8 from webhooks.jobs where id = {failed.Id}");
        Assert.InRange(wait, seconds - 20, seconds);
    }
}
