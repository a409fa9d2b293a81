import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

// The official client: starts the server that the arguments name, prints what it says of itself, then answers each line
// {"name":…,"arguments":…} of its own input with the tool's result, until the input ends.
const [command, ...args] = process.argv.slice(2);
const client = new Client({ name: 'interop', version: '1.0.0' });
const noise = [];
client.onerror = (error) => noise.push(error.message);
await client.connect(new StdioClientTransport({ command, args, env: process.env, stderr: 'inherit' }));
const { tools } = await client.listTools();
console.log(JSON.stringify({ server: client.getServerVersion(), instructions: client.getInstructions(), tools }));

for await (const line of createInterface({ input: process.stdin })) {
  const result = await client.callTool(JSON.parse(line)).catch((error) => ({ isError: true, content: [], thrown: error.message }));
  console.log(JSON.stringify({ ...result, noise }));
}
await client.close();
