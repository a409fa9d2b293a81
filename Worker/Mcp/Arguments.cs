using Aspire.Webhooks.Api;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>Validates the arguments of agents. All errors are reported together.</summary>
internal static class Arguments
{
    public static Guid Id(string name, string? value)
    {
        var errors = new FieldErrors();
        var id = errors.Id(name, value ?? "");
        Check(errors);
        return id!.Value;
    }

    public static string Text(string name, string? value, int max) =>
        string.IsNullOrWhiteSpace(value) || StorableText.IsLonger(value, max)
            ? throw new ToolException($"{name} has 1 to {max} characters; it has {StorableText.Length(value ?? "")}.")
            : value;

    /// <summary>Validates a one-line text without invisible characters, so that a person sees all of it.</summary>
    public static string Line(string name, string? value, int max) =>
        Text(name, value, max) is var text && (text.AsSpan().ContainsAny('\n', '\t') || UntrustedText.Visible(text) != text)
            ? throw new ToolException($"{name} has 1 to {max} characters, in one line and none of them hidden.")
            : text;

    public static TimeSpan Lease(int seconds) => seconds is >= 30 and <= 3600
        ? TimeSpan.FromSeconds(seconds)
        : throw new ToolException("lease_seconds is from 30 to 3600.");

    /// <exception cref="ToolException">An argument is invalid.</exception>
    public static void Check(FieldErrors errors)
    {
        if (errors.Any)
        {
            throw new ToolException(string.Join(' ', errors.All.SelectMany(field => field.Value)));
        }
    }
}
