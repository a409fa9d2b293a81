namespace Aspire.Webhooks.Worker.Retention;

/// <summary>
/// The statements that delete old rows, a batch at a time. Each finds its rows by an index, oldest first. It returns how many
/// rows it deleted, how many it read, and the id of the last row that it read, after which the next batch continues. Rows that
/// it read and did not delete are still needed.
/// </summary>
/// <remarks>
/// Parameters: <c>$1</c> is the time or the id before which rows are old, <c>$2</c> the id after which the batch begins,
/// <c>$3</c> the size of the batch, <c>$4</c> the source.
/// </remarks>
internal static class RetentionSql
{
    // A crash of the database may undo what such a transaction did; the next run repeats it. A batch reads few rows of each
    // table, by their keys. Of tables that were not analyzed yet, Postgres may assume otherwise, so other plans are off.
    public const string Settings = """
        select set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true),
               set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
        """;

    /// <summary>Finds the sources of all events, with one probe of an index for each.</summary>
    public const string Sources = """
        with recursive found as (
            (select source from webhooks.inbound_events order by source limit 1)
            union all
            select (select source from webhooks.inbound_events where source > found.source order by source limit 1)
            from found where found.source is not null)
        select source from found where source is not null
        """;

    /// <summary>
    /// Jobs that are done, with the jobs of the same event, task or delivery that ended before them. If these stayed, an event
    /// that failed first and then succeeded would be shown as failed. Jobs of replays stay, because replays count them.
    /// </summary>
    public const string Jobs = """
        with old as (
            select id, ref_id from webhooks.jobs where ended = 'done' and replay_id is null and finished_at < $1
            order by finished_at limit $3 for update skip locked),
        gone as (
            delete from webhooks.jobs job using old
            where job.ref_id = old.ref_id and job.id <= old.id and job.finished_at is not null
            returning 1)
        select (select count(*) from gone), (select count(*) from old), $2::uuid
        """;

    // The order names the source although it is the same in all rows. Otherwise Postgres may use the primary key, and read all
    // events whose content is gone. The end is a condition on the batch: as a second comparison of rows it would not end the scan
    // of the index before Postgres 18, and each run would read all events.

    /// <summary>The content of events of a source.</summary>
    public const string Bodies = $"""
        with next as materialized (
            select source, id from webhooks.inbound_events
            where (source, id) > ($4, $2) and body is not null order by source, id limit $3),
        old as materialized (select id from next where source = $4 and id < $1),
        free as materialized (select old.id from old where {HasEnded}),
        messages as (
            delete from webhooks.messages_inbox using free where event_id = free.id),
        gone as (
            update webhooks.inbound_events event set body = null, headers = '{EmptyObject}' from free where event.id = free.id
            returning 1)
        {Result}
        """;

    /// <summary>Events of a source, with their tasks and jobs. Messages of the tasks have a retention of their own.</summary>
    public const string Events = $"""
        with next as materialized (
            select source, id from webhooks.inbound_events where (source, id) > ($4, $2) order by source, id limit $3),
        old as materialized (select id from next where source = $4 and id < $1),
        free as materialized (select old.id from old where {HasEnded}),
        tasks as materialized (
            select task.id from webhooks.agent_tasks task join free on free.id = task.event_id),
        jobs as (
            delete from webhooks.jobs job using (select id from free union all select id from tasks) ended
            where job.ref_id = ended.id),
        messages as (
            delete from webhooks.messages_inbox using free where event_id = free.id),
        approvals as (
            delete from webhooks.approvals using tasks where task_id = tasks.id),
        steps as (
            delete from webhooks.agent_steps using tasks where task_id = tasks.id),
        done as (
            delete from webhooks.agent_tasks task using tasks where task.id = tasks.id),
        gone as (
            delete from webhooks.inbound_events event using free where event.id = free.id returning 1)
        {Result}
        """;

    /// <summary>Finds the oldest task with an open job, as the least id of its millisecond.</summary>
    public const string OldestOpenTask = """
        select (left(ref_id::text, 13) || '-0000-0000-000000000000')::uuid
        from webhooks.jobs where kind in ('task', 'external') and finished_at is null order by ref_id limit 1
        """;

    /// <summary>
    /// The steps, approvals and results of tasks. <c>$4</c> are their sources or, when <c>$5</c> is false, the others.
    /// </summary>
    public const string Steps = $"""
        with step as materialized (
            select task_id from webhooks.agent_steps where task_id > $2 and task_id < $1 order by task_id, position limit $3),
        old as materialized (select distinct task_id as id from step),
        free as materialized (
            select old.id from old
            join webhooks.agent_tasks task on task.id = old.id
            join webhooks.inbound_events event on event.id = task.event_id
            where (event.source = any($4)) = $5
                and not exists (select from webhooks.jobs where ref_id = old.id and ended is null)),
        approvals as (
            delete from webhooks.approvals using free where task_id = free.id),
        steps as (
            delete from webhooks.agent_steps using free where task_id = free.id),
        gone as (
            update webhooks.agent_tasks task set result = null from free where task.id = free.id returning 1)
        select (select count(*) from gone), (select count(*) from step), {Last}
        """;

    /// <summary>Messages with their deliveries, attempts and jobs.</summary>
    public const string Messages = $"""
        with old as materialized (
            select id from webhooks.messages where id > $2 and id < $1 order by id limit $3),
        free as materialized (
            select old.id from old where not exists (
                select from webhooks.deliveries delivery join webhooks.jobs job on job.ref_id = delivery.id
                where delivery.message_id = old.id and job.ended is null)),
        ended as materialized (
            select delivery.id from webhooks.deliveries delivery join free on free.id = delivery.message_id),
        attempts as (
            delete from webhooks.delivery_attempts using ended where delivery_id = ended.id),
        jobs as (
            delete from webhooks.jobs job using ended where job.ref_id = ended.id),
        deliveries as (
            delete from webhooks.deliveries delivery using ended where delivery.id = ended.id),
        gone as (
            delete from webhooks.messages message using free where message.id = free.id returning 1)
        {Result}
        """;

    /// <summary>Replays whose jobs are gone.</summary>
    public const string Replays = $"""
        with old as materialized (
            select id from webhooks.replays where id > $2 and id < $1 order by id limit $3),
        gone as (
            delete from webhooks.replays replay using old
            where replay.id = old.id and not exists (select from webhooks.jobs where replay_id = old.id)
            returning 1)
        {Result}
        """;

    /// <summary>Endpoints that were deleted and have no deliveries any more.</summary>
    public const string Endpoints = $"""
        with old as materialized (
            select id from webhooks.endpoints where deleted_at < $1 and id > $2 order by id limit $3),
        gone as (
            delete from webhooks.endpoints endpoint using old
            where endpoint.id = old.id and not exists (select from webhooks.deliveries where endpoint_id = old.id)
            returning 1)
        {Result}
        """;

    public const string Audit = $"""
        with old as materialized (
            select id from webhooks.audit where id > $2 and id < $1 order by id limit $3),
        gone as (
            delete from webhooks.audit entry using old where entry.id = old.id returning 1)
        {Result}
        """;

    /// <summary>For how long the series that is farthest behind has not been counted.</summary>
    public const string Uncounted = "select now() - min(minutes) from webhooks.series_marks";

    /// <summary>
    /// Counts of series, of the step <c>$4</c>. Minutes of which no hour was made yet stay.
    /// </summary>
    public const string Series = """
        with old as materialized (
            select name, step, label, at from webhooks.series series
            where step = $4 and at < $1 and at < (select hours from webhooks.series_marks mark where mark.name = series.name)
            order by at limit $3),
        gone as (
            delete from webhooks.series series using old
            where (series.name, series.step, series.label, series.at) = (old.name, old.step, old.label, old.at)
            returning 1)
        select (select count(*) from gone), (select count(*) from old), $2::uuid
        """;

    // The event and its tasks have no open job. The condition names the column ended: with finished_at, Postgres may use the
    // index of open jobs, and read all of them for each event.
    private const string HasEnded = """
        not exists (select from webhooks.jobs where ref_id = old.id and ended is null)
            and not exists (
                select from webhooks.agent_tasks task join webhooks.jobs job on job.ref_id = task.id
                where task.event_id = old.id and job.ended is null)
        """;

    private const string EmptyObject = "{}";

    private const string Last = "(select id from old order by id desc limit 1)";

    private const string Result = $"select (select count(*) from gone), (select count(*) from old), {Last}";
}
