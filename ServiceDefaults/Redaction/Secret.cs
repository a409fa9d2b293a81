using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>A credential that does not show itself: printing, serializing or inspecting it gives <c>***</c>. Binds from
/// configuration like a string. Call <see cref="Reveal"/> only where the value is used.</summary>
[TypeConverter(typeof(SecretTypeConverter))]
[JsonConverter(typeof(SecretJsonConverter))]
[DebuggerDisplay("***")]
public sealed class Secret : IEquatable<Secret>
{
    internal const string Mask = "***";

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _value;

    public Secret(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>The value itself.</summary>
    public string Reveal() => _value;

    public override string ToString() => Mask;

    /// <summary>Compares hashes in fixed time, so that neither content nor length can be measured.</summary>
    public bool Equals(Secret? other) => other is not null && CryptographicOperations.FixedTimeEquals(Hash(), other.Hash());

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    private byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes(_value));
}
