using System.Reflection;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an application's own Program.cs inside a test: up to <c>Build()</c>, where the test may change the builder, and
/// then to its end, where the test gets the application.
/// </summary>
internal sealed class TestedEntryPoint
{
    private static readonly AsyncLocal<TestedEntryPoint?> Flow = new();
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The test on whose behalf the calling code runs.</summary>
    public static TestedEntryPoint? Current => Flow.Value;

    public Task<DistributedApplicationBuilder> StartAsync(Type entryPoint, string[] args)
    {
        // A thread of its own: it stands still in Build for as long as the test wants.
        var thread = new Thread(() =>
        {
            Flow.Value = this;
            try
            {
                entryPoint.Assembly.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [args], null);
            }
            catch (Exception problem)
            {
                _builder.TrySetException(problem);
                _application.TrySetException(problem);
            }
        })
        { IsBackground = true };
        thread.Start();
        return _builder.Task;
    }

    public void Suspend(DistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _mayBuild.Task.GetAwaiter().GetResult();
    }

    public void Built(DistributedApplication application) => _application.TrySetResult(application);

    public Task<DistributedApplication> ContinueAsync()
    {
        _mayBuild.TrySetResult();
        return _application.Task;
    }
}
