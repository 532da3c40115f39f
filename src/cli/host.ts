import { realClock } from '../adapters/clock.ts'
import { realDisk } from '../adapters/disk.ts'
import { realFiles } from '../adapters/files.ts'
import { lazyNetwork } from '../adapters/network.ts'
import { environment, interruption, onLeaving, onPause, onReload, random } from '../adapters/process.ts'
import { realProcesses } from '../adapters/processes.ts'
import { openScreen } from '../adapters/screen.ts'
import { realTerminal } from '../adapters/terminal.ts'
import { lazyThreads } from '../adapters/threads.ts'
import { realTools } from '../adapters/tools.ts'
import type { Host } from '../core/host.ts'

/** The real world, as the commands see it. */
export function realHost(): Host {
  const env = environment()
  return {
    clock: realClock,
    random,
    env,
    files: realFiles,
    disk: realDisk,
    network: lazyNetwork(),
    threads: lazyThreads(),
    processes: realProcesses,
    tools: realTools,
    terminal: realTerminal(env),
    openScreen,
    interrupted: interruption(),
    onPause,
    onReload,
    onLeaving,
  }
}
