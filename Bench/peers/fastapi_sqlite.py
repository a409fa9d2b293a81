"""A receiver on FastAPI: an HMAC over "{timestamp}.{body}", a SQLite row for each event, a queue in the process.

Environment: WEBHOOK_SECRET, WEBHOOK_PATH, WEBHOOK_DB. Run by uvicorn.
"""
import asyncio
import hashlib
import hmac
import json
import os
import time

import aiosqlite
from fastapi import FastAPI, HTTPException, Request

SECRET, DATABASE = os.environ["WEBHOOK_SECRET"].encode(), os.environ["WEBHOOK_DB"]
app = FastAPI()
queue: asyncio.Queue = asyncio.Queue()


@app.on_event("startup")
async def create():
    async with aiosqlite.connect(DATABASE) as db:
        await db.execute("create table if not exists events (id text primary key, received_at integer, status text, payload text)")
        await db.commit()


@app.get("/ready")
async def ready():
    return "ready"


@app.post(os.environ["WEBHOOK_PATH"], status_code=202)
async def receive(request: Request):
    body = await request.body()
    timestamp, signature, event_id = (request.headers.get(f"x-{name}") for name in ("webhook-timestamp", "webhook-signature", "event-id"))
    if not timestamp or not signature or not event_id or abs(time.time() - int(timestamp)) > 3600:
        raise HTTPException(400)
    expected = hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        raise HTTPException(401)
    payload = json.loads(body)
    try:
        async with aiosqlite.connect(DATABASE) as db:
            await db.execute("insert into events values (?, ?, 'queued', ?)", (event_id, int(time.time()), json.dumps(payload)))
            await db.commit()
    except aiosqlite.IntegrityError:
        return {"duplicate": True}
    queue.put_nowait(event_id)
    return {"queued": True}
