-- How a body that was signed in compressed form is inflated: gzip, deflate or br.
alter table webhooks.inbound_events add column content_encoding text;

-- Lists are read newest first, within a source or a type.
create index inbound_events_source on webhooks.inbound_events (source, id);
create index inbound_events_type on webhooks.inbound_events (event_type, id);

-- The same key the other way round also finds a delivery id whatever its source.
alter table webhooks.inbound_events
    drop constraint inbound_events_delivery,
    add constraint inbound_events_delivery unique (delivery_id, source);

-- What an operator had processed again, and why; each event in it is a new job.
create table webhooks.replays (
    id           uuid        primary key,           -- UUIDv7
    reason       text        not null check (length(reason) between 1 and 500),
    filter       jsonb       not null,              -- what was asked for
    requested_by text        not null,              -- the token's subject
    event_count  int         not null check (event_count >= 0),
    created_at   timestamptz not null,
    cancelled_at timestamptz
);

alter table webhooks.jobs add column replay_id uuid references webhooks.replays (id);
create index jobs_replay on webhooks.jobs (replay_id) where replay_id is not null;

-- Lists of events in a state, newest first: ref_id is the event's id. What is pending or running has indexes already.
create index jobs_ended on webhooks.jobs (state, ref_id) where kind = 'event' and finished_at is not null;

-- One more way to end: pending ──cancel──► cancelled. A running job is not cancelled; it ends by itself.
alter table webhooks.jobs
    drop constraint jobs_state_check,
    drop constraint jobs_finished_at_the_end,
    add constraint jobs_state_check check (state in ('pending', 'running', 'done', 'ignored', 'buried', 'cancelled')),
    add constraint jobs_finished_at_the_end check ((state in ('done', 'ignored', 'buried', 'cancelled')) = (finished_at is not null));

-- Requests that were refused: nothing that the sender wrote, only what we found.
create table webhooks.rejected_requests (
    id             uuid        primary key,         -- UUIDv7: ordered by time
    source         text        not null,
    reason         text        not null,
    received_at    timestamptz not null,
    remote_address text        not null,
    trace_id       text
);
create index rejected_requests_source on webhooks.rejected_requests (source, id);

-- Phone messages, as their source's own API shows them: written with the event, in the same statement.
create table webhooks.messages_inbox (
    event_id    uuid        primary key references webhooks.inbound_events (id),
    message_id  text        collate "C" not null,   -- the delivery id of the event
    from_msisdn text        collate "C" not null,
    to_msisdn   text        collate "C" not null,
    ts          timestamptz not null,               -- the sender's time
    text        text        check (length(text) <= 4096),
    created_at  timestamptz not null
);
create index messages_inbox_order on webhooks.messages_inbox (ts, message_id);
create index messages_inbox_sender on webhooks.messages_inbox (from_msisdn, ts, message_id);

-- Which of a job's listeners have succeeded, so that a retry for one that failed does not run the others again.
create table webhooks.heard_listeners (
    job_id   bigint      not null references webhooks.jobs (id) on delete cascade,
    listener text        not null,
    heard_at timestamptz not null default now(),
    primary key (job_id, listener)
);
