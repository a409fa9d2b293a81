using Aspire.Webhooks.Console.Access;
using Aspire.Webhooks.Console.Clients;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Components;

namespace Aspire.Webhooks.Console.Components;

/// <summary>What all pages have.</summary>
public abstract class ConsolePage : ComponentBase
{
    protected const int PageSize = 50;

    [CascadingParameter]
    public HttpContext Http { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "cursor")]
    public string? Cursor { get; set; }

    /// <summary>What was done by the request before this one, which led here.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    public string? Done { get; set; }

    [Inject]
    protected Person Person { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    protected CancellationToken Cancellation => Http.RequestAborted;

    /// <summary>Why an action was not done. It stands where the action was asked for.</summary>
    protected ApiProblem? Refusal { get; set; }

    protected bool May(Scope scope) => Person.Has(scope);

    protected string Href(string path) => Person.Href(path);

    /// <summary>Passes the status of an answer on, and returns its value.</summary>
    protected T? Of<T>(ApiAnswer<T> answer, ref ApiProblem? problem)
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

    /// <summary>Ends an action: it leads to another page, or the page says why it was refused.</summary>
    protected void End<T>(ApiAnswer<T> answer, Func<T, string> next)
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
