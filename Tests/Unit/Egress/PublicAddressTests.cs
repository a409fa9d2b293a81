using System.Net;
using Aspire.Webhooks.Egress;

namespace Aspire.Webhooks.Tests.Unit.Egress;

/// <summary>
/// The IANA IPv4 and IPv6 Special-Purpose Address Registries, the edges of each range and the addresses next to them.
/// Anycast ranges of infrastructure (AS112, AMT), which no merchant has, count as special too.
/// </summary>
public sealed class PublicAddressTests
{
    [Theory]
    // 0.0.0.0/8, 10.0.0.0/8
    [InlineData("0.0.0.0")]
    [InlineData("0.0.0.1")]
    [InlineData("0.255.255.255")]
    [InlineData("10.0.0.0")]
    [InlineData("10.255.255.255")]
    // 100.64.0.0/10, carrier NAT; Alibaba's metadata service is in it
    [InlineData("100.64.0.0")]
    [InlineData("100.100.100.200")]
    [InlineData("100.127.255.255")]
    // 127.0.0.0/8
    [InlineData("127.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.255")]
    // 169.254.0.0/16, metadata services
    [InlineData("169.254.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.170.2")]
    [InlineData("169.254.255.255")]
    // Azure's platform services, on an address that looks public
    [InlineData("168.63.129.16")]
    // 172.16.0.0/12
    [InlineData("172.16.0.0")]
    [InlineData("172.17.0.1")]
    [InlineData("172.31.255.255")]
    // 192.0.0.0/24; Oracle's metadata service is in it
    [InlineData("192.0.0.0")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.0.170")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.0.255")]
    // documentation
    [InlineData("192.0.2.0")]
    [InlineData("192.0.2.255")]
    [InlineData("198.51.100.0")]
    [InlineData("198.51.100.255")]
    [InlineData("203.0.113.0")]
    [InlineData("203.0.113.255")]
    // AS112, AMT, 6to4 relays
    [InlineData("192.31.196.1")]
    [InlineData("192.52.193.1")]
    [InlineData("192.175.48.1")]
    [InlineData("192.88.99.1")]
    // 192.168.0.0/16
    [InlineData("192.168.0.0")]
    [InlineData("192.168.255.255")]
    // 198.18.0.0/15
    [InlineData("198.18.0.0")]
    [InlineData("198.19.255.255")]
    // multicast, reserved, broadcast
    [InlineData("224.0.0.0")]
    [InlineData("224.0.0.251")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.0")]
    [InlineData("255.255.255.254")]
    [InlineData("255.255.255.255")]
    public void An_IPv4_address_of_a_special_range_is_not_public(string address) =>
        Assert.False(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.0.0.0")]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("168.63.129.15")]
    [InlineData("168.63.129.17")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("191.255.255.255")]
    [InlineData("192.0.1.0")]
    [InlineData("192.0.3.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("198.51.99.255")]
    [InlineData("198.51.101.0")]
    [InlineData("203.0.112.255")]
    [InlineData("203.0.114.0")]
    [InlineData("223.255.255.255")]
    public void An_IPv4_address_next_to_a_special_range_is_public(string address) =>
        Assert.True(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    // unspecified, loopback, IPv4-compatible, SIIT
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::8.8.8.8")]
    [InlineData("::ffff:0:127.0.0.1")]
    // IPv4-mapped
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:7f00:1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0.0.0.0")]
    // NAT64, well-known and local prefix
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("64:ff9b:1:ffff:ffff:ffff:808:808")]
    // discard, dummy, beyond NAT64
    [InlineData("64:ff9b::1:0:0")]
    [InlineData("100::1")]
    [InlineData("100:0:0:1::1")]
    // 2001::/23: Teredo, benchmarking, AMT, ORCHID and their neighbours
    [InlineData("2001::")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("2001:1::1")]
    [InlineData("2001:2::1")]
    [InlineData("2001:3::1")]
    [InlineData("2001:4:112::1")]
    [InlineData("2001:10::1")]
    [InlineData("2001:20::1")]
    [InlineData("2001:30::1")]
    [InlineData("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff")]
    // documentation, AS112
    [InlineData("2001:db8::")]
    [InlineData("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("3fff::1")]
    [InlineData("3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2620:4f:8000::1")]
    // 6to4, whatever address it carries
    [InlineData("2002:808:808::1")]
    [InlineData("2002::")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("2002:c0a8:1::1")]
    [InlineData("2002:a9fe:a9fe::1")]
    // SRv6, unique local, metadata, link and site local, multicast, unassigned
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("febf::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("ff0e::1")]
    [InlineData("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("4000::")]
    [InlineData("8000::1")]
    public void An_IPv6_address_that_is_special_or_leads_to_one_is_not_public(string address) =>
        Assert.False(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("2000::1")]
    [InlineData("2001:200::")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db9::")]
    [InlineData("2003::1")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2620:4f:7fff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2620:4f:8001::")]
    [InlineData("2a00:1450:4001:80b::200e")]
    [InlineData("3ffe:ffff::1")]
    [InlineData("3fff:1000::")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    public void A_global_unicast_IPv6_address_is_public(string address) =>
        Assert.True(PublicAddress.Is(IPAddress.Parse(address)));
}
