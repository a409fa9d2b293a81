using System.Security.Claims;
using System.Text.Json;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Receiver.Api;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Mcp;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.Storage;

/// <summary>Every limit on a text from outside counts Unicode code points, whatever takes them.</summary>
public sealed class TextLimitTests
{
    private const string Origin = "https://example.com/";

    private static readonly Redactor Redactor = new([]);

    private static readonly Limit[] All =
    [
        new("a filter's text", 255, text => FieldIsValid(errors => errors.Text("source", text))),
        new("a reason", Reason.MaxLength, text => FieldIsValid(errors => Reason.Read(text, errors))),
        new("an event's id or type", 255, EventIdentifier.IsValid),
        new("a stored header", 255, text => EventField.Headers(
            new HeaderDictionary { ["X-Kept"] = text }, ["X-Kept"]).Contains("X-Kept", StringComparison.Ordinal)),
        new("a phone message's id", 255, text => IsPhoneMessage("message_id", text)),
        new("a phone message's text", PhoneMessage.MaxTextLength, text => IsPhoneMessage("text", text)),
        new("a search in phone messages", PhoneMessage.MaxTextLength, text =>
            FieldIsValid(errors => PhoneMessageFilter.Read(null, null, null, null, text, errors))),
        new("an endpoint's description", EndpointRules.MaxDescription, text =>
        {
            var errors = new EndpointErrors();
            return Rules().Description(text, errors) == text && errors.Problem is null;
        }),
        new("an endpoint's URL", EndpointRules.MaxUrl - Origin.Length, text =>
        {
            var errors = new EndpointErrors();
            Rules().Url($"{Origin}{text}", errors);
            return errors.Problem is null;
        }),
        new("a merchant's id", Merchant.MaxLength, text => Merchant.Of(Caller(Merchant.Claim, text)) == text),
        new("a token's subject", 255, text => Subject.Of(Caller("sub", text)) == text),
        new("an agent's text", 100, text => IsArgument(() => Arguments.Text("summary", text, 100))),
        new("an agent's line", 100, text => IsArgument(() => Arguments.Line("action", text, 100))),
    ];

    public static TheoryData<string, string> Cases => new(
        from limit in All
        from character in (string[])["x", "é", "語", "😀"]
        select (limit.Name, character));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_text_of_as_many_characters_as_allowed_is_taken_and_one_more_is_not(string name, string character)
    {
        var limit = Array.Find(All, limit => limit.Name == name)!;

        Assert.True(limit.Takes(Text(character, limit.Max)), $"{limit.Max} are refused.");
        Assert.False(limit.Takes(Text(character, limit.Max + 1)), $"{limit.Max + 1} are taken.");
    }

    private static string Text(string character, int count) => string.Concat(Enumerable.Repeat(character, count));

    private static bool FieldIsValid(Action<FieldErrors> read)
    {
        var errors = new FieldErrors();
        read(errors);
        return !errors.Any;
    }

    private static bool IsPhoneMessage(string field, string text)
    {
        var message = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["message_id"] = "m-1", ["from"] = "+14155552671", ["to"] = "+14155552672", ["ts"] = "2025-12-07T10:30:00Z",
            [field] = text,
        };
        return FieldIsValid(errors => PhoneMessage.Read(JsonSerializer.SerializeToElement(message), errors));
    }

    private static bool IsArgument(Func<string> read)
    {
        try
        {
            read();
            return true;
        }
        catch (ToolException)
        {
            return false;
        }
    }

    private static ClaimsPrincipal Caller(string claim, string value) => new(new ClaimsIdentity([new Claim(claim, value)]));

    private static EndpointRules Rules() => new(
        new EgressGuard(Options.Create(new EgressOptions()), TimeProvider.System),
        new EventTypeCatalog(Options.Create(new EventTypesOptions()), Options.Create(new OperatorOptions())),
        Redactor);

    /// <param name="Name">What is limited.</param>
    /// <param name="Max">The limit, in code points.</param>
    /// <param name="Takes">Whether a text is taken.</param>
    private sealed record Limit(string Name, int Max, Func<string, bool> Takes);
}
