-- What holds for a lane of jobs as a whole. A lane without a row is neither held nor slow.
create table webhooks.lanes (
    kind       text        not null check (kind in ('event', 'task', 'external', 'delivery')),
    lane       text        collate "C" not null,
    held_until timestamptz,                          -- no job is claimed before that; then one alone, the trial
    slow       boolean     not null default false,   -- its jobs run at places of their own
    primary key (kind, lane)
) with (fillfactor = 70);
create index lanes_held on webhooks.lanes (kind, held_until) where held_until is not null;

insert into webhooks.lanes (kind, lane, held_until, slow)
select 'delivery', id::text, held_until, true from webhooks.endpoints where held_until is not null;
alter table webhooks.endpoints drop column held_until;

-- The queue as a whole:
--
--      ┌─────────────── retry, hand-back ────────────────────┐   ┌─ lease expired ─┐
--      ▼                                                     │   │                 │
--   pending ───────────────── claim ───────────────────► running ◄─┘ (claimed again) └──settle──► done | ignored | buried
--    │  ▲                                                 ▲  │
--    │  └── decision ── waiting ── claim at its deadline ──┘  │
--    │                   ▲  └──── cancel ──┐                 │
--    │                   └──── park ───────┼─────────────────┘
--    └──────────── cancel ──► cancelled ◄──┘
--
-- A claim changes no column of an index (a HOT update), and pages keep room for it: 13 µs a job instead of 40. So no index
-- knows the state. What is open is known by finished_at, what ended by this column, which a claim leaves as it is: null.
drop index webhooks.jobs_due, webhooks.jobs_lanes, webhooks.jobs_leased, webhooks.jobs_running, webhooks.jobs_ended, webhooks.jobs_tasks,
    webhooks.jobs_missed;
alter table webhooks.jobs
    drop column slow,
    add column failures int  not null default 0 check (failures >= 0),  -- attempts that failed; what was cut short is none
    add column ended    text generated always as (case when finished_at is not null then state end) stored;
update webhooks.jobs set failures = attempt where attempt > 0 and finished_at is null;
alter table webhooks.jobs set (
    fillfactor = 45,                                 -- room for the claim's and the settlement's version of each row
    autovacuum_vacuum_scale_factor = 0.02,           -- each job leaves two dead rows
    autovacuum_analyze_scale_factor = 0.05);

-- Claims: each lane's oldest open job, then the next.
create index jobs_open on webhooks.jobs (kind, lane, due_at) where finished_at is null;

-- The trial of a lane that was held is the job that failed most: so jobs are given up one after the other, however many wait.
create index jobs_failed on webhooks.jobs (kind, lane, failures desc, due_at) where finished_at is null and failures > 0;

-- Lists of events or tasks by how they ended, newest first: ref_id is the event's or task's id.
create index jobs_ended on webhooks.jobs (ended, ref_id) where finished_at is not null and kind = 'event';
create index jobs_tasks on webhooks.jobs (ended, ref_id) where finished_at is not null and kind in ('task', 'external');

-- What did not arrive at an endpoint, oldest or newest first: ref_id is the delivery's id, the lane is the endpoint's. Deliveries
-- that were made are not in it, so that it costs them nothing.
create index jobs_missed on webhooks.jobs (lane, ref_id) include (ended)
    where kind = 'delivery' and ended in ('buried', 'ignored', 'cancelled');

-- Secrets that a process is configured with, or that sign for an endpoint, as salted hashes: every process redacts them all.
create table webhooks.secret_fingerprints (
    id     bigint generated always as identity unique,
    hash   bytea  primary key check (length(hash) = 16),
    hint   int    not null,
    length int    not null check (length >= 8)
);
