using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>When steps are stored: before anything outside follows them, and otherwise with what settles the task.</summary>
public sealed class StepStoringTests(TestStack stack)
{
    private const string Issue = """{"action":"opened","issue":{"number":7,"title":"It burns"},"repository":{"full_name":"octo/app"}}""";

    private static readonly (string, string) ByRules = ("Webhooks:Playbooks:triage:Agent", "rules");

    [Fact]
    public async Task A_task_by_rules_has_its_steps_result_and_message_in_the_transaction_that_settles_it()
    {
        await using var model = await ModelServer.StartAsync();
        await using var setup = await AgentSetup.StartAsync(stack, model, ByRules);

        var task = await setup.RunAsync(Issue);

        Assert.Equal(["prompt", "model", "result"], task.Steps.Select(step => step.Kind), StringComparer.Ordinal);
        Assert.Equal(6, (await TransactionsAsync(setup.Database, task.Id)).Length);
        Assert.Single((await TransactionsAsync(setup.Database, task.Id)).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_prompt_is_stored_before_its_model_is_asked_and_an_answer_before_its_tools_run()
    {
        AgentSetup setup = null!;
        List<string> seen = [];
        async Task SeeAsync(string who)
        {
            await using var db = Tables.Open(setup.Database);
            var kinds = await db.AgentTasks.SelectMany(task => task.Steps).OrderBy(step => step.Position)
                .Select(step => step.Kind).ToListAsync();
            seen.Add($"{who}: {string.Join(' ', kinds)}");
        }

        await using var page = await MerchantServer.StartAsync(async (_, context) =>
        {
            await SeeAsync("page");
            await context.Response.WriteAsync("The fire brigade is at 112.");
        });
        var url = page.Url.AbsoluteUri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await using var model = await ModelServer.StartAsync(async (request, _) =>
        {
            await SeeAsync("model");
            return request.Results.Count == 0 ? ModelAnswer.Call("fetch_url", new { url }) : "Call 112.";
        });
        setup = await AgentSetup.StartAsync(stack, model, ("Webhooks:Playbooks:triage:AllowedHosts:0", $"localhost:{page.Port}"));
        await using var worker = setup;

        await setup.RunAsync(Issue);

        Assert.Equal(["model: prompt", "page: prompt model", "model: prompt model tool"], seen, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_transcript_has_the_steps_of_a_task_by_rules_when_the_task_is_done()
    {
        var folder = Directory.CreateTempSubdirectory();
        await using var model = await ModelServer.StartAsync();
        await using var setup = await AgentSetup.StartAsync(
            stack, model, ByRules, ("Webhooks:Transcripts:Directory", folder.FullName));

        var task = await setup.RunAsync(Issue);

        var lines = await File.ReadAllLinesAsync(
            Assert.Single(folder.GetFiles()).FullName, TestContext.Current.CancellationToken);
        Assert.Equal(
            task.Steps.Select(step => (step.Position, step.Kind, step.Content)),
            lines.Select(line => JsonElement.Parse(line)).Select(line =>
                (line.GetProperty("position").GetInt32(), line.GetProperty("kind").GetString()!,
                    line.GetProperty("content").GetString()!)));
        folder.Delete(recursive: true);
    }

    // Which transactions wrote the rows that are about a task.
    private static async Task<string[]> TransactionsAsync(string database, Guid taskId)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("""
            select array(
                select xmin::text from webhooks.agent_steps where task_id = $1
                union all select xmin::text from webhooks.agent_tasks where id = $1
                union all select xmin::text from webhooks.jobs where ref_id = $1
                union all select xmin::text from webhooks.messages where task_id = $1)
            """);
        command.Parameters.Add(new() { Value = taskId });
        return (string[])(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
