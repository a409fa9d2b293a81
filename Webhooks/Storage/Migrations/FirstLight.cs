using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Aspire.Webhooks.Storage.Migrations;

/// <summary>Ledger, queue, agent tasks, endpoints, messages.</summary>
[DbContext(typeof(WebhooksDb))]
[Migration("0001_FirstLight")]
public sealed class FirstLight : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(MigrationScript.Read("0001_FirstLight.sql"));

    protected override void Down(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("drop schema webhooks cascade; create schema webhooks;");
}
