using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Aspire.Webhooks.Storage.Migrations;

/// <summary>Replays, rejected requests, phone messages.</summary>
[DbContext(typeof(WebhooksDb))]
[Migration("0002_Receiver")]
public sealed class Receiver : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(MigrationScript.Read("0002_Receiver.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop table webhooks.heard_listeners, webhooks.messages_inbox, webhooks.rejected_requests;
        delete from webhooks.jobs where state = 'cancelled';
        drop index webhooks.jobs_ended;
        alter table webhooks.jobs
            drop column replay_id,
            drop constraint jobs_state_check,
            drop constraint jobs_finished_at_the_end,
            add constraint jobs_state_check check (state in ('pending', 'running', 'done', 'ignored', 'buried')),
            add constraint jobs_finished_at_the_end check ((state in ('done', 'ignored', 'buried')) = (finished_at is not null));
        drop table webhooks.replays;
        drop index webhooks.inbound_events_source, webhooks.inbound_events_type;
        alter table webhooks.inbound_events
            drop column content_encoding,
            drop constraint inbound_events_delivery,
            add constraint inbound_events_delivery unique (source, delivery_id);
        """);
}
