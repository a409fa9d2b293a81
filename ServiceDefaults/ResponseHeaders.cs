using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>
/// Puts into each answer that browsers take it for the type it names, and, unless its route says otherwise, that nobody keeps
/// it: events, tasks and approvals are customers' words.
/// </summary>
internal sealed class ResponseHeaders : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            // When the answer starts: the exception handler takes out what was set before.
            context.Response.OnStarting(Complete, context.Response);
            return following(context);
        });
        next(app);
    };

    private static Task Complete(object response)
    {
        var headers = ((HttpResponse)response).Headers;
        headers.XContentTypeOptions = "nosniff";
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }
}
