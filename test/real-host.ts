import { fileURLToPath } from 'node:url'
import { realClock } from '../src/adapters/clock.ts'
import { realDisk } from '../src/adapters/disk.ts'
import { realFiles } from '../src/adapters/files.ts'
import { lazyNetwork } from '../src/adapters/network.ts'
import { realProcesses } from '../src/adapters/processes.ts'
import { lazyThreads } from '../src/adapters/threads.ts'
import { realTools } from '../src/adapters/tools.ts'
import type { Host } from '../src/core/host.ts'
import { threadProgram } from './thread-program.ts'

const builtTool = fileURLToPath(new URL('../bin/failoverctl.js', import.meta.url))

export interface TestHost extends Host {
  /** What a person would have seen. */
  readonly printed: { out: string; err: string }
  interrupt(): void
}

/** The real clock, files and network, with the console captured and a Ctrl-C of its own. */
export function testHost(env: Readonly<Record<string, string | undefined>> = {}): TestHost {
  const printed = { out: '', err: '' }
  const controller = new AbortController()
  return {
    printed,
    interrupt: () => controller.abort(new Error('SIGINT')),
    clock: realClock,
    random: Math.random,
    env,
    files: realFiles,
    disk: realDisk,
    network: lazyNetwork(),
    threads: lazyThreads(threadProgram),
    // The program of this process is the test's runner.
    processes: { ...realProcesses, own: () => [process.execPath, builtTool] },
    tools: realTools,
    terminal: {
      out: text => {
        printed.out += text
      },
      err: text => {
        printed.err += text
      },
      status: () => {},
      watched: false,
      bars: () => {},
      colour: { out: false, err: false },
    },
    openScreen: () => undefined,
    interrupted: controller.signal,
    onPause: () => () => {},
    onReload: () => () => {},
    onLeaving: () => () => {},
  }
}
