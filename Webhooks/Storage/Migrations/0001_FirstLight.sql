-- Which database this is: caches outside it carry the id in their keys, so that they never speak for another one.
create table webhooks.ledger (
    id uuid primary key default gen_random_uuid()
);
insert into webhooks.ledger default values;

-- What came in: one row per verified delivery, never changed.
create table webhooks.inbound_events (
    id           uuid        primary key,           -- UUIDv7: ordered by time of receipt
    source       text        not null,
    delivery_id  text        not null check (length(delivery_id) between 1 and 255),
    event_type   text        not null check (length(event_type) between 1 and 255),
    received_at  timestamptz not null,
    headers      jsonb       not null,              -- allow-listed; never credentials or signatures
    content_type text        not null,
    body         bytea       not null,              -- exactly the bytes that were signed
    traceparent  text,
    constraint inbound_events_delivery unique (source, delivery_id)
);

-- What must still happen: the one queue. States and who may move between them:
--
--   pending ──claim──► running ──settle──► done | ignored | buried
--      ▲                  │
--      └── retry, hand-back, expired lease
create table webhooks.jobs (
    id          bigint      generated always as identity primary key,
    kind        text        not null check (kind in ('event', 'task', 'delivery')),
    ref_id      uuid        not null,
    state       text        not null default 'pending' check (state in ('pending', 'running', 'done', 'ignored', 'buried')),
    attempt     int         not null default 0 check (attempt >= 0),
    due_at      timestamptz not null default now(),
    lease_token uuid,
    lease_until timestamptz,
    last_error  text,
    finished_at timestamptz,
    constraint jobs_leased_while_running check (
        (state = 'running') = (lease_token is not null) and (state = 'running') = (lease_until is not null)),
    constraint jobs_finished_at_the_end check ((state in ('done', 'ignored', 'buried')) = (finished_at is not null))
);
create index jobs_due on webhooks.jobs (kind, due_at) where state = 'pending';
create index jobs_leased on webhooks.jobs (kind, lease_until) where state = 'running';
create index jobs_ref on webhooks.jobs (ref_id);

create table webhooks.agent_tasks (
    id          uuid        primary key,
    event_id    uuid        not null references webhooks.inbound_events (id),
    playbook    text        not null,
    created_at  timestamptz not null,
    finished_at timestamptz,
    result      text,
    traceparent text
);
create index agent_tasks_event on webhooks.agent_tasks (event_id);

create table webhooks.agent_steps (
    task_id    uuid        not null references webhooks.agent_tasks (id),
    position   int         not null check (position >= 0),
    kind       text        not null,
    content    text        not null,                -- redacted
    created_at timestamptz not null,
    primary key (task_id, position)
);

-- Whom we send to.
create table webhooks.endpoints (
    id          uuid        primary key,
    merchant_id text        not null,
    url         text        not null,
    description text        not null default '',
    event_types text[]      not null default '{}',  -- empty: every type
    secret      text        not null,
    active      boolean     not null default true,
    created_at  timestamptz not null
);
create index endpoints_merchant on webhooks.endpoints (merchant_id);

-- What we send: one message, one delivery per endpoint, one attempt per POST.
create table webhooks.messages (
    id              text        primary key,
    merchant_id     text        not null,
    event_type      text        not null,
    payload         bytea       not null,           -- sent byte for byte
    content_type    text        not null,
    idempotency_key text        not null,
    task_id         uuid        references webhooks.agent_tasks (id),
    created_at      timestamptz not null,
    traceparent     text,
    constraint messages_idempotency unique (merchant_id, idempotency_key)
);
create index messages_task on webhooks.messages (task_id) where task_id is not null;

create table webhooks.deliveries (
    id          uuid        primary key,
    message_id  text        not null references webhooks.messages (id),
    endpoint_id uuid        not null references webhooks.endpoints (id),
    created_at  timestamptz not null,
    constraint deliveries_once_per_endpoint unique (message_id, endpoint_id)
);

create table webhooks.delivery_attempts (
    job_id        bigint      not null references webhooks.jobs (id),
    attempt       int         not null check (attempt > 0),
    delivery_id   uuid        not null references webhooks.deliveries (id),
    started_at    timestamptz not null,
    duration_ms   int         not null,
    outcome       text        not null,
    status_code   int,
    error         text,
    response_body text,                             -- at most 4 KiB, redacted
    primary key (job_id, attempt)
);
create index delivery_attempts_delivery on webhooks.delivery_attempts (delivery_id);
