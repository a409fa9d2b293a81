using System.Net;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.Tests.Integration.Pages;

/// <summary>A form of a page, as a client without scripts fills it in and posts it.</summary>
internal sealed partial class PageForm
{
    private readonly Dictionary<string, string> _fields;

    private PageForm(Dictionary<string, string> fields) => _fields = fields;

    public IEnumerable<KeyValuePair<string, string>> Fields => _fields;

    /// <summary>The form that has a text in it: its hidden fields with their values.</summary>
    public static PageForm Of(string html, string text) => new(Form().Matches(html).Select(match => match.Value)
        .First(form => form.Contains(text, StringComparison.Ordinal)) is var found
        ? Hidden().Matches(found).GroupBy(field => field.Groups["name"].Value, StringComparer.Ordinal).ToDictionary(
            field => field.Key, field => WebUtility.HtmlDecode(field.First().Groups["value"].Value), StringComparer.Ordinal)
        : []);

    public async Task<HttpResponseMessage> PostAsync(
        HttpClient client, string path, params (string Name, string Value)[] values)
    {
        var fields = new Dictionary<string, string>(_fields, StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            fields[name] = value;
        }

        using var content = new FormUrlEncodedContent(fields);
        return await client.PostAsync(path, content, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline, 1000)]
    private static partial Regex Form();

    [GeneratedRegex(
        "<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hidden();
}
