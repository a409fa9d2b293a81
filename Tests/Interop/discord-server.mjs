// Verifies each POST with Discord's library.
// usage: DISCORD_PUBLIC_KEY=... node discord-server.mjs
import { verifyKey } from 'discord-interactions';
import { serve } from './server.mjs';

async function verify(body, headers) {
  const valid = await verifyKey(body, headers['x-signature-ed25519'] ?? '', headers['x-signature-timestamp'] ?? '', process.env.DISCORD_PUBLIC_KEY);
  if (!valid) throw new Error('the signature does not match');
}

serve(verify, []);
