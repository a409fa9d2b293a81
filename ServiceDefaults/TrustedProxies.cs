using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>Takes the address and the scheme of a request from the headers of trusted proxies.</summary>
internal sealed class TrustedProxies(IOptions<ProxyOptions> options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var forwarded = new ForwardedHeadersOptions
        {
            // Not the host: proxies pass it unchanged, and a caller could choose it.
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = options.Value.Hops,
        };
        // By default, it trusts every process on the machine.
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var network in options.Value.Parsed)
        {
            forwarded.KnownIPNetworks.Add(network);
        }

        if (forwarded.KnownIPNetworks.Count > 0)
        {
            app.UseForwardedHeaders(forwarded);
        }

        next(app);
    };
}
