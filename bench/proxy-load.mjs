// The load of bench/proxy.mjs, on bare sockets: what a client library costs would be taken from the two cores that the proxy needs.
// One process for the whole bench, so that it is warm: it reads a task a line, and answers each with a line.
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const BODY = 'x'.repeat(2048)
const REQUEST = Buffer.from(
  `POST /v1/traces HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
)
/** Every answer of the bench's backend ends with its body, and has it nowhere else. */
const END = Buffer.from('\r\n\r\n{}')

/** Kept connections to one server, one request on each at a time. What finds none free waits; its latency goes on. */
class Connections {
  #free = []
  #waiting = []
  #all = []

  static async open(port, count) {
    const connections = new Connections()
    for (let n = 0; n < count; n++) await connections.#add(port)
    return connections
  }

  /** `done` hears whether the answer was a good one. */
  send(done) {
    const socket = this.#free.pop()
    if (socket) this.#write(socket, done)
    else this.#waiting.push(done)
  }

  close() {
    for (const socket of this.#all) socket.destroy()
  }

  #add(port) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#all.push(socket)
    let answer = Buffer.alloc(0)
    socket.on('data', part => {
      answer = answer.length === 0 ? part : Buffer.concat([answer, part])
      if (answer.indexOf(END) < 0) return
      const { done } = socket
      const good = answer.toString('latin1', 9, 12) === '200'
      answer = Buffer.alloc(0)
      const next = this.#waiting.shift()
      if (next) this.#write(socket, next)
      else this.#free.push(socket)
      done(good)
    })
    socket.on('error', () => socket.done?.(false))
    this.#free.push(socket)
    return new Promise(resolve => socket.once('connect', resolve))
  }

  #write(socket, done) {
    socket.done = done
    socket.write(REQUEST)
  }
}

/** Each connection sends as soon as it has its answer. */
function closedLoop(connections, { seconds, atOnce }, ended) {
  const until = performance.now() + seconds * 1000
  const lane = () =>
    new Promise(resolve => {
      const next = () => {
        const at = performance.now()
        if (at >= until) return resolve()
        connections.send(good => {
          ended(at, good)
          next()
        })
      }
      next()
    })
  return Promise.all(Array.from({ length: atOnce }, lane))
}

/**
 * Requests are due at even distances, whatever becomes of those before; the time that one is late counts as its latency.
 * Those of the lead-in are sent like the others, and not counted.
 */
function openLoop(connections, { leadIn, seconds, rate }, ended) {
  const start = performance.now()
  const total = Math.floor((leadIn + seconds) * rate)
  let sent = 0
  let answered = 0
  return new Promise(resolve => {
    const send = () => {
      const due = start + (sent++ / rate) * 1000
      connections.send(good => {
        ended(due, good)
        if (++answered === total) resolve()
      })
    }
    const tick = () => {
      const dueByNow = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate) + 1)
      while (sent < dueByNow) send()
      if (sent < total) setTimeout(tick, 1)
    }
    tick()
  })
}

async function measure(task) {
  const latencies = []
  let failed = 0
  const connections = await Connections.open(task.port, task.atOnce)
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const from = start + (task.leadIn ?? 0) * 1000
  await (task.rate === undefined ? closedLoop : openLoop)(connections, task, (since, good) => {
    if (!good) failed++
    else if (since >= from) latencies.push(performance.now() - since)
  })
  const elapsed = (performance.now() - from) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  connections.close()
  latencies.sort((a, b) => a - b)
  const at = share => latencies[Math.floor(share * (latencies.length - 1))] ?? 0
  return {
    perSecond: latencies.length / elapsed,
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    failed,
    cpuMicroseconds: (user + system) / Math.max(1, latencies.length),
  }
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await measure(JSON.parse(line))))
