using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Api;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

public sealed class PhoneMessageFilterTests
{
    [Fact]
    public void Without_parameters_the_first_fifty_of_all_are_asked_for() =>
        Assert.Equal(
            new PhoneMessageFilter(50, 0, null, null, null),
            PhoneMessageFilter.Read(null, null, null, null, null, new FieldErrors()));

    [Fact]
    public void Every_parameter_is_read() => Assert.Equal(
        new PhoneMessageFilter(10, 20, "+14155552671", new DateTimeOffset(2025, 12, 7, 10, 0, 0, TimeSpan.Zero), "Hello"),
        PhoneMessageFilter.Read("10", "20", "+14155552671", "2025-12-07T11:00:00+01:00", "Hello", new FieldErrors()));

    [Theory]
    [InlineData("limit", "0")]
    [InlineData("limit", "101")]
    [InlineData("limit", "-1")]
    [InlineData("limit", "ten")]
    [InlineData("limit", "")]
    [InlineData("limit", "1.0")]
    [InlineData("limit", "+1")]
    [InlineData("limit", " 1")]
    [InlineData("limit", "99999999999999999999")]
    [InlineData("offset", "-1")]
    [InlineData("offset", "x")]
    [InlineData("offset", "9223372036854775808")]
    [InlineData("from", "")]
    [InlineData("from", " 14155552671")]
    [InlineData("from", "14155552671")]
    [InlineData("from", "+14155552671,+14155552672")]
    [InlineData("since", "")]
    [InlineData("since", "2025-12-07")]
    [InlineData("since", "2025-12-07T10:00:00 01:00")]
    [InlineData("q", "a\0b")]
    public void A_value_that_makes_no_sense_is_an_error_of_its_field(string field, string value)
    {
        var errors = new FieldErrors();
        string? Of(string name) => name == field ? value : null;

        Assert.Null(PhoneMessageFilter.Read(Of("limit"), Of("offset"), Of("from"), Of("since"), Of("q"), errors));
        Assert.Equal([field], errors.All.Keys, StringComparer.Ordinal);
    }

    // An attribute cannot hold it.
    [Fact]
    public void Half_a_surrogate_pair_is_no_text_to_look_for() =>
        Assert.Null(PhoneMessageFilter.Read(null, null, null, null, "\ud800", new FieldErrors()));

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var errors = new FieldErrors();

        Assert.Null(PhoneMessageFilter.Read("0", "-1", "me", "now", new string('x', 4097), errors));

        Assert.Equal(["from", "limit", "offset", "q", "since"], errors.All.Keys, StringComparer.Ordinal);
    }
}
