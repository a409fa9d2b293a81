using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Aspire.Webhooks.Storage.Migrations;

/// <summary>Lanes and waiting jobs, agents' steps, approvals.</summary>
[DbContext(typeof(WebhooksDb))]
[Migration("0003_Worker")]
public sealed class Worker : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(MigrationScript.Read("0003_Worker.sql"));

    // What waited starts again, and asks again; tasks for agents outside are given up.
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop table webhooks.approvals;
        alter table webhooks.agent_steps drop constraint agent_steps_kind, drop constraint agent_steps_tool;
        delete from webhooks.agent_steps where kind in ('tool', 'approval', 'model');
        update webhooks.agent_steps set kind = 'instructions' where kind = 'prompt';
        alter table webhooks.agent_steps
            drop column tool, drop column data, drop column failed, drop column duration_ms, drop column input_tokens,
            drop column output_tokens;
        alter table webhooks.agent_tasks drop column agent;
        drop index webhooks.agent_tasks_playbook, webhooks.jobs_tasks, webhooks.jobs_due;
        update webhooks.jobs set state = 'pending' where state = 'waiting';
        delete from webhooks.jobs where kind = 'external';
        alter table webhooks.jobs
            drop column lane,
            drop constraint jobs_tasks_wait,
            drop constraint jobs_kind_check,
            drop constraint jobs_state_check,
            add constraint jobs_kind_check check (kind in ('event', 'task', 'delivery')),
            add constraint jobs_state_check check (state in ('pending', 'running', 'done', 'ignored', 'buried', 'cancelled'));
        create index jobs_due on webhooks.jobs (kind, due_at) where state = 'pending';
        """);
}
