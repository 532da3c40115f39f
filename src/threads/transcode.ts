import { serveThread } from '../adapters/thread-side.ts'
import { transcoded } from '../otlp/transcode.ts'

// What a thread of the pool runs: a door of the bundle.
serveThread(transcoded)
