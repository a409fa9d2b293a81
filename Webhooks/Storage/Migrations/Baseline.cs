using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Aspire.Webhooks.Storage.Migrations;

/// <summary>The whole schema, in SQL: constraints and partial indexes are the design here.</summary>
[DbContext(typeof(WebhooksDb))]
[Migration("0001_Baseline")]
public sealed class Baseline : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(MigrationScript.Read("0001_Baseline.sql"));

    // The history of migrations is in the same schema, so that the schema itself stays.
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop table
            webhooks.delivery_attempts, webhooks.deliveries, webhooks.messages, webhooks.data_protection_keys,
            webhooks.endpoint_secrets, webhooks.endpoints, webhooks.approvals, webhooks.agent_steps, webhooks.agent_tasks,
            webhooks.completed_listeners, webhooks.lanes, webhooks.jobs, webhooks.replays, webhooks.rejected_requests,
            webhooks.messages_inbox, webhooks.inbound_events, webhooks.secret_fingerprints, webhooks.audit, webhooks.ledger,
            webhooks.series, webhooks.series_marks;
        drop function webhooks.uuid_v7;
        """);
}
