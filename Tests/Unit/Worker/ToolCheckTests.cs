using System.ComponentModel;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.Tests.Unit.Worker;

/// <summary>The check of a call before a person is asked: it finds what can only fail, and the tool does not run.</summary>
public sealed class ToolCheckTests
{
    private int _runs;

    [Theory]
    [InlineData("""{"number":"A-1"}""", null)]
    [InlineData("""{"number":"A-1","lines":2}""", null)]
    [InlineData(
        """{"number":"A-1","more":[]}""", "The arguments do not fit: There is no 'more'; the tool has 'number', 'lines'.")]
    [InlineData(
        """{"number":"A-1","cancellationToken":"x"}""",
        "The arguments do not fit: There is no 'cancellationToken'; the tool has 'number', 'lines'.")]
    [InlineData("""{"number":null}""", null)]
    [InlineData("{}", "The arguments do not fit: 'number' is missing.")]
    [InlineData("""{"Number":"A-1"}""", "The arguments do not fit: 'number' is missing.")]
    [InlineData("""{"number":{"a":1}}""", "The arguments do not fit: 'number' is a text.")]
    [InlineData("""{"number":"A-1","lines":"many"}""", "The arguments do not fit: 'lines' is a whole number.")]
    [InlineData("""{"number":"A-1","lines":1.5}""", "The arguments do not fit: 'lines' is a whole number.")]
    [InlineData(null, "The arguments are not a JSON object.")]
    public async Task Without_a_check_of_its_own_a_tool_has_the_types_of_its_parameters(string? arguments, string? refused)
    {
        var answer = await CheckAsync(new AgentTool("look_up", _ => LookUp()), arguments);

        AssertRefused(refused, answer);
    }

    [Theory]
    [InlineData("""{"number":"A-1"}""", null)]
    [InlineData("""{"number":"B-1"}""", "There is no order B-1.")]
    [InlineData("""{"number":"boom"}""", "look_up failed: It broke.")]
    [InlineData("{}", "The arguments do not fit: 'number' is missing.")]
    public async Task A_tools_own_check_decides_and_the_tool_does_not_run(string arguments, string? refused)
    {
        var tool = new AgentTool("look_up", _ => LookUp())
        {
            Check = context => AIFunctionFactory.Create((string number) => number switch
            {
                "boom" => throw new InvalidOperationException("It broke."),
                _ when number.StartsWith(context.Playbook.Name, StringComparison.Ordinal) => "This is not used.",
                _ => throw new ToolException($"There is no order {number}."),
            }),
        };

        AssertRefused(refused, await CheckAsync(tool, arguments));
    }

    [Fact]
    public async Task A_call_of_a_tool_that_the_playbook_does_not_have_is_refused()
    {
        var tools = Tools(new AgentTool("look_up", _ => LookUp()));

        var answer = await CheckAsync(tools, new ToolCall("launch_rocket", "{}"));

        AssertRefused("There is no tool 'launch_rocket'. There are: look_up.", answer);
    }

    // Approval is required by the tool's name, and a model calls the function's.
    [Fact]
    public void A_tool_whose_function_has_another_name_is_a_fault()
    {
        var tools = Tools(new AgentTool("look_up", _ => AIFunctionFactory.Create(() => "", "look_down")));

        var fault = Assert.Throws<InvalidOperationException>(() => tools.For(Context));
        Assert.Equal("The function of the tool 'look_up' is named 'look_down'.", fault.Message);
    }

    private static ToolContext Context => new(
        Guid.Empty,
        new WebhookEvent(
            Guid.Empty, "github", "1", "issues", "application/json",
            new Dictionary<string, string>(StringComparer.Ordinal), "{}"u8.ToArray()),
        new Playbook("A", new PlaybookOptions { Tools = ["look_up"] }));

    private static ToolCalls Tools(AgentTool tool) => new([tool], new Redactor([]), NullLogger<ToolCalls>.Instance);

    private static Task<ToolAnswer?> CheckAsync(AgentTool tool, string? arguments) =>
        CheckAsync(Tools(tool), new ToolCall(tool.Name, arguments));

    private static Task<ToolAnswer?> CheckAsync(ToolCalls tools, ToolCall call) =>
        tools.CheckAsync(call, Context, tools.For(Context), TestContext.Current.CancellationToken);

    private AIFunction LookUp() => AIFunctionFactory.Create(
        ([Description("Its number.")] string number, int lines = 1, CancellationToken cancellationToken = default) =>
            $"{++_runs} {number} {lines} {cancellationToken.CanBeCanceled}",
        "look_up");

    private void AssertRefused(string? refused, ToolAnswer? answer)
    {
        Assert.Equal(refused is not null, answer is { Failed: true });
        Assert.StartsWith(refused ?? "", answer?.Text ?? "", StringComparison.Ordinal);
        Assert.Equal(0, _runs);
    }
}
