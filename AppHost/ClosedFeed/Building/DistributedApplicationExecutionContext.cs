namespace Aspire.Hosting;

/// <summary>What the model is built for: here always to run it.</summary>
public class DistributedApplicationExecutionContext
{
    public bool IsRunMode { get; } = true;

    public bool IsPublishMode => !IsRunMode;
}
