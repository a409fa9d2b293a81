using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;

namespace Aspire.Webhooks.Bench.Parts;

/// <summary>How long the Console's pages take over a full database.</summary>
internal static class PagesPart
{
    private const string Issuer = "bench-console";
    private const string SignInToken = "sign-in-token-of-the-benchmark";
    private const string Merchant = "merchant-7";
    private const double LimitMs = 300;

    // A month of events of three sources. Open jobs are due tomorrow, so that Worker and Sender leave them alone.
    private static readonly string[] FillSql =
    [
        """
        update webhooks.series_marks set minutes = at, hours = at
        from date_bin('1 hour', now() - interval '31 days', timestamptz 'epoch') at
        """,
        """
        insert into webhooks.inbound_events (
            id, source, delivery_id, event_type, received_at, headers, content_type, body, traceparent)
        select webhooks.uuid_v7(at), (array['github', 'standard', 'provider'])[1 + number % 3], 'filled-' || number,
            (array['push', 'issues', 'invoice.paid', 'release'])[1 + number % 4], at, '{"user-agent": "bench"}',
            'application/json', convert_to(json_build_object('number', number, 'text', repeat('x', 500))::text, 'UTF8'),
            '00-' || md5(number::text) || '-b7ad6b7169203331-01'
        from generate_series(1, $1::int) number,
            lateral (select now() - interval '30 days' * (1 - number / $1::float)) as time (at)
        """,
        """
        insert into webhooks.jobs (kind, ref_id, lane, state, due_at, attempt, finished_at, last_error)
        select 'event', id, source, state,
            case when state = 'pending' then now() + interval '1 day' else received_at end, 1,
            case when state <> 'pending' then received_at end, case when state = 'buried' then 'The listener failed.' end
        from webhooks.inbound_events,
            lateral (select abs(hashtext(id::text)) % 1000) as random (number),
            lateral (
                select case when number = 0 then 'pending' when number < 10 then 'buried' when number < 50 then 'ignored'
                    else 'done' end) as job (state)
        """,
        """
        insert into webhooks.agent_tasks (id, event_id, playbook, created_at, finished_at, result, traceparent)
        select webhooks.uuid_v7(received_at), id, 'triage', received_at, received_at, '{"label": "bug"}', traceparent
        from webhooks.inbound_events where substr(delivery_id, 8)::int % 10 = 0
        """,
        """
        insert into webhooks.jobs (kind, ref_id, lane, state, due_at, attempt, finished_at)
        select 'task', id, 'github', state, now() + interval '1 day', 1, case when state <> 'waiting' then created_at end
        from webhooks.agent_tasks,
            lateral (select abs(hashtext(id::text)) % 1000) as random (number),
            lateral (
                select case when number = 0 then 'waiting' when number < 10 then 'buried' else 'done' end) as job (state)
        """,
        """
        insert into webhooks.agent_steps (
            task_id, position, kind, content, created_at, tool, data, duration_ms, input_tokens, output_tokens)
        select id, position, kind, repeat('word ', 100), created_at, case when kind = 'approval' then 'send_message' end,
            '{"data": 1}', 100, 1000, 100
        from webhooks.agent_tasks, unnest(array['prompt', 'model', 'approval']) with ordinality as step (kind, position)
        """,
        """
        insert into webhooks.approvals (
            id, task_id, position, tool, arguments, arguments_sha256, state, requested_at, expires_at, decided_at, decided_by)
        select webhooks.uuid_v7(created_at), id, 3, 'send_message', '{"type": "issue.note"}', repeat('0', 64), state,
            created_at, now() + interval '1 day', case when state = 'granted' then created_at end,
            case when state = 'granted' then 'bench' end
        from webhooks.agent_tasks, lateral (
            select case when abs(hashtext(id::text)) % 1000 = 0 then 'pending' else 'granted' end) as approval (state)
        """,
        """
        insert into webhooks.endpoints (id, merchant_id, url, created_at, updated_at)
        select webhooks.uuid_v7(now()), 'merchant-' || merchant, 'https://merchant-' || merchant || '.example/' || number,
            now(), now()
        from generate_series(1, 100) merchant, generate_series(1, 2) number
        """,
        """
        insert into webhooks.messages (
            id, merchant_id, event_type, payload, content_type, idempotency_key, task_id, created_at)
        select 'msg_' || replace(id::text, '-', ''), 'merchant-' || 1 + abs(hashtext(id::text)) % 100, 'task.completed',
            '{"type": "task.completed"}', 'application/json', id::text, id, created_at
        from webhooks.agent_tasks
        """,
        """
        insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
        select webhooks.uuid_v7(message.created_at), message.id, endpoint.id, message.created_at
        from webhooks.messages message join webhooks.endpoints endpoint using (merchant_id)
        """,
        """
        with job as (
            insert into webhooks.jobs (kind, ref_id, lane, state, due_at, attempt, finished_at)
            select 'delivery', id, endpoint_id::text, state, now() + interval '1 day', 1,
                case when state <> 'pending' then created_at end
            from webhooks.deliveries,
                lateral (select abs(hashtext(id::text)) % 1000) as random (number),
                lateral (
                    select case when number = 0 then 'pending' when number < 20 then 'buried' else 'done' end) as job (state)
            returning id, ref_id, state, finished_at)
        insert into webhooks.delivery_attempts (
            job_id, attempt, delivery_id, started_at, duration_ms, outcome, status_code, logged_at)
        select id, 1, ref_id, finished_at, 40, case when state = 'done' then 'delivered' else 'http_status' end,
            case when state = 'done' then 200 else 500 end, finished_at
        from job where finished_at is not null
        """,
        """
        insert into webhooks.messages_inbox (event_id, message_id, from_msisdn, to_msisdn, ts, text, created_at)
        select id, delivery_id, '+1415555' || lpad((substr(delivery_id, 8)::int % 1000)::text, 4, '0'), '+14155550101',
            received_at, 'A message of some words.', received_at
        from webhooks.inbound_events where substr(delivery_id, 8)::int % 20 = 0
        """,
        """
        insert into webhooks.rejected_requests (id, source, reason, received_at, remote_address)
        select webhooks.uuid_v7(at), 'github', 'invalid_signature', at, '192.0.2.1'
        from generate_series(1, $1::int / 100) number,
            lateral (select now() - interval '1 day' - interval '29 days' * (1 - number / ($1 / 100)::float)) as time (at)
        """,
        """
        with replay as (
            insert into webhooks.replays (id, reason, filter, requested_by, event_count, created_at)
            select webhooks.uuid_v7(now()), 'A replay', '{"source": "github"}', 'bench', $1::int / 1000, now()
            from generate_series(1, 100)
            returning id)
        insert into webhooks.jobs (kind, ref_id, lane, state, due_at, attempt, finished_at, replay_id)
        select 'event', event.id, event.source, 'done', now(), 1, now(), replay.id
        from replay, (select id, source from webhooks.inbound_events limit $1::int / 1000) event
        """,
    ];

    public static Part Create() => new(
        "pages",
        "The answer of each page of the Console with 1,000,000 events, 100,000 tasks and 200,000 deliveries of a month.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        var events = measurement.Events(1_000_000, inSmoke: 2000);
        await using var database = await (await stores.NewDatabaseAsync()).WithSchemaAsync();

        foreach (var sql in FillSql)
        {
            await database.ExecuteAsync(sql, sql.Contains("$1", StringComparison.Ordinal) ? [events] : []);
        }

        // As the Worker would have left the series after that month.
        await database.SummariseSeriesAsync();
        await database.ExecuteAsync("delete from webhooks.series where step = 'minute' and at < now() - interval '25 hours'");
        await database.ExecuteAsync("vacuum (analyze)");
        await database.ExecuteAsync("checkpoint");

        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        (string, string)[] trust =
        [
            .. Bearer("ValidIssuers__console", Issuer), .. Bearer("ValidAudiences__console", Issuer),
            .. Bearer("SigningKeys__console__Issuer", Issuer), .. Bearer("SigningKeys__console__Value", key),
        ];
        await using var receiver = await Services.ReceiverAsync(stores, database, settings: trust);
        await using var worker = await Services.WorkerAsync(stores, database, listener: null, telemetry: null, trust);
        await using var sender = await Services.SenderAsync(stores, database, telemetry: null, trust);
        await using var console = await Services.ConsoleAsync(
            stores,
            [
                .. trust, ("Webhooks__Console__SignInToken", SignInToken),
                ("services__receiver__http__0", receiver.Address.ToString()),
                ("services__worker__http__0", worker.Address.ToString()),
                ("services__sender__http__0", sender.Address.ToString()),
            ]);
        await MeasureAsync(measurement, database, console);
    }

    private static async Task MeasureAsync(Measurement measurement, Database database, ChildProcess console)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, CookieContainer = new CookieContainer() })
        {
            BaseAddress = console.Address,
        };
        using (var signIn = await client.GetAsync($"/sign-in/link?token={SignInToken}"))
        {
            signIn.EnsureSuccessStatusCode();
        }

        var pages = await PagesAsync(database);
        var first = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var page in pages)
        {
            first[page] = await TimeAsync(client, page);
        }

        var times = pages.ToDictionary(page => page, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round < measurement.Rounds; round++)
        {
            foreach (var page in pages)
            {
                times[page].Add(await TimeAsync(client, page));
            }
        }

        foreach (var page in pages)
        {
            var name = Label(page);
            measurement.Add(new(
                name, Rates.Median(times[page]), "ms", $"in a new process {Finding.Number(first[page])} ms", AtMost: LimitMs));
        }
    }

    private static async Task<double> TimeAsync(HttpClient client, string page)
    {
        var start = Stopwatch.GetTimestamp();
        using var answer = await client.GetAsync(page);
        var html = await answer.Content.ReadAsStringAsync();
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return answer.IsSuccessStatusCode && !html.Contains("class=\"notice bad\"", StringComparison.Ordinal)
            ? time
            : throw new InvalidOperationException($"{page} was answered {(int)answer.StatusCode}:\n{html}");
    }

    private static async Task<IReadOnlyList<string>> PagesAsync(Database database)
    {
        var (eventId, task) = (await LastAsync("agent_tasks", "event_id"), await LastAsync("agent_tasks"));
        var endpoint = await database.ScalarAsync<string>(
            "select id::text from webhooks.endpoints where merchant_id = $1 limit 1", Merchant);
        var delivery = await database.ScalarAsync<string>(
            """
            select delivery.id::text from webhooks.deliveries delivery join webhooks.messages message on message.id = message_id
            where merchant_id = $1 order by delivery.id desc limit 1
            """,
            Merchant);
        return
        [
            "/", "/?within=7d", "/approvals", $"/approvals/{await LastAsync("approvals")}", "/events", "/events?source=github",
            "/events?state=buried", "/events?state=pending", "/events?event_type=push&within=1d", $"/events/{eventId}", "/tasks",
            "/tasks?state=awaiting_approval", "/tasks?playbook=triage&state=buried", $"/tasks/{task}", "/replays",
            $"/replays/{await LastAsync("replays")}", "/replays/new?all=true&state=buried", "/rejections",
            "/rejections?within=1h", "/audit", "/sources", "/playbooks", "/phone-messages", "/endpoints",
            $"/endpoints/{endpoint}?merchant={Merchant}",
            $"/endpoints/new?merchant={Merchant}", "/deliveries", $"/deliveries?merchant={Merchant}",
            $"/deliveries?merchant={Merchant}&state=failed", $"/deliveries?merchant={Merchant}&state=pending",
            $"/deliveries/{delivery}?merchant={Merchant}", $"/event-types?merchant={Merchant}",
        ];

        Task<string> LastAsync(string table, string column = "id") =>
            database.ScalarAsync<string>($"select {column}::text from webhooks.{table} order by id desc limit 1");
    }

    // Without ids, which are others in each run.
    private static string Label(string page) => string.Join('/', page.Split('/').Select(part =>
        part.Length >= 36 && Guid.TryParse(part[..36], out _) ? $"{{id}}{part[36..]}" : part));

    private static IEnumerable<(string Key, string Value)> Bearer(string key, string value) =>
        [($"Authentication__Schemes__Bearer__{key}", value)];
}
