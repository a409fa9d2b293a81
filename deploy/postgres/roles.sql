-- A role per service, each with what the service does and no more. Run it as the owner of the schema webhooks after every
-- `migrate`, with a role that may create roles. Then give each service a login that is a member of its role:
--
--   create role receiver_login login password '…' in role webhooks_receiver;
--
-- and set Webhooks:Storage:Migrate to Never. Only the Worker may delete events and messages, which is its retention. Nobody may
-- change the audit, and only the Sender sees what decrypts the secrets of endpoints.

do $$
declare
    service text;
begin
    foreach service in array array['webhooks_receiver', 'webhooks_worker', 'webhooks_sender'] loop
        if not exists (select from pg_roles where rolname = service) then
            execute format('create role %I nologin', service);
        end if;

        execute format('revoke all on all tables in schema webhooks from %I', service);
        execute format('grant usage on schema webhooks to %I', service);
        execute format('grant select on webhooks.schema_versions, webhooks.ledger to %I', service);
        execute format('grant select, insert on webhooks.secret_fingerprints to %I', service);
        execute format('grant select, insert, update on webhooks.jobs to %I', service);
        execute format('grant select on webhooks.series, webhooks.series_marks to %I', service);

        -- Each records what its callers do, and erases messages: the Receiver and the Worker with the task that made them.
        execute format('grant insert on webhooks.audit to %I', service);
        execute format('grant update (payload) on webhooks.messages to %I', service);
        execute format('grant update (error, response_body) on webhooks.delivery_attempts to %I', service);
    end loop;
end
$$;

-- The Receiver stores events, shows operators what became of them, pauses sources, and erases the content of events.
grant select, insert on webhooks.inbound_events, webhooks.messages_inbox to webhooks_receiver;
grant select, insert, update on webhooks.replays to webhooks_receiver;
grant select, insert, delete on webhooks.rejected_requests to webhooks_receiver;
grant select on
    webhooks.agent_tasks, webhooks.agent_steps, webhooks.approvals, webhooks.messages, webhooks.deliveries,
    webhooks.delivery_attempts, webhooks.endpoints, webhooks.lanes, webhooks.audit
    to webhooks_receiver;
grant insert, update, delete on webhooks.lanes to webhooks_receiver;
grant update (body, headers) on webhooks.inbound_events to webhooks_receiver;
grant delete on webhooks.messages_inbox, webhooks.agent_steps, webhooks.approvals to webhooks_receiver;
grant update (result) on webhooks.agent_tasks to webhooks_receiver;

-- The Worker reads events, runs agents and publishes what they say. Agents outside ask for replays (its command mcp), which locks
-- the event: Postgres wants the right to update a column for that, which retention has.
grant select, update (body, headers) on webhooks.inbound_events to webhooks_worker;
grant select on webhooks.messages_inbox, webhooks.endpoints, webhooks.delivery_attempts, webhooks.audit to webhooks_worker;
grant select, insert on webhooks.replays, webhooks.messages, webhooks.deliveries to webhooks_worker;
grant select, insert, update on
    webhooks.agent_tasks, webhooks.agent_steps, webhooks.approvals, webhooks.completed_listeners to webhooks_worker;
grant select, insert, update, delete on webhooks.lanes to webhooks_worker;

-- It summarises what happened.
grant select on webhooks.rejected_requests to webhooks_worker;
grant insert on webhooks.series to webhooks_worker;
grant update on webhooks.series_marks to webhooks_worker;

-- Retention and erasure.
grant delete on
    webhooks.inbound_events, webhooks.messages_inbox, webhooks.jobs, webhooks.agent_tasks, webhooks.agent_steps, webhooks.approvals,
    webhooks.replays, webhooks.messages, webhooks.deliveries, webhooks.delivery_attempts, webhooks.endpoints, webhooks.audit,
    webhooks.series
    to webhooks_worker;

-- Who publishes a message again with its Idempotency-Key gets the first one, by an update that changes nothing.
grant update (idempotency_key) on webhooks.messages to webhooks_worker, webhooks_sender;

-- The Sender has the endpoints and their secrets, and sends. To resend a message it locks its delivery. It notes where it found
-- the database.
grant select, insert on webhooks.messages, webhooks.delivery_attempts, webhooks.data_protection_keys to webhooks_sender;
grant select, insert, update on webhooks.deliveries, webhooks.endpoints to webhooks_sender;
grant update (home) on webhooks.ledger to webhooks_sender;
grant select, insert, update, delete on webhooks.endpoint_secrets, webhooks.lanes to webhooks_sender;
