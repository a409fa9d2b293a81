using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Aspire.Webhooks.Storage.Migrations;

/// <summary>Lanes; jobs whose claims change no index.</summary>
[DbContext(typeof(WebhooksDb))]
[Migration("0005_Queue")]
public sealed class Queue : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(MigrationScript.Read("0005_Queue.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop index webhooks.jobs_open, webhooks.jobs_failed, webhooks.jobs_ended, webhooks.jobs_tasks, webhooks.jobs_missed;
        alter table webhooks.jobs drop column ended, drop column failures, add column slow boolean not null default false;
        alter table webhooks.jobs reset (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
        create index jobs_due on webhooks.jobs (kind, slow, due_at) include (lane) where state in ('pending', 'waiting');
        create index jobs_lanes on webhooks.jobs (kind, slow, lane, due_at) where state in ('pending', 'waiting');
        create index jobs_leased on webhooks.jobs (kind, lease_until) where state = 'running';
        create index jobs_running on webhooks.jobs (lane, attempt) where kind = 'delivery' and state = 'running';
        create index jobs_ended on webhooks.jobs (state, ref_id) where kind = 'event' and finished_at is not null;
        create index jobs_tasks on webhooks.jobs (state, ref_id) where kind in ('task', 'external');
        create index jobs_missed on webhooks.jobs (lane, ref_id) include (state)
            where kind = 'delivery' and state in ('buried', 'ignored', 'cancelled');
        alter table webhooks.endpoints add column held_until timestamptz;
        update webhooks.endpoints endpoint set held_until = lanes.held_until from webhooks.lanes where kind = 'delivery' and lane = endpoint.id::text;
        drop table webhooks.lanes;
        """);
}
