// Verifies each POST with Paddle's library.
// usage: WEBHOOK_SECRET_PADDLE=... node paddle-server.mjs
import { Paddle } from '@paddle/paddle-node-sdk';
import { serve } from './server.mjs';

const { webhooks } = new Paddle('unused');

async function verify(body, headers) {
  const valid = await webhooks.isSignatureValid(body, process.env.WEBHOOK_SECRET_PADDLE, headers['paddle-signature'] ?? '');
  if (!valid) throw new Error('the signature does not match');
}

serve(verify, []);
