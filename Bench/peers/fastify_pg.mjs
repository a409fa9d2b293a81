// A receiver on Fastify with node-postgres: an HMAC over "{timestamp}.{body}", an insert for each event.
// Environment: PG (a URL), WEBHOOK_SECRET, WEBHOOK_PATH, PORT.
import { createHmac, timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';

const { PG, WEBHOOK_SECRET, WEBHOOK_PATH, PORT } = process.env;
const pool = new pg.Pool({ connectionString: PG, max: 20 });
await pool.query(`create table if not exists peer_events (
  id text primary key, received_at timestamptz not null default now(), status text not null default 'queued', payload jsonb not null)`);
const insert = 'insert into peer_events (id, payload) values ($1, $2) on conflict do nothing';

const app = Fastify({ bodyLimit: 1 << 20 });
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.get('/ready', async () => 'ready');
app.post(WEBHOOK_PATH, async (request, reply) => {
  const [timestamp, signature, id] = ['x-webhook-timestamp', 'x-webhook-signature', 'x-event-id'].map(name => request.headers[name]);
  if (!timestamp || !signature || !id || Math.abs(Date.now() / 1000 - timestamp) > 3600) return reply.code(400).send();
  const expected = createHmac('sha256', WEBHOOK_SECRET).update(`${timestamp}.`).update(request.body).digest();
  const sent = Buffer.from(signature, 'hex');
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return reply.code(401).send();
  const payload = request.body.toString('utf8');
  JSON.parse(payload);
  const { rowCount } = await pool.query({ name: 'insert', text: insert, values: [id, payload] });
  return reply.code(rowCount ? 202 : 200).send({ queued: rowCount === 1 });
});
await app.listen({ port: +PORT, host: '127.0.0.1' });
