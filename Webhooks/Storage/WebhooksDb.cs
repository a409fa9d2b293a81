using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// The EF Core context of the <c>webhooks</c> schema, for reads, administration and migrations. Hot statements are SQL constants
/// beside their only caller.
/// </summary>
public sealed class WebhooksDb(DbContextOptions<WebhooksDb> options) : DbContext(options), IDataProtectionKeyContext
{
    public const string Schema = "webhooks";

    public DbSet<InboundEvent> InboundEvents => Set<InboundEvent>();
    public DbSet<Job> Jobs => Set<Job>();
    public DbSet<JobLane> Lanes => Set<JobLane>();
    public DbSet<Replay> Replays => Set<Replay>();
    public DbSet<RejectedRequest> RejectedRequests => Set<RejectedRequest>();
    public DbSet<InboxMessage> MessagesInbox => Set<InboxMessage>();
    public DbSet<AgentTask> AgentTasks => Set<AgentTask>();
    public DbSet<AgentStep> AgentSteps => Set<AgentStep>();
    public DbSet<Approval> Approvals => Set<Approval>();
    public DbSet<Endpoint> Endpoints => Set<Endpoint>();
    public DbSet<EndpointSecret> EndpointSecrets => Set<EndpointSecret>();
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();
    public DbSet<Message> Messages => Set<Message>();
    public DbSet<Delivery> Deliveries => Set<Delivery>();
    public DbSet<DeliveryAttempt> DeliveryAttempts => Set<DeliveryAttempt>();
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<InboundEvent>().Property(e => e.Headers).HasColumnType("jsonb");
        modelBuilder.Entity<JobLane>().HasKey(l => new { l.Kind, l.Lane });
        modelBuilder.Entity<Replay>().Property(r => r.Filter).HasColumnType("jsonb");
        modelBuilder.Entity<Replay>().HasMany(r => r.Jobs).WithOne(j => j.Replay).HasForeignKey(j => j.ReplayId);
        modelBuilder.Entity<InboxMessage>().HasKey(m => m.EventId);
        modelBuilder.Entity<InboundEvent>().HasOne(e => e.Message).WithOne().HasForeignKey<InboxMessage>(m => m.EventId);
        modelBuilder.Entity<InboundEvent>().HasMany(e => e.Tasks).WithOne().HasForeignKey(t => t.EventId);
        modelBuilder.Entity<AgentTask>().HasMany(t => t.Steps).WithOne().HasForeignKey(s => s.TaskId);
        modelBuilder.Entity<AgentTask>().HasMany(t => t.Approvals).WithOne().HasForeignKey(a => a.TaskId);
        modelBuilder.Entity<AgentTask>().HasMany(t => t.Messages).WithOne().HasForeignKey(m => m.TaskId);
        modelBuilder.Entity<AgentStep>().HasKey(s => new { s.TaskId, s.Position });
        modelBuilder.Entity<Message>().HasMany(m => m.Deliveries).WithOne().HasForeignKey(d => d.MessageId);
        modelBuilder.Entity<Endpoint>().HasMany(e => e.Secrets).WithOne().HasForeignKey(s => s.EndpointId);
        modelBuilder.Entity<Delivery>().HasOne(d => d.Endpoint).WithMany().HasForeignKey(d => d.EndpointId);
        modelBuilder.Entity<Delivery>().HasMany(d => d.Attempts).WithOne().HasForeignKey(a => a.DeliveryId);
        modelBuilder.Entity<DeliveryAttempt>().HasKey(a => new { a.JobId, a.Attempt });
    }
}
