import { type Command, Option } from 'commander'
import { readFault } from '../experiment/read-fault.ts'
import type { Action, WishedFault } from '../experiment/wish.ts'
import { listFlag } from './values.ts'

/** Every fault that a flag can ask for: the option, its action, how it is written and what happens. */
const FLAGS: readonly (readonly [flag: string, action: Action, value: string, description: string])[] = [
  ['stop', 'stop', 'backends', 'end it: its port is closed and its connections are reset'],
  ['kill', 'kill', 'backends', 'end its process on the spot (SIGKILL)'],
  ['pause', 'pause', 'backends', 'let it take connections and answer nothing'],
  ['restart', 'restart', 'backends', 'end it and start it again at once'],
  ['partition', 'partition', 'backends', 'drop the packets between it and the collector'],
  ['latency', 'latency', 'backend=time', 'let it answer so much later'],
  ['loss', 'loss', 'backend=share', 'lose a share of its packets, such as 30%'],
  ['reject', 'reject', 'backend=status', 'let it answer with an HTTP status; 503 alone: level 0 does'],
  ['partial-success', 'partial-success', 'backend=share', 'let it reject a share of the spans, as OTLP allows'],
  ['reset', 'reset', 'backends', 'let it break connections off instead of answering'],
  ['disk-full', 'disk-full', 'subjects', 'fill the volume that it writes to'],
  ['flap', 'flap', 'backend=down/up', 'down and up again and again, such as primary=2s/2s'],
  ['crash', 'crash', 'collector', 'kill the collector under test and start it again'],
  ['node-loss', 'node-loss', 'subjects', 'kill its pods, and let their nodes take no others'],
  ['change-config', 'config', 'collector=file', 'let it run with another config for a while'],
]

/** By the name that commander gives an option: `diskFull`. */
export type FaultOptions = Readonly<Record<string, unknown>>

export const withFaultFlags = (command: Command): Command =>
  FLAGS.reduce((all, [flag, , value, description]) => {
    const option = new Option(`--${flag} <${value}>`, description)
    return all.addOption(option.argParser(listFlag))
  }, command)

/** The faults that the flags ask for, in the order of the table. Throws `wrong-use` with an example. */
export const wishedFaults = (options: FaultOptions): WishedFault[] =>
  FLAGS.flatMap(([flag, action]) =>
    ((options[camel(flag)] as readonly string[] | undefined) ?? []).map(text =>
      readFault(action, meant(action, text), `--${flag}`),
    ),
  )

/** `--reject 503` means the backends of level 0. */
const meant = (action: Action, text: string): string =>
  action === 'reject' && /^[45]\d\d(@|$)/.test(text) ? `level0=${text}` : text

const camel = (flag: string): string => flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
