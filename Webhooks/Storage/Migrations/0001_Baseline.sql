-- The whole schema. Tables are in the order in which data meets them: received events, the queue, agent tasks, sent messages.

-- Ids that lists are paged by are UUIDv7 (RFC 9562, section 5.7), also those that a statement makes.
create function webhooks.uuid_v7(at timestamptz) returns uuid language sql volatile as $$
    select encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid()) placing substring(int8send(floor(extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6),
            52, 1), 53, 1),
        'hex')::uuid
$$;
comment on function webhooks.uuid_v7 is 'A UUIDv7 of the given time.';

create table webhooks.ledger (
    id   uuid primary key default gen_random_uuid(),
    home text
);
insert into webhooks.ledger default values;
comment on table webhooks.ledger is
    'One row: the identity of this database. Caches outside it carry the id in their keys, so that '
    'they never speak for another database.';
comment on column webhooks.ledger.home is
    'Where the Sender found this database last: server, database, table and timeline. A restored copy is elsewhere.';

create table webhooks.audit (
    id          uuid        primary key,
    at          timestamptz not null,
    actor       text        not null check (length(actor) between 1 and 255),
    action      text        not null,
    object_kind text        not null,
    object_id   text        not null,
    reason      text        check (length(reason) <= 500),
    trace_id    text
);
comment on table webhooks.audit is
    'The acts of operators, merchants and agents outside. A row is written in the transaction of the act, and never changed.';
comment on column webhooks.audit.id is 'UUIDv7: the order of ids is the order of time.';
comment on column webhooks.audit.actor is 'The subject of the token, or agent:{name}; redacted.';

-- Received events.

create table webhooks.inbound_events (
    id               uuid        primary key,
    source           text        not null,
    delivery_id      text        not null check (length(delivery_id) between 1 and 255),
    event_type       text        not null check (length(event_type) between 1 and 255),
    received_at      timestamptz not null,
    headers          jsonb       not null,
    content_type     text        not null,
    body             bytea,
    traceparent      text,
    content_encoding text,
    -- In this order the index also finds a delivery id whatever its source.
    constraint inbound_events_delivery unique (delivery_id, source)
);
comment on table webhooks.inbound_events is
    'Verified inbound deliveries. Of a row only the content is ever changed: retention and erasure delete it.';
comment on column webhooks.inbound_events.id is 'UUIDv7: the order of ids is the order of receipt.';
comment on column webhooks.inbound_events.delivery_id is
    'The provider''s id. An id that holds a credential is stored as its hash.';
comment on column webhooks.inbound_events.headers is
    'A JSON object of allow-listed headers, redacted. Credentials and signatures are not in it.';
comment on column webhooks.inbound_events.body is
    'Exactly the bytes that were signed. Null: the content was deleted, and headers is an empty object.';
comment on column webhooks.inbound_events.content_encoding is
    'How the body is compressed: gzip, deflate or br. Null: not compressed.';

-- Lists are read newest first, within a source or a type.
create index inbound_events_source on webhooks.inbound_events (source, id);
create index inbound_events_type on webhooks.inbound_events (event_type, id);

-- Retention deletes the oldest contents of a source. Without the index, each run would read all events whose content is gone.
create index inbound_events_content on webhooks.inbound_events (source, id) where body is not null;

create table webhooks.messages_inbox (
    event_id    uuid        primary key references webhooks.inbound_events (id),
    message_id  text        collate "C" not null,
    from_msisdn text        collate "C" not null,
    to_msisdn   text        collate "C" not null,
    ts          timestamptz not null,
    text        text        check (length(text) <= 4096),
    created_at  timestamptz not null
);
comment on table webhooks.messages_inbox is
    'Phone messages, as the API of their source shows them. Written by the statement that stores the event.';
comment on column webhooks.messages_inbox.message_id is 'The delivery id of the event.';
comment on column webhooks.messages_inbox.ts is 'The sender''s time.';
create index messages_inbox_order on webhooks.messages_inbox (ts, message_id);
create index messages_inbox_sender on webhooks.messages_inbox (from_msisdn, ts, message_id);

create table webhooks.rejected_requests (
    id             uuid        primary key,
    source         text        not null,
    reason         text        not null,
    received_at    timestamptz not null,
    remote_address text        not null,
    trace_id       text
);
comment on table webhooks.rejected_requests is
    'Requests that were refused. Holds nothing that the sender wrote, only the findings of the Receiver.';
comment on column webhooks.rejected_requests.id is 'UUIDv7: the order of ids is the order of time.';
create index rejected_requests_source on webhooks.rejected_requests (source, id);

-- The queue.

create table webhooks.replays (
    id           uuid        primary key,
    reason       text        not null check (length(reason) between 1 and 500),
    filter       jsonb       not null,
    requested_by text        not null,
    event_count  int         not null check (event_count >= 0),
    created_at   timestamptz not null,
    cancelled_at timestamptz
);
comment on table webhooks.replays is 'Requests of operators to process events again. Each event of a replay is a new job.';
comment on column webhooks.replays.id is 'UUIDv7.';
comment on column webhooks.replays.filter is 'A JSON object: the request.';
comment on column webhooks.replays.requested_by is 'The subject of the operator''s token.';

-- The states of a job, and what moves it:
--
--      ┌─────────────── retry, hand-back ────────────────────┐   ┌─ lease expired ─┐
--      ▼                                                     │   │                 │
--   pending ───────────────── claim ───────────────────► running ◄─┘ (claimed again) └──settle──► done | ignored | buried
--    │  ▲                                                 ▲  │
--    │  └── decision ── waiting ── claim at its deadline ──┘  │
--    │                   ▲                                   │
--    │                   └──────────────── wait ─────────────┘
--    └──────────── cancel ──► cancelled
--
-- Only a pending job is cancelled. A running job ends by itself. Erasure also cancels a waiting job, and a job whose lease has
-- expired.
--
-- Retention deletes jobs that are done. So an event, a task or a delivery without a job is done. Jobs that ended otherwise are
-- deleted with their event, task or delivery. Jobs of a replay are kept, because they are counted.
--
-- A claim changes no column of an index (a HOT update), and pages keep room for it: it takes 13 µs a job instead of 40. So no
-- index has the state. Open jobs are found by finished_at, ended jobs by the column ended, which is null while a job is open.
create table webhooks.jobs (
    id          bigint      generated always as identity primary key,
    kind        text        not null check (kind in ('event', 'task', 'external', 'delivery')),
    ref_id      uuid        not null,
    state       text        not null default 'pending' check (
        state in ('pending', 'waiting', 'running', 'done', 'ignored', 'buried', 'cancelled')),
    attempt     int         not null default 0 check (attempt >= 0),
    due_at      timestamptz not null default now(),
    lease_token uuid,
    lease_until timestamptz,
    last_error  text,
    finished_at timestamptz,
    replay_id   uuid        references webhooks.replays (id),
    lane        text        collate "C" not null default '',
    failures    int         not null default 0 check (failures >= 0),
    ended       text        generated always as (case when finished_at is not null then state end) stored,
    constraint jobs_leased_while_running check (
        (state = 'running') = (lease_token is not null) and (state = 'running') = (lease_until is not null)),
    constraint jobs_finished_at_the_end check ((state in ('done', 'ignored', 'buried', 'cancelled')) = (finished_at is not null)),
    constraint jobs_tasks_wait check (state <> 'waiting' or kind in ('task', 'external'))
) with (
    fillfactor = 45,                                 -- room for the claim's and the settlement's version of each row
    autovacuum_vacuum_scale_factor = 0.02,           -- each job leaves two dead rows
    autovacuum_analyze_scale_factor = 0.05
);
comment on table webhooks.jobs is 'The queue: one row per run of an event, a task or a delivery.';
comment on column webhooks.jobs.kind is 'Which handler does the work. External jobs are tasks that agents outside claim.';
comment on column webhooks.jobs.ref_id is 'The event, task or delivery.';
comment on column webhooks.jobs.attempt is 'How often the job was started.';
comment on column webhooks.jobs.due_at is 'When a pending job may start; by when a waiting job is claimed without a decision.';
comment on column webhooks.jobs.lease_token is 'Issued by the claim. Only its holder can renew or settle.';
comment on column webhooks.jobs.last_error is 'Redacted.';
comment on column webhooks.jobs.lane is
    'The source of an event or a task, or the endpoint of a delivery. Lanes of one kind do not crowd out each other.';
comment on column webhooks.jobs.failures is 'Attempts that failed. An attempt that was interrupted is none.';
comment on column webhooks.jobs.ended is 'The state of a job that has ended; null while it is open.';

-- The jobs of an event, a task or a delivery. With the id, it alone shows that there is no later one.
create index jobs_ref on webhooks.jobs (ref_id, id);
create index jobs_replay on webhooks.jobs (replay_id) where replay_id is not null;

-- Claims: each lane's oldest open job, then the next.
create index jobs_open on webhooks.jobs (kind, lane, due_at) where finished_at is null;

-- The trial of a lane that was held is the job that failed most. So jobs are buried one after the other, however many wait.
create index jobs_failed on webhooks.jobs (kind, lane, failures desc, due_at) where finished_at is null and failures > 0;

-- Retention deletes jobs that are done, the oldest first. Jobs that are settled together share an entry.
create index jobs_done on webhooks.jobs (finished_at) where ended = 'done' and replay_id is null;

-- Series count jobs by the time at which they ended. With the index before, each job of an event or a task is in one of the two.
create index jobs_not_done on webhooks.jobs (finished_at)
    where ended in ('ignored', 'buried') and kind <> 'delivery' and replay_id is null;

-- Lists of events or tasks by how they ended, newest first: ref_id is the event's or task's id.
create index jobs_ended on webhooks.jobs (ended, ref_id) where finished_at is not null and kind = 'event';
create index jobs_tasks on webhooks.jobs (ended, ref_id) where finished_at is not null and kind in ('task', 'external');

-- What did not arrive at an endpoint, oldest or newest first: ref_id is the delivery's id, the lane is the endpoint's. Successful
-- deliveries are not in it, so that it costs them nothing.
create index jobs_missed on webhooks.jobs (lane, ref_id) include (ended)
    where kind = 'delivery' and ended in ('buried', 'ignored', 'cancelled');

-- The states of a lane, and what moves it. Each is one row, however many jobs wait:
--
--   no row ──failure, or success that came late──► slow ──success in time──► no row
--      └───────────────────────┬────────────────────┘
--                              └──hold──► held and slow ──release──► no row
--                                              │  ▲
--                                              └──┘ the trial fails
--
--   any of them ──an operator pauses──► paused ──an operator resumes──► no row
create table webhooks.lanes (
    kind       text        not null check (kind in ('event', 'task', 'external', 'delivery')),
    lane       text        collate "C" not null,
    held_until timestamptz,
    slow       boolean     not null default false,
    paused_at  timestamptz,
    primary key (kind, lane),
    constraint lanes_paused_are_held check (paused_at is null or coalesce(held_until = 'infinity', false))
) with (fillfactor = 70);
comment on table webhooks.lanes is 'The state of each lane of jobs. A lane without a row is neither held, slow nor paused.';
comment on column webhooks.lanes.held_until is
    'No job is claimed before this time; then one job alone, the trial. For an endpoint: its circuit is open. Infinity: paused.';
comment on column webhooks.lanes.slow is 'Jobs of the lane run at places of their own.';
comment on column webhooks.lanes.paused_at is
    'When an operator paused the lane, which for events is a source. Only an operator ends it. Null: not paused.';
create index lanes_held on webhooks.lanes (kind, held_until) where held_until is not null;

create table webhooks.completed_listeners (
    job_id       bigint      not null references webhooks.jobs (id) on delete cascade,
    listener     text        not null,
    completed_at timestamptz not null default now(),
    primary key (job_id, listener)
);
comment on table webhooks.completed_listeners is
    'The listeners of a job that have succeeded, so that a retry for one that failed does not run the others again.';
comment on column webhooks.completed_listeners.listener is 'The name of the listener in the code.';

-- Agent tasks.

create table webhooks.agent_tasks (
    id          uuid        primary key,
    event_id    uuid        not null references webhooks.inbound_events (id),
    playbook    text        not null,
    created_at  timestamptz not null,
    finished_at timestamptz,
    result      text,
    traceparent text,
    agent       text        not null default 'rules'
);
comment on table webhooks.agent_tasks is 'Agent runs. The state of a task is the state of its latest job.';
comment on column webhooks.agent_tasks.result is 'Redacted.';
comment on column webhooks.agent_tasks.agent is 'Which agent runs it; external: an agent outside.';
create index agent_tasks_event on webhooks.agent_tasks (event_id);
create index agent_tasks_playbook on webhooks.agent_tasks (playbook, id);

-- A step is stored when it happens, and never changed: a run that goes on after a crash goes on behind the last of them.
--
--   prompt ──► model ──► tool | approval ──► … ──► model ──► result
create table webhooks.agent_steps (
    task_id       uuid        not null references webhooks.agent_tasks (id),
    position      int         not null check (position >= 0),
    kind          text        not null,
    content       text        not null,
    created_at    timestamptz not null,
    tool          text,
    data          text,
    failed        boolean     not null default false,
    duration_ms   int         not null default 0 check (duration_ms >= 0),
    input_tokens  bigint      not null default 0 check (input_tokens >= 0),
    output_tokens bigint      not null default 0 check (output_tokens >= 0),
    primary key (task_id, position),
    constraint agent_steps_kind check (kind in ('prompt', 'model', 'tool', 'approval', 'result')),
    constraint agent_steps_tool check ((kind in ('tool', 'approval')) = (tool is not null))
);
comment on table webhooks.agent_steps is 'The steps of agent tasks. All text is redacted.';
comment on column webhooks.agent_steps.tool is 'The tool of a tool or approval step.';
comment on column webhooks.agent_steps.data is 'JSON: the calls of a model, the arguments of a tool.';

-- A tool call that waits for a person. It is granted for exactly these arguments, once.
--
--   pending ──► granted | refused     by a person, before expires_at
--      └──────► expired               by whoever finds it too late
--
-- A granted call is marked as started before it is made. A run that finds the mark asks again.
create table webhooks.approvals (
    id               uuid        primary key,
    task_id          uuid        not null,
    position         int         not null,
    tool             text        not null,
    arguments        text        not null,
    arguments_sha256 text        not null check (arguments_sha256 ~ '^[0-9a-f]{64}$'),
    state            text        not null default 'pending' check (state in ('pending', 'granted', 'refused', 'expired')),
    requested_at     timestamptz not null default now(),
    expires_at       timestamptz not null,
    decided_at       timestamptz,
    decided_by       text,
    reason           text        check (length(reason) <= 500),
    started_at       timestamptz,
    may_repeat       boolean     not null default false,
    constraint approvals_step foreign key (task_id, position) references webhooks.agent_steps (task_id, position),
    constraint approvals_one_per_step unique (task_id, position),
    constraint approvals_decided check ((state = 'pending') = (decided_at is null)),
    constraint approvals_decided_by_somebody check ((state in ('granted', 'refused')) = (decided_by is not null)),
    constraint approvals_started_when_granted check (started_at is null or state = 'granted')
);
comment on table webhooks.approvals is 'Tool calls that wait or waited for the decision of a person.';
comment on column webhooks.approvals.id is 'UUIDv7.';
comment on column webhooks.approvals.position is 'The step that asks.';
comment on column webhooks.approvals.arguments is 'Redacted JSON, exactly what is run when the call is granted.';
comment on column webhooks.approvals.arguments_sha256 is 'A decision names this hash: it decides about what was seen.';
comment on column webhooks.approvals.decided_by is 'The subject of the operator''s token.';
comment on column webhooks.approvals.started_at is
    'When the granted call was started, or the grant was shown to an agent outside. From then on it cannot be used again.';
comment on column webhooks.approvals.may_repeat is
    'The same call was started under an earlier grant and has no result: it may have been made.';
create index approvals_pending on webhooks.approvals (id) where state = 'pending';

-- Sent messages.

-- The states of an endpoint, and who moves it:
--
--   active ──merchant | failures | gone──► inactive ──merchant, or an admin after failures or gone──► active
--     └──────────────── delete ──► deleted ◄──┘
create table webhooks.endpoints (
    id                uuid        primary key,
    merchant_id       text        not null,
    url               text        not null,
    description       text        not null default '',
    event_types       text[]      not null default '{}',
    active            boolean     not null default true,
    created_at        timestamptz not null,
    signature         text        not null default 'v1' check (signature in ('v1', 'v1a')),
    headers           text,
    rate_limit        int         check (rate_limit between 1 and 10000),
    updated_at        timestamptz not null,
    disabled_at       timestamptz,
    disabled_reason   text        check (disabled_reason in ('merchant', 'failures', 'gone')),
    deleted_at        timestamptz,
    failed_deliveries int         not null default 0 check (failed_deliveries >= 0),
    failed_attempts   int         not null default 0 check (failed_attempts >= 0),
    failing_since     timestamptz,
    constraint endpoints_disabled check (active = (disabled_at is null) and active = (disabled_reason is null)),
    constraint endpoints_deleted_are_inactive check (deleted_at is null or not active)
);
comment on table webhooks.endpoints is 'The URLs of merchants that messages are sent to.';
comment on column webhooks.endpoints.event_types is 'The types that the endpoint wants. Empty: every type.';
comment on column webhooks.endpoints.headers is
    'A JSON object, encrypted by ASP.NET Core Data Protection: merchants put credentials there.';
comment on column webhooks.endpoints.rate_limit is 'Attempts per second. Null: not limited.';
comment on column webhooks.endpoints.failed_deliveries is 'Deliveries in a row that used up all their attempts.';
comment on column webhooks.endpoints.failed_attempts is 'Failed attempts in a row.';
comment on column webhooks.endpoints.failing_since is 'The first of these attempts.';
create index endpoints_merchant on webhooks.endpoints (merchant_id);
-- Retention removes endpoints that were deleted, once they have no deliveries.
create index endpoints_deleted on webhooks.endpoints (id) where deleted_at is not null;

create table webhooks.endpoint_secrets (
    id          uuid        primary key,
    endpoint_id uuid        not null references webhooks.endpoints (id),
    protected   text        not null,
    created_at  timestamptz not null,
    expires_at  timestamptz
);
comment on table webhooks.endpoint_secrets is 'The keys that the deliveries of an endpoint are signed with.';
comment on column webhooks.endpoint_secrets.id is 'UUIDv7: the newest is last.';
comment on column webhooks.endpoint_secrets.protected is 'Encrypted by ASP.NET Core Data Protection, for this endpoint alone.';
comment on column webhooks.endpoint_secrets.expires_at is 'Null: the current key. Replaced keys also sign until this time.';
create unique index endpoint_secrets_current on webhooks.endpoint_secrets (endpoint_id) where expires_at is null;
create index endpoint_secrets_endpoint on webhooks.endpoint_secrets (endpoint_id);

create table webhooks.data_protection_keys (
    id            int  generated by default as identity primary key,
    friendly_name text,
    xml           text
);
comment on table webhooks.data_protection_keys is
    'The key ring of ASP.NET Core Data Protection. Columns have its names. Never delete a row.';

create table webhooks.messages (
    id              text        primary key,
    merchant_id     text        not null,
    event_type      text        not null,
    payload         bytea,
    content_type    text        not null,
    idempotency_key text        not null,
    task_id         uuid        references webhooks.agent_tasks (id) on delete set null,
    created_at      timestamptz not null,
    traceparent     text,
    constraint messages_idempotency unique (merchant_id, idempotency_key)
);
comment on table webhooks.messages is 'What is sent: one message, one delivery per endpoint, one attempt per POST.';
comment on column webhooks.messages.payload is 'Sent byte for byte. Null: it was erased.';
comment on column webhooks.messages.idempotency_key is
    'Keys of callers have a prefix, so that none can be the key of a task''s result.';
comment on column webhooks.messages.task_id is 'The task whose result it is. Null: published by a caller, or the task was deleted.';
create index messages_task on webhooks.messages (task_id) where task_id is not null;
-- Lists are read newest first.
create index messages_merchant on webhooks.messages (merchant_id, id);

create table webhooks.deliveries (
    id          uuid        primary key,
    message_id  text        not null references webhooks.messages (id),
    endpoint_id uuid        not null references webhooks.endpoints (id),
    created_at  timestamptz not null,
    constraint deliveries_once_per_endpoint unique (message_id, endpoint_id)
);
comment on table webhooks.deliveries is
    'A message on its way to one endpoint. The state of a delivery is the state of its latest job.';
create index deliveries_endpoint on webhooks.deliveries (endpoint_id, id);

create table webhooks.delivery_attempts (
    job_id        bigint      not null,
    attempt       int         not null check (attempt > 0),
    delivery_id   uuid        not null references webhooks.deliveries (id),
    started_at    timestamptz not null,
    duration_ms   int         not null,
    outcome       text        not null,
    status_code   int,
    error         text,
    response_body text,
    logged_at     timestamptz not null default now(),
    primary key (job_id, attempt)
);
comment on table webhooks.delivery_attempts is 'One row per POST.';
comment on column webhooks.delivery_attempts.job_id is 'The job, which can be deleted before its attempts.';
comment on column webhooks.delivery_attempts.error is 'Redacted.';
comment on column webhooks.delivery_attempts.response_body is 'At most 4 KiB, redacted.';
comment on column webhooks.delivery_attempts.logged_at is
    'When the job was settled, by the clock of the database. An attempt is stored with it, however long that had to wait.';
create index delivery_attempts_delivery on webhooks.delivery_attempts (delivery_id);
-- Series read the latest rows. An index of block ranges would do until retention frees pages, which later rows then fill.
create index delivery_attempts_logged on webhooks.delivery_attempts (logged_at);

-- Secrets.

create table webhooks.secret_fingerprints (
    id     bigint generated always as identity unique,
    hash   bytea  primary key check (length(hash) = 16),
    hint   int    not null,
    length int    not null check (length >= 8)
);
comment on table webhooks.secret_fingerprints is
    'Secrets that a process is configured with, or that sign for an endpoint, as salted hashes: every process redacts them all.';
comment on column webhooks.secret_fingerprints.hash is 'PBKDF2-HMAC-SHA256 of one spelling, salted with the id of the ledger.';
comment on column webhooks.secret_fingerprints.hint is 'A keyed hash of its last eight characters: where to look in a text.';
comment on column webhooks.secret_fingerprints.length is 'In UTF-16 code units.';

-- How much happened, by time.

create table webhooks.series (
    name   text        not null,
    step   text        not null check (step in ('minute', 'hour')),
    at     timestamptz not null,
    label  text        collate "C" not null,
    count  bigint      not null check (count > 0),
    bins   smallint[],
    counts bigint[],
    primary key (name, step, label, at),
    constraint series_counts check ((bins is null) = (counts is null) and cardinality(bins) = cardinality(counts))
);
comment on table webhooks.series is
    'What was counted once and for all: a row per series, minute or hour, and label. It stays when the counted rows are deleted.';
comment on column webhooks.series.at is 'The start of the minute or the hour.';
comment on column webhooks.series.label is 'The source or the endpoint. Empty: all of them together.';
comment on column webhooks.series.bins is
    'The classes of durations that were met, ascending. Class n is up to 2^(n/8) ms. Null: the series has no durations.';
comment on column webhooks.series.counts is 'How many were in each of these classes.';
-- Hours are made of minutes, and retention deletes the oldest.
create index series_at on webhooks.series (step, at);

create table webhooks.series_marks (
    name    text        primary key,
    minutes timestamptz not null,
    hours   timestamptz not null check (hours <= minutes)
);
comment on table webhooks.series_marks is
    'How far each series is summarised: to the end of that minute and that hour. What came later is counted when it is read.';
insert into webhooks.series_marks (name, minutes, hours)
select name, hour, hour
from unnest(array[
        'received', 'rejected', 'processed', 'ignored', 'buried', 'tasks_completed', 'tasks_buried', 'delivered', 'failed']) name,
    date_bin('1 hour', now(), timestamptz 'epoch') hour;
