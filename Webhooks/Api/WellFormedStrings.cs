using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Api;

/// <summary>
/// Reads strings and names of JSON bodies with U+FFFD in place of lone surrogates. It is used for reading alone: with a converter
/// of their own, strings would have no type in the OpenAPI document.
/// </summary>
internal sealed class WellFormedStrings : JsonConverter<string>
{
    private static readonly ConditionalWeakTable<JsonSerializerOptions, JsonSerializerOptions> Readers = [];

    /// <summary>Returns the options with this converter.</summary>
    public static JsonSerializerOptions In(JsonSerializerOptions options) =>
        Readers.GetValue(options, from => new(from) { Converters = { new WellFormedStrings() } });

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Text(ref reader);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Text(ref reader)!;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);

    // A token of another type is left to the reader, which throws.
    private static string? Text(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.GetString();
        }

        var escaped = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan.ToArray();
        return WellFormedJson.Of(escaped).Span == escaped ? reader.GetString() : WellFormedJson.Text(escaped);
    }
}
