using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>
/// Answers 400 to a Host that Kestrel accepts but .NET cannot parse, such as <c>xn--0</c>. Invalid Punycode throws wherever the
/// host is first read, such as in a trace, a signed URL or the OpenAPI document.
/// </summary>
internal sealed class HostHeader : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(CheckAsync);
        next(app);
    };

    private static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            _ = context.Request.Host;
        }
        catch (ArgumentException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }

        return next(context);
    }
}
