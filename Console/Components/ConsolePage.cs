using Aspire.Webhooks.Console.Access;
using Aspire.Webhooks.Console.Clients;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Components;

namespace Aspire.Webhooks.Console.Components;

/// <summary>The base of all pages.</summary>
public abstract class ConsolePage : ComponentBase
{
    protected const int PageSize = 50;

    [CascadingParameter]
    public HttpContext Http { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "cursor")]
    public string? Cursor { get; set; }

    /// <summary>Whether the page reloads itself: <c>true</c> or <c>false</c>.</summary>
    [SupplyParameterFromQuery(Name = "live")]
    public string? Live { get; set; }

    /// <summary>The name of the action that redirected to this page, for <see cref="Success"/>.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    public string? Done { get; set; }

    [Inject]
    protected Person Person { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    protected CancellationToken Cancellation => Http.RequestAborted;

    /// <summary>The reason why an action failed. The page shows it beside the form of the action.</summary>
    protected ApiProblem? Refusal { get; set; }

    protected bool May(Scope scope) => Person.Has(scope);

    protected string Href(string path) => Person.Href(path);

    /// <summary>Returns the value of an answer. Keeps the first problem, and answers 404 when something is missing.</summary>
    protected T? ValueOf<T>(ApiAnswer<T> answer, ref ApiProblem? problem)
        where T : class
    {
        if (answer.Problem is { } found)
        {
            problem ??= found;
            if (!Http.Response.HasStarted && found.IsMissing)
            {
                Http.Response.StatusCode = StatusCodes.Status404NotFound;
            }
        }

        return answer.Value;
    }

    /// <summary>Finishes an action: redirects to another page, or shows the problem on this one.</summary>
    protected void Finish<T>(ApiAnswer<T> answer, Func<T, string> next)
        where T : class
    {
        if (answer.Value is { } value)
        {
            Navigation.NavigateTo(next(value));
            return;
        }

        Refusal = answer.Problem;
    }
}
