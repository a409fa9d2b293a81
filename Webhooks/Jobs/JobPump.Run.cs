namespace Aspire.Webhooks.Jobs;

/// <remarks>What one job goes through here, from its claim to its settlement.</remarks>
public sealed partial class JobPump<THandler>
{
    private const double ShortestSlowAfter = 0.1;

    // The fewer places are left, the sooner a job has to give up its own: a thousand that hang, and were not known to, do not
    // take them all at once.
    private TimeSpan SlowAfter(int left) => _options.SlowAfter * Math.Max((double)left / _options.Concurrency, ShortestSlowAfter);

    private async Task RunAsync(LeasedJob job, JobPlace place, TimeSpan slowAfter)
    {
        await Task.Yield();
        bool? wasSlow = null;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_graceOver.Token);
        _leases.Add(job, cancel);
        try
        {
            JobOutcome outcome;
            var start = _time.GetTimestamp();
            await using (TimerFor(job, place, start, slowAfter))
            {
                outcome = await OutcomeAsync(job, cancel.Token);
                wasSlow = outcome.Succeeded is { } succeeded ? succeeded && _time.GetElapsedTime(start) >= _options.SlowAfter : null;
            }

            outcome = outcome with { IsSlow = _options.SlowConcurrency > 0 && (outcome.IsSlow || outcome.Succeeded == false) };

            if (!await _settler.SettleAsync(job, outcome))
            {
                JobPumpLog.LeaseLost(_logger, Kind, job.Id);
            }
            else if (outcome.Wakes is { } next)
            {
                _wakeup.Notify(next);
            }
        }
        catch (Exception exception)
        {
            // The lease runs out and the job is done again; nothing of this run was committed.
            JobPumpLog.SettleFailed(_logger, Kind, job.Id, exception);
        }
        finally
        {
            _leases.Remove(job);
            var wasFull = _lanes.Leave(job.Lane, wasSlow);
            place.Leave();
            if (wasFull)
            {
                _wakeup.Signal(Kind);
            }
        }
    }

    // It gives its place up sooner than others only where there is one to go to; else when its time has come, as all do.
    private ITimer? TimerFor(LeasedJob job, JobPlace place, long start, TimeSpan slowAfter)
    {
        if (_options.SlowConcurrency == 0)
        {
            return null;
        }

        ITimer timer = null!;
        timer = _time.CreateTimer(
            _ =>
            {
                if (_time.GetElapsedTime(start) < _options.SlowAfter && !_slowPlaces.HasFree)
                {
                    timer.Change(slowAfter, Timeout.InfiniteTimeSpan);
                    return;
                }

                _lanes.Slow(job.Lane);
                place.MoveTo(_slowPlaces);
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(slowAfter, Timeout.InfiniteTimeSpan);
        return timer;
    }

    private async Task<JobOutcome> OutcomeAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        // A job that takes its process down never reaches the catch below; its claims are counted all the same.
        if (_lanes.ScheduleOf(job.Lane).AtStart(job.Attempt) is { } givenUp)
        {
            return givenUp;
        }

        var started = _time.GetTimestamp();
        try
        {
            return await _handler.RunAsync(job, cancellationToken);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            JobPumpLog.HandedBack(_logger, Kind, job.Id, exception);
            return JobOutcome.HandBack();
        }
        catch (Exception exception)
        {
            return Failed(job, exception);
        }
        finally
        {
            JobMetrics.Ran(Kind, _time.GetElapsedTime(started));
        }
    }

    private JobOutcome Failed(LeasedJob job, Exception exception)
    {
        JobPumpLog.Failed(_logger, Kind, job.Id, job.Attempt, exception);
        var error = _redactor.Redact($"{exception.GetType().Name}: {exception.Message}");
        return _lanes.ScheduleOf(job.Lane).AfterFailure(job.Attempt, error);
    }
}
