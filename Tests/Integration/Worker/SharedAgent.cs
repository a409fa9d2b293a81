using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>One Worker for the tests of a class, whose tasks need no settings of their own. Each has its own answers.</summary>
public sealed class SharedAgent(TestStack stack) : IAsyncLifetime
{
    private AgentSetup _setup = null!;

    /// <summary>Where the transcripts of all tasks are.</summary>
    public DirectoryInfo Transcripts { get; } = Directory.CreateTempSubdirectory("transcripts-");

    public async ValueTask InitializeAsync()
    {
        var model = await ModelServer.StartAsync("Nothing was asked yet.");
        _setup = await AgentSetup.StartAsync(
            stack, model, ("Webhooks:Jobs:Task:Sources:github:Retries:0", "00:00:00.001"),
            ("Webhooks:Transcripts:Directory", Transcripts.FullName));
    }

    /// <summary>Gives these answers from now on, as <see cref="ModelServer.StartAsync(ModelAnswer[])"/> does.</summary>
    internal AgentSetup Answering(params ModelAnswer[] answers) => Answering(ModelServer.InTurn(answers));

    /// <summary>Gives these answers from now on.</summary>
    internal AgentSetup Answering(Func<ModelRequest, ModelAnswer> answer)
    {
        _setup.Model.Answer(answer);
        return _setup;
    }

    public async ValueTask DisposeAsync()
    {
        await _setup.DisposeAsync();
        await _setup.Model.DisposeAsync();
        Transcripts.Delete(recursive: true);
    }
}
