// How many no-op jobs with 1 KiB of payload a queue on Postgres works off per second, after half as many to warm up.
// Environment: QUEUE (graphile-worker or pg-boss), JOBS, PG (a URL).
import pg from 'pg';

const { QUEUE, JOBS, PG } = process.env;
const concurrency = 10;
const payload = { note: 'x'.repeat(1024) };
let expected = 0, seen = 0, started, finished;

const hit = count => {
  started ??= performance.now();
  seen += count;
  if (seen >= expected) finished(performance.now() - started);
};
const drained = count => new Promise(resolve => { [expected, seen, started, finished] = [count, 0, undefined, resolve]; });

const queues = {
  // The preset that its documentation gives for throughput: a local queue, completions in batches.
  async 'graphile-worker'() {
    const { run, makeWorkerUtils } = await import('graphile-worker');
    const utils = await makeWorkerUtils({ connectionString: PG });
    await utils.migrate();
    return {
      add: count => utils.withPgClient(client => client.query(
        `select graphile_worker.add_jobs(array(
           select ('noop', $1::json, null, null, null, null, null, null)::graphile_worker.job_spec from generate_series(1, $2)))`,
        [JSON.stringify(payload), count])),
      work: () => run({
        preset: {
          worker: {
            connectionString: PG, maxPoolSize: concurrency + 2, concurrentJobs: concurrency,
            localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0,
          },
        },
        taskList: { noop: async () => hit(1) }, noHandleSignals: true,
      }),
    };
  },
  async 'pg-boss'() {
    const { PgBoss } = await import('pg-boss');
    const boss = new PgBoss({ connectionString: PG, max: concurrency + 4 });
    await boss.start();
    await boss.createQueue('noop');
    return {
      async add(count) {
        for (let at = 0; at < count; at += 1000)
          await boss.insert('noop', Array.from({ length: Math.min(1000, count - at) }, () => ({ data: payload })));
      },
      async work() {
        for (let worker = 0; worker < concurrency; worker++)
          await boss.work('noop', { batchSize: 200, pollingIntervalSeconds: 0.5 }, async jobs => hit(jobs.length));
      },
    };
  },
};

async function analyze() {
  const client = new pg.Client({ connectionString: PG });
  await client.connect();
  await client.query('analyze');
  await client.end();
}

const queue = await queues[QUEUE]();
for (const count of [Math.ceil(JOBS / 2), +JOBS]) {
  // Filled before it works, so that adding is not measured; the second time it works already, and gets all at once.
  const all = drained(count);
  await queue.add(count);
  if (count !== +JOBS) await analyze();
  if (count !== +JOBS) await queue.work();
  const milliseconds = await all;
  if (count === +JOBS) console.log(`jobs=${count} jobs_per_s=${(count / milliseconds * 1000).toFixed(0)}`);
}
process.exit(0);
