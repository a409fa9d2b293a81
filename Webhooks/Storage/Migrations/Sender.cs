using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Aspire.Webhooks.Storage.Migrations;

/// <summary>Endpoints that merchants manage, encrypted secrets, the keys they are encrypted with.</summary>
[DbContext(typeof(WebhooksDb))]
[Migration("0004_Sender")]
public sealed class Sender : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(MigrationScript.Read("0004_Sender.sql"));

    // Secrets cannot be decrypted here: endpoints are left without one, and inactive.
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop index webhooks.jobs_missed, webhooks.jobs_due, webhooks.jobs_lanes, webhooks.jobs_running, webhooks.deliveries_endpoint, webhooks.messages_merchant;
        alter table webhooks.jobs drop column slow;
        create index jobs_due on webhooks.jobs (kind, due_at) include (lane) where state in ('pending', 'waiting');
        create index jobs_lanes on webhooks.jobs (kind, lane, due_at) where state in ('pending', 'waiting');
        drop table webhooks.data_protection_keys, webhooks.endpoint_secrets;
        update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = 'merchant' where active;
        alter table webhooks.endpoints
            drop constraint endpoints_disabled, drop constraint endpoints_deleted_are_inactive,
            drop column signature, drop column headers, drop column rate_limit, drop column updated_at, drop column disabled_at,
            drop column disabled_reason, drop column deleted_at, drop column failed_deliveries, drop column failed_attempts,
            drop column failing_since, drop column held_until,
            add column secret text not null default '';
        alter table webhooks.endpoints alter column secret drop default;
        drop function webhooks.uuid_v7;
        """);
}
