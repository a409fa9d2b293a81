using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>A scope that a route requires of a bearer token; part of the route's metadata.</summary>
public sealed class Scope
{
    public static readonly Scope EventsRead = new("events:read", "See events, tasks, replays and rejected requests.");

    public static readonly Scope EventsWrite = new("events:write", "Replay events and cancel replays. Includes events:read.");

    public static readonly Scope EventsErase = new(
        "events:erase", "Erase the content of events, tasks and messages, of all merchants. Includes nothing else.");

    public static readonly Scope AuditRead = new("audit:read", "Read the audit. Includes nothing else.");

    public static readonly Scope TasksApprove = new(
        "tasks:approve", "See what agents ask approval for, and grant or refuse it. Includes nothing else.");

    public static readonly Scope WebhooksRead = new("webhooks:read", "See a merchant's endpoints, messages and deliveries.");

    public static readonly Scope WebhooksWrite = new(
        "webhooks:write", "Manage a merchant's endpoints, resend and recover. Includes webhooks:read.");

    public static readonly Scope MessagesWrite = new("messages:write", "Publish a merchant's messages.");

    public static readonly Scope PortalWrite = new(
        "portal:write", "Make links that open the portal for a merchant. Includes nothing else.");

    public static readonly Scope Admin = new(
        "admin", "See every merchant's endpoints, and reactivate those that failed. Includes nothing else.");

    private readonly string[] _sufficient;

    private Scope(string name, string meaning)
    {
        Name = name;
        Meaning = meaning;
        // Permission to change data includes permission to read it.
        _sufficient = name.EndsWith(":read", StringComparison.Ordinal)
            ? [name, name.Replace(":read", ":write", StringComparison.Ordinal)]
            : [name];
        Policy = new AuthorizationPolicyBuilder(JwtBearerDefaults.AuthenticationScheme)
            .RequireAuthenticatedUser()
            .RequireAssertion(context => IsGrantedTo(context.User))
            .Build();
    }

    public static IReadOnlyList<Scope> All { get; } =
    [
        EventsRead, EventsWrite, EventsErase, AuditRead, TasksApprove, WebhooksRead, WebhooksWrite, MessagesWrite, PortalWrite,
        Admin,
    ];

    /// <summary>The name of the scope in tokens.</summary>
    public string Name { get; }

    /// <summary>A sentence about what the scope allows.</summary>
    public string Meaning { get; }

    internal AuthorizationPolicy Policy { get; }

    /// <summary>Whether a caller's token grants the scope.</summary>
    // The claim is "scope", one string with spaces (RFC 8693, section 4.2). Some issuers write a list instead, or name the
    // claim "scp".
    public bool IsGrantedTo(ClaimsPrincipal user) => user.Claims
        .Where(claim => claim.Type is "scope" or "scp" && claim.ValueType == ClaimValueTypes.String)
        .SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(_sufficient.Contains);
}
