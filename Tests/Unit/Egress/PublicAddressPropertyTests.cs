using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Aspire.Webhooks.Egress;

namespace Aspire.Webhooks.Tests.Unit.Egress;

/// <summary>
/// Random addresses, most of them near a range's edge, against the registries' rows read by arithmetic of the test's own.
/// </summary>
public sealed class PublicAddressPropertyTests
{
    // https://www.iana.org/assignments/iana-ipv4-special-registry (all rows), the multicast range, and Azure's platform address.
    private static readonly string[] IPv4Rows =
    [
        "0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/32", "192.0.0.171/32",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.88.99.2/32", "192.168.0.0/16",
        "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32",
        "224.0.0.0/4", "168.63.129.16/32",
    ];

    // https://www.iana.org/assignments/iana-ipv6-special-registry (all rows but the two that carry IPv4 addresses), multicast,
    // the deprecated site-local range, and what is not assigned as global unicast (iana-ipv6-unicast-address-assignments:
    // 2000::/3).
    private static readonly string[] IPv6Rows =
    [
        "::1/128", "::/128", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32", "2001:1::1/128",
        "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28",
        "2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
        "fec0::/10", "ff00::/8", "::/3", "4000::/2", "8000::/1",
    ];

    private static readonly string[] Carriers = ["::ffff:0:0/96", "64:ff9b::/96"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_address_is_public_exactly_when_no_row_of_the_registries_has_it(int seed)
    {
        var random = new Random(seed);
        var seen = (Public: 0, Special: 0);
        for (var round = 0; round < 20_000; round++)
        {
            var address = Next(random);
            var expected = IsPublic(address);
            Assert.True(PublicAddress.Is(address) == expected, $"{address} is {(expected ? "" : "not ")}public");
            seen = expected ? (seen.Public + 1, seen.Special) : (seen.Public, seen.Special + 1);
        }

        Assert.True(seen is { Public: > 1_000, Special: > 1_000 }, $"{seen}");
    }

    private static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !IPv4Rows.Any(row => Contains(row, address));
        }

        return Carriers.Any(row => Contains(row, address))
            ? IsPublic(new IPAddress(address.GetAddressBytes()[12..]))
            : !IPv6Rows.Any(row => Contains(row, address));
    }

    // Anywhere; in a row; just outside its ends; or an IPv4 address of these kinds within an IPv6 one.
    private static IPAddress Next(Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                return Of(random, 4);
            case 1:
                return Of(random, 16, first: 0x20);
            case 2:
                return Near(random, IPv4Rows);
            case 3:
                return Near(random, IPv6Rows);
            case 4:
                return Near(random, Carriers);
            default:
                var carried = random.Next(2) == 0 ? Of(random, 4) : Near(random, IPv4Rows);
                var bytes = IPAddress.Parse(Carriers[random.Next(2)].Split('/')[0]).GetAddressBytes();
                return new IPAddress([.. bytes[..12], .. carried.GetAddressBytes()]);
        }
    }

    private static IPAddress Of(Random random, int length, int first = 0)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        bytes[0] = (byte)(first == 0 ? bytes[0] : first | (bytes[0] & 0x1f));
        return new IPAddress(bytes);
    }

    private static IPAddress Near(Random random, string[] rows)
    {
        var (start, size, length) = Range(rows[random.Next(rows.Length)]);
        var offset = random.Next(5) switch
        {
            0 => BigInteger.Zero,
            1 => size - 1,
            2 => BigInteger.MinusOne,
            3 => size,
            _ => size * random.Next(1, 1000) / 1000,
        };
        var all = BigInteger.One << (8 * length);
        var bytes = ((start + offset + all) % all).ToByteArray(isUnsigned: true, isBigEndian: true);
        return new IPAddress([.. new byte[length - bytes.Length], .. bytes]);
    }

    private static bool Contains(string row, IPAddress address)
    {
        var (start, size, length) = Range(row);
        var number = Number(address);
        return address.GetAddressBytes().Length == length && number >= start && number < start + size;
    }

    private static (BigInteger Start, BigInteger Size, int Length) Range(string row)
    {
        var parts = row.Split('/');
        var first = IPAddress.Parse(parts[0]);
        var length = first.GetAddressBytes().Length;
        return (Number(first), BigInteger.One << ((8 * length) - int.Parse(parts[1])), length);
    }

    private static BigInteger Number(IPAddress address) => new(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true);
}
