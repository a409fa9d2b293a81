-- What a job must not crowd out others of its kind with: an event's or a task's source, a delivery's endpoint.
alter table webhooks.jobs add column lane text collate "C" not null default '';
update webhooks.jobs job set lane = event.source
from webhooks.inbound_events event where job.ref_id = event.id and job.finished_at is null;
update webhooks.jobs job set lane = event.source
from webhooks.agent_tasks task join webhooks.inbound_events event on event.id = task.event_id
where job.ref_id = task.id and job.finished_at is null;
update webhooks.jobs job set lane = delivery.endpoint_id::text
from webhooks.deliveries delivery where job.ref_id = delivery.id and job.finished_at is null;

-- A job can wait for a person, and tasks can be for an agent outside, which claims them itself. The queue as a whole:
--
--      ┌────────── retry, hand-back, expired lease ──────────┐
--      ▼                                                     │
--   pending ───────────────── claim ───────────────────► running ──settle──► done | ignored | buried
--    │  ▲                                                 ▲  │
--    │  └── decision ── waiting ── claim at its deadline ──┘  │
--    │                   ▲  └──── cancel ──┐                 │
--    │                   └──── park ───────┼─────────────────┘
--    └──────────── cancel ──► cancelled ◄──┘
--
-- due_at is when a pending job may start, and by when a waiting one is claimed without a decision.
drop index webhooks.jobs_due;
alter table webhooks.jobs
    drop constraint jobs_kind_check,
    drop constraint jobs_state_check,
    add constraint jobs_kind_check check (kind in ('event', 'task', 'external', 'delivery')),
    add constraint jobs_state_check check (
        state in ('pending', 'waiting', 'running', 'done', 'ignored', 'buried', 'cancelled')),
    add constraint jobs_tasks_wait check (state <> 'waiting' or kind in ('task', 'external'));

-- The oldest jobs, with their lanes; and each lane's oldest. The lane is no key of the first: where few lanes are known,
-- Postgres would take it for the second, and read past all jobs of one lane to find another's.
create index jobs_due on webhooks.jobs (kind, due_at) include (lane) where state in ('pending', 'waiting');
create index jobs_lanes on webhooks.jobs (kind, lane, due_at) where state in ('pending', 'waiting');

-- Lists of tasks in a state, newest first: ref_id is the task's id.
create index jobs_tasks on webhooks.jobs (state, ref_id) where kind in ('task', 'external');
create index agent_tasks_playbook on webhooks.agent_tasks (playbook, id);

-- Who runs it.
alter table webhooks.agent_tasks add column agent text not null default 'rules';

-- A step is stored when it happens, and never changed: a run that goes on after a crash goes on behind the last of them.
--
--   prompt ──► model ──► tool | approval ──► … ──► model ──► result
alter table webhooks.agent_steps
    add column tool          text,                  -- of a tool or approval step
    add column data          text,                  -- JSON: a model's calls, a tool's arguments
    add column failed        boolean not null default false,
    add column duration_ms   int     not null default 0 check (duration_ms >= 0),
    add column input_tokens  bigint  not null default 0 check (input_tokens >= 0),
    add column output_tokens bigint  not null default 0 check (output_tokens >= 0);
update webhooks.agent_steps set kind = 'prompt' where kind = 'instructions';
alter table webhooks.agent_steps
    add constraint agent_steps_kind check (kind in ('prompt', 'model', 'tool', 'approval', 'result')),
    add constraint agent_steps_tool check ((kind in ('tool', 'approval')) = (tool is not null));

-- A tool call that waits for a person. It is granted for exactly these arguments, once.
--
--   pending ──► granted | refused     by a person, before expires_at
--      └──────► expired               by whoever finds it too late
create table webhooks.approvals (
    id               uuid        primary key,       -- UUIDv7
    task_id          uuid        not null,
    position         int         not null,          -- the step that asks
    tool             text        not null,
    arguments        text        not null,          -- redacted JSON, what will be run
    arguments_sha256 text        not null check (arguments_sha256 ~ '^[0-9a-f]{64}$'),
    state            text        not null default 'pending' check (state in ('pending', 'granted', 'refused', 'expired')),
    requested_at     timestamptz not null default now(),
    expires_at       timestamptz not null,
    decided_at       timestamptz,
    decided_by       text,                          -- the token's subject
    reason           text        check (length(reason) <= 500),
    constraint approvals_step foreign key (task_id, position) references webhooks.agent_steps (task_id, position),
    constraint approvals_one_per_step unique (task_id, position),
    constraint approvals_decided check ((state = 'pending') = (decided_at is null)),
    constraint approvals_decided_by_somebody check ((state in ('granted', 'refused')) = (decided_by is not null))
);
create index approvals_pending on webhooks.approvals (id) where state = 'pending';
