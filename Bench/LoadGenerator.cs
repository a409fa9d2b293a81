using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Aspire.Webhooks.Bench;

/// <summary>How requests are sent.</summary>
/// <param name="Targets">Where to; connections are dealt out in turn.</param>
/// <param name="Connections">How many, each with one request at a time.</param>
/// <param name="Duration">
/// For how long they are sent; up to 12 s longer where none has been accepted by then. What is under way at its end is waited
/// for.
/// </param>
internal sealed record Load(IReadOnlyList<Uri> Targets, SignedRequests Requests, int Connections, TimeSpan Duration)
{
    /// <summary>
    /// Open loop: so many a second, whatever comes back; a request's latency counts from when it was due. Null is a closed
    /// loop: on each connection, the next when the last is answered.
    /// </summary>
    public double? PerSecond { get; init; }

    /// <summary>Of a closed loop: how many may have been sent by now in all. Null is any number.</summary>
    public Func<long>? Allowed { get; init; }

    /// <summary>Whether the same requests are sent again when all have been sent; else it ends there.</summary>
    public bool Repeats { get; init; }

    /// <summary>Ends it before its duration.</summary>
    public CancellationToken Enough { get; init; }
}

/// <summary>
/// Sends signed requests over keep-alive connections and reads the answers, all on one thread: 5 to 7 µs of processor each, most
/// of it in the kernel.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    // A sender that waits longer has given up and sends again.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(12);

    private readonly Load _load;
    private readonly Epoll _epoll = new();
    private readonly Connection[] _connections;
    private readonly Stack<int> _idle;
    private readonly Answers _answers;
    private readonly long _start;
    private readonly long _end;

    private LoadGenerator(Load load)
    {
        _load = load;
        var addresses = load.Targets.Select(target => new IPEndPoint(IPAddress.Parse(target.Host), target.Port)).ToArray();
        _connections = [.. Enumerable.Range(0, load.Connections)
            .Select(at => new Connection(addresses[at % addresses.Length], load.Requests.NewBuffer()))];
        _idle = new(Enumerable.Range(0, load.Connections).Reverse());
        for (var at = 0; at < _connections.Length; at++)
        {
            Open(at);
        }

        _start = TimeProvider.System.GetTimestamp();
        _end = _start + Ticks(load.Duration);
        _answers = new Answers(_start, load.Duration);
    }

    /// <summary>Sends for the load's duration and waits for the answers.</summary>
    public static Task<Answers> RunAsync(Load load) => Task.Factory.StartNew(
        () =>
        {
            using var generator = new LoadGenerator(load);
            return generator.Run();
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Socket.Dispose();
        }

        _epoll.Dispose();
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);

    // A smoke's load can be shorter than a busy machine takes to answer once. It goes on until then, or the limit of an answer.
    private bool IsOver(long now) =>
        _load.Enough.IsCancellationRequested || (now >= _end && (_answers.HasAccepted || now >= _end + Ticks(AnswerLimit)));

    private Answers Run()
    {
        var sweep = _start + TimeProvider.System.TimestampFrequency;
        for (long now; !IsOver(now = TimeProvider.System.GetTimestamp()) || _idle.Count < _connections.Length;)
        {
            if (!IsOver(now) && !SendDue(now))
            {
                // All have been sent.
                if (_idle.Count == _connections.Length)
                {
                    break;
                }
            }

            if (now > sweep)
            {
                GiveUp(now);
                sweep = now + TimeProvider.System.TimestampFrequency;
            }

            var found = _epoll.Wait(_load.PerSecond is null && _load.Allowed is null ? 10 : 1);
            for (var at = 0; at < found; at++)
            {
                Receive(_epoll.Number(at));
            }
        }

        _answers.Close();
        return _answers;
    }

    // False when there are no more.
    private bool SendDue(long now)
    {
        var interval = _load.PerSecond is { } rate ? TimeProvider.System.TimestampFrequency / rate : 0;
        var allowed = _load.Allowed?.Invoke() ?? long.MaxValue;
        while (_answers.Count < allowed)
        {
            if (_answers.Count == _load.Requests.Count && !_load.Repeats)
            {
                return false;
            }

            var due = interval > 0 ? _start + (long)(_answers.Count * interval) : now;
            if (due > now)
            {
                return true;
            }

            if (_idle.Count > 0)
            {
                Send(_idle.Pop(), _answers.Add(due));
            }
            else if (interval > 0)
            {
                _answers.AddUnsent(due);
            }
            else
            {
                return true;
            }
        }

        return true;
    }

    private void Send(int at, int number)
    {
        var connection = _connections[at];
        _load.Requests.Write(number, connection.Request);
        connection.Number = number;
        connection.Received = 0;
        var sent = 0;
        while (sent < connection.Request.Length)
        {
            sent += Math.Max(connection.Socket.Send(connection.Request.AsSpan(sent), SocketFlags.None, out var error), 0);
            if (error == SocketError.WouldBlock)
            {
                connection.Socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectWrite);
            }
            else if (error != SocketError.Success)
            {
                Fail(at);
                return;
            }
        }
    }

    private void Receive(int at)
    {
        var connection = _connections[at];
        var count = connection.Socket.Receive(connection.Answer.AsSpan(connection.Received), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
        {
            return;
        }

        if (error != SocketError.Success || count == 0)
        {
            Fail(at);
            return;
        }

        connection.Received += count;
        if (!connection.TryReadAnswer(out var status, out var closes))
        {
            return;
        }

        _answers.Set(connection.Number, status);
        connection.Number = Connection.None;
        if (closes)
        {
            Open(at);
        }

        _idle.Push(at);
    }

    private void GiveUp(long now)
    {
        for (var at = 0; at < _connections.Length; at++)
        {
            if (_connections[at].Number is >= 0 and var number && now - _answers.DueAt(number) > Ticks(AnswerLimit))
            {
                Fail(at);
            }
        }
    }

    private void Fail(int at)
    {
        var wasBusy = _connections[at].Number != Connection.None;
        _connections[at].Number = Connection.None;
        Open(at);
        if (wasBusy)
        {
            _idle.Push(at);
        }
    }

    private void Open(int at)
    {
        _connections[at].Open();
        _epoll.Watch(_connections[at].Socket, at);
    }

    private sealed class Connection(IPEndPoint address, byte[] request)
    {
        public const int None = -1;

        public Socket Socket { get; private set; } = null!;
        public byte[] Request { get; } = request;
        public byte[] Answer { get; } = new byte[8192];
        public int Received { get; set; }
        public int Number { get; set; } = None;

        public void Open()
        {
            Socket?.Dispose();
            Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            Socket.Connect(address);
            Socket.Blocking = false;
        }

        // Enough of HTTP/1.1 for what servers answer a webhook: a length, chunks, or nothing.
        public bool TryReadAnswer(out int status, out bool closes)
        {
            (status, closes) = (0, false);
            ReadOnlySpan<byte> answer = Answer.AsSpan(0, Received);
            var end = answer.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return false;
            }

            var head = answer[..end];
            var body = answer[(end + 4)..];
            status = NumberAt(head, "HTTP/1.1 ".Length);
            closes = HeaderAt(head, "\r\nConnection: close"u8) >= 0;
            if (HeaderAt(head, "\r\nContent-Length: "u8) is >= 0 and var at)
            {
                return body.Length >= NumberAt(head, at);
            }

            return HeaderAt(head, "\r\nTransfer-Encoding: chunked"u8) < 0 || body.EndsWith("0\r\n\r\n"u8);
        }

        private static int NumberAt(ReadOnlySpan<byte> head, int at) =>
            Utf8Parser.TryParse(head[at..], out int number, out _) ? number : 0;

        // Behind the text, -1 without it. Names are written in the usual case or in small letters.
        private static int HeaderAt(ReadOnlySpan<byte> head, ReadOnlySpan<byte> text)
        {
            var at = head.IndexOf(text);
            if (at < 0)
            {
                Span<byte> small = stackalloc byte[text.Length];
                Ascii.ToLower(text, small, out _);
                at = head.IndexOf(small);
            }

            return at < 0 ? -1 : at + text.Length;
        }
    }
}
