import { VirtualClock } from '../src/core/clock.ts'
import { FailoverctlError } from '../src/core/errors.ts'
import type { Files, Host, Network } from '../src/core/host.ts'
import { seeded } from '../src/core/random.ts'
import { transcoded } from '../src/otlp/transcode.ts'
import { FakeProcesses } from './fake-processes.ts'
import { FakeTools } from './fake-tools.ts'
import { FakeDisk } from './replay/fake-disk.ts'

export interface FakeHost extends Host {
  readonly clock: VirtualClock
  readonly disk: FakeDisk
  readonly processes: FakeProcesses
  readonly tools: FakeTools
  /** What the command has printed so far. */
  readonly out: string
  readonly err: string
  /** By path; what a command writes is found here too. `-` is standard input. */
  readonly contents: Map<string, Uint8Array>
  /** Presses Ctrl-C. */
  interrupt(): void
  /** Sends SIGUSR1 or SIGUSR2. */
  wish(wish: 'pause' | 'resume'): void
}

export interface FakeWorld {
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly env?: Readonly<Record<string, string>>
  readonly network?: Partial<Network>
  readonly colour?: boolean
}

/** A world in memory: time stands still until told, files are a map, nothing is printed anywhere. */
export function fakeHost({ files = {}, env = {}, network = {}, colour = false }: FakeWorld = {}): FakeHost {
  const contents = new Map(
    Object.entries(files).map(([path, data]) => [path, typeof data === 'string' ? new TextEncoder().encode(data) : data]),
  )
  const printed = { out: '', err: '' }
  const interruption = new AbortController()
  const hearers = new Set<(wish: 'pause' | 'resume') => void>()
  return {
    clock: new VirtualClock(),
    random: seeded(1),
    env,
    files: fakeFiles(contents),
    disk: new FakeDisk(contents),
    network: {
      request: nobodyThere,
      get: nobodyThere,
      call: nobodyThere,
      listen: nobodyThere,
      listenGrpc: nobodyThere,
      exchange: nobodyThere,
      serve: nobodyThere,
      relay: nobodyThere,
      connect: nobodyThere,
      services: nobodyThere,
      close: async () => {},
      ...network,
    },
    processes: new FakeProcesses(),
    tools: new FakeTools(),
    threads: { transcode: async job => transcoded(job), close: async () => {} },
    terminal: {
      out: text => void (printed.out += text),
      err: text => void (printed.err += text),
      status: () => {},
      watched: false,
      bars: () => {},
      colour: { out: colour, err: colour },
    },
    openScreen: () => undefined,
    interrupted: interruption.signal,
    onReload: () => () => {},
    onLeaving: () => () => {},
    onPause: hear => {
      hearers.add(hear)
      return () => void hearers.delete(hear)
    },
    wish: wish => {
      for (const hear of hearers) hear(wish)
    },
    contents,
    get out() {
      return printed.out
    },
    get err() {
      return printed.err
    },
    interrupt: () => interruption.abort(new FailoverctlError('interrupted', 'interrupted')),
  }
}

function fakeFiles(contents: Map<string, Uint8Array>): Files {
  let folders = 0
  return {
    read: async path => {
      const data = contents.get(path)
      if (!data) throw new FailoverctlError('no-such-file', `${path}: no such file`, 'Check the path.')
      return data
    },
    exists: async path => contents.has(path),
    folder: async path =>
      contents.has(path) ? 'no-folder' : [...contents.keys()].some(file => file.startsWith(`${path}/`)) ? 'writable' : 'missing',
    glob: async patterns => [...contents.keys()].filter(path => patterns.some(pattern => globPattern(pattern).test(path))).sort(),
    stamp: async path => contents.get(path) && new TextDecoder().decode(contents.get(path)),
    write: async (path, data) => void contents.set(path, data),
    append: async (path, data) => void contents.set(path, new Uint8Array([...(contents.get(path) ?? []), ...data])),
    temporaryFolder: async prefix => `/tmp/${prefix}-${++folders}`,
    remove: async folder => {
      for (const path of contents.keys()) if (path === folder || path.startsWith(`${folder}/`)) contents.delete(path)
    },
  }
}

// Enough of a glob for a test: `**/`, `*` and literal text.
const globPattern = (glob: string) =>
  new RegExp(`^${glob.replace(/[.+^$()|]/g, '\\$&').replace(/\*\*\/|\*/g, star => (star === '*' ? '[^/]*' : '(?:.*/)?'))}$`)

const nobodyThere = () => Promise.reject(new Error('the test did not say what the network answers'))
