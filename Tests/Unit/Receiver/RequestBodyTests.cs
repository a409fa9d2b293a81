using System.IO.Pipelines;
using Aspire.Webhooks.Receiver.Intake;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

public sealed class RequestBodyTests
{
    private const int MaxBytes = 1024 * 1024;
    private const int First = 4096;

    private readonly ArrivingBodies _arriving = new(Options.Create(new IntakeOptions()));

    // Each flush ends when the reader has taken what was written, and made room for it before.
    private readonly Pipe _pipe = new(new(pauseWriterThreshold: 1, resumeWriterThreshold: 1));

    [Theory]
    [InlineData(65_536L)]
    [InlineData(1_048_576L)]
    [InlineData(null)]
    public async Task Nothing_is_reserved_for_a_length_that_is_only_announced(long? announced)
    {
        using var part = _arriving.NewPart();
        var reading = ReadAsync(announced, part);
        Assert.Equal(0, _arriving.Reserved);

        await WriteAsync(new byte[1]);
        Assert.Equal(First, _arriving.Reserved);

        await _pipe.Writer.CompleteAsync();
        Assert.Single(await reading);
    }

    [Fact]
    public void A_body_is_what_arrived_in_whatever_pieces_and_its_room_grows_with_them()
    {
        var sizes = Gen.Choose(1, 40_000).ArrayOf().Where(all => all.Length is > 0 and < 20).ToArbitrary();
        Func<int[], bool, Task> arrives = (pieces, isAnnounced) => new RequestBodyTests().ArrivesAsync(pieces, isAnnounced);

        Prop.ForAll(sizes, Gen.Elements(true, false).ToArbitrary(), arrives).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task What_is_longer_than_its_announced_length_is_refused_by_413()
    {
        using var part = _arriving.NewPart();
        var reading = ReadAsync(10, part);
        await WriteAsync(new byte[11]);

        var refused = await Assert.ThrowsAsync<BadHttpRequestException>(() => reading);

        Assert.Equal(StatusCodes.Status413PayloadTooLarge, refused.StatusCode);
    }

    [Fact]
    public void What_was_reserved_is_given_back()
    {
        using (var part = _arriving.NewPart())
        {
            Assert.True(part.TryGrow(200_000));
            Assert.True(part.TryGrow(300_000));
            Assert.Equal(300_000, _arriving.Reserved);
        }

        Assert.Equal(0, _arriving.Reserved);
    }

    private async Task ArrivesAsync(int[] sizes, bool isAnnounced)
    {
        var sent = new byte[sizes.Sum()];
        new Random(sent.Length).NextBytes(sent);
        using var part = _arriving.NewPart();
        var reading = ReadAsync(isAnnounced ? sent.Length : null, part);
        var arrived = 0;
        foreach (var size in sizes)
        {
            await WriteAsync(sent.AsMemory(arrived, size));
            arrived += size;
            Assert.InRange(_arriving.Reserved, arrived, Math.Max(First, 2 * arrived));
            Assert.True(!isAnnounced || _arriving.Reserved <= sent.Length);
        }

        await _pipe.Writer.CompleteAsync();
        Assert.Equal(sent, await reading);
    }

    private Task<byte[]> ReadAsync(long? announced, ArrivingBodies.Part part)
    {
        var context = new DefaultHttpContext { Request = { ContentLength = announced } };
        context.Features.Set<IRequestBodyPipeFeature>(new PipeBody(_pipe.Reader));
        return RequestBody.ReadAsync(context, MaxBytes, part, TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes) =>
        await _pipe.Writer.WriteAsync(bytes, TestContext.Current.CancellationToken);

    private sealed class PipeBody(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
