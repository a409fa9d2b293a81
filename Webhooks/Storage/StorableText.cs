using System.Text;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// Text from outside as PostgreSQL's <c>text</c> takes it: a zero or half of a surrogate pair would fail the statement,
/// and with it the settlement of the job that stores it.
/// </summary>
public static class StorableText
{
    public static string Of(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
}
